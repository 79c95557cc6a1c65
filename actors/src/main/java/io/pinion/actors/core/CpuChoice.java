package io.pinion.actors.core;

import com.typesafe.config.ConfigException;
import java.util.Optional;

/**
 * How many cores there are, and which CPUs belong to them. Pure: same settings and supply, same choice.
 *
 * <p>By number, the highest CPUs are taken, as the lowest ones usually serve most interrupts. One CPU, and under a quota
 * the time of one, always stays for everything else of the process.
 *
 * @param cores how many, at least one
 * @param reserved the CPU of each core, as many as cores; empty if they are not pinned
 * @param rest the CPUs of everything else
 * @param reason what this follows from, for the log
 */
record CpuChoice(int cores, CpuMask reserved, CpuMask rest, String reason) {
    boolean isPinned() {
        return !reserved.isEmpty();
    }

    /**
     * Chooses where threads can be pinned.
     *
     * @throws ConfigException naming the key, if the supply does not have what is to be reserved
     */
    static CpuChoice of(CoreSettings settings, CpuSupply supply) {
        checkListed(settings.reserve(), supply);
        Optional<String> obstacle = obstacle(settings, supply);
        if (obstacle.isPresent()) {
            return unpinned(settings, supply, obstacle.get());
        }
        int cores = cores(settings.reserve(), supply);
        if (cores >= supply.usable()) {
            throw wrong(
                    settings.reserve(),
                    "leaves nothing for the rest of the node: at most " + (supply.usable() - 1)
                            + " can be reserved, as this process may use " + supply);
        }
        CpuMask reserved = settings.reserve() instanceof Reserve.Cpus(CpuMask listed)
                ? listed
                : supply.allowed().highest(cores);
        return new CpuChoice(
                cores,
                reserved,
                supply.allowed().minus(reserved),
                "this process may use " + supply + ", " + ReserveReader.KEY + " is " + settings.reserve());
    }

    /** As many cores as there would be with pinning. */
    static CpuChoice unpinned(CoreSettings settings, CpuSupply supply, String reason) {
        return new CpuChoice(cores(settings.reserve(), supply), CpuMask.NONE, supply.allowed(), reason);
    }

    private static void checkListed(Reserve reserve, CpuSupply supply) {
        if (reserve instanceof Reserve.Cpus(CpuMask listed) && !supply.allowed().containsAll(listed)) {
            throw wrong(
                    reserve,
                    "has CPUs that this process may not use: " + listed.minus(supply.allowed()) + "; it may use "
                            + supply.allowed());
        }
    }

    private static Optional<String> obstacle(CoreSettings settings, CpuSupply supply) {
        if (supply.usable() < settings.minimum()) {
            return Optional.of("this process may use " + supply + " and pinion.cores.minimum is " + settings.minimum());
        }
        if (supply.usable() == 1) {
            return Optional.of("this process may use " + supply + ", which the rest of the node needs");
        }
        return Optional.empty();
    }

    private static int cores(Reserve reserve, CpuSupply supply) {
        return switch (reserve) {
            case Reserve.Auto _ -> Math.max(1, supply.usable() / 2);
            case Reserve.Count(int count) -> count;
            case Reserve.Percent(double percent) -> Math.max(1, (int) (supply.usable() * percent / 100));
            case Reserve.Cpus(CpuMask cpus) -> cpus.size();
        };
    }

    private static ConfigException wrong(Reserve reserve, String problem) {
        return new ConfigException.BadValue(ReserveReader.KEY, reserve + " " + problem);
    }
}
