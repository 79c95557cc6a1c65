package io.pinion.bench;

import picocli.CommandLine.Option;

/** How the cores of a benchmark are set up. */
final class CoreOptions {
    /** The largest minimum there may be: with fewer CPUs, cores own none. */
    private static final int NEVER = 1024;

    @Option(names = "--pin", description = "cores own a CPU each (default: the system places their threads)")
    private boolean pin;

    String settings(int cores) {
        return pin ? pinned(cores) : unpinned(cores);
    }

    static String pinned(int cores) {
        return settings(cores, 1);
    }

    static String unpinned(int cores) {
        return settings(cores, NEVER);
    }

    private static String settings(int cores, int minimum) {
        return "pinion.cores { reserve = " + cores + ", minimum = " + minimum + " }";
    }
}
