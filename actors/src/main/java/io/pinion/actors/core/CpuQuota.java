package io.pinion.actors.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The CPU time that the control groups of this process grant, by version 2 ({@code cpu.max}) and version 1
 * ({@code cpu.cfs_quota_us} over {@code cpu.cfs_period_us}). A group is bound by its own limit and by those of all groups
 * that it stands in, as far up as they can be seen: in a container that is its own.
 *
 * <p>Where a group stands: {@code /proc/self/cgroup} has its path, and {@code /proc/self/mountinfo} what part of the
 * hierarchy is mounted where.
 */
final class CpuQuota {
    private final Path root;

    private CpuQuota(Path root) {
        this.root = root;
    }

    /**
     * The least of all limits in CPUs, as in 2.5; empty if there is none, or no control groups.
     *
     * @param root the folder that {@code proc} and the mounts stand in, {@code /} but in tests
     * @throws IOException if something is there and cannot be read or understood
     */
    static OptionalDouble read(Path root) throws IOException {
        return new CpuQuota(root).read();
    }

    private OptionalDouble read() throws IOException {
        Path groups = root.resolve("proc/self/cgroup");
        Path mounts = root.resolve("proc/self/mountinfo");
        double least = Double.POSITIVE_INFINITY;
        if (Files.exists(groups) && Files.exists(mounts)) {
            List<String> mountLines = Files.readAllLines(mounts);
            for (String line : Files.readAllLines(groups)) {
                least = Math.min(least, ofHierarchy(line, mountLines));
            }
        }
        return Double.isInfinite(least) ? OptionalDouble.empty() : OptionalDouble.of(least);
    }

    /** @param line as in {@code 0::/a/b} of version 2 or {@code 4:cpu,cpuacct:/a/b} of version 1 */
    private double ofHierarchy(String line, List<String> mountLines) throws IOException {
        String[] fields = line.split(":", 3);
        if (fields.length < 3) {
            throw new IOException("not understood in proc/self/cgroup: \"" + line + "\"");
        }
        boolean unified = fields[1].isEmpty() && fields[0].equals("0");
        if (!unified && !hasCpu(fields[1])) {
            return Double.POSITIVE_INFINITY;
        }
        Optional<Mount> mount = mountLines.stream()
                .flatMap(mountLine -> Mount.parse(mountLine).stream())
                .filter(candidate -> unified ? candidate.isUnified() : candidate.isOfCpu())
                .findFirst();
        return mount.isEmpty() ? Double.POSITIVE_INFINITY : leastUpwards(mount.get(), fields[2], unified);
    }

    private double leastUpwards(Mount mount, String group, boolean unified) throws IOException {
        Path top = root.resolve(mount.point().substring(1)).normalize();
        double least = Double.POSITIVE_INFINITY;
        for (Path folder = top.resolve(mount.below(group)).normalize();
                folder != null && folder.startsWith(top);
                folder = folder.getParent()) {
            least = Math.min(least, unified ? unifiedLimit(folder) : oldLimit(folder));
        }
        return least;
    }

    private static double unifiedLimit(Path folder) throws IOException {
        Path file = folder.resolve("cpu.max");
        if (!Files.exists(file)) {
            return Double.POSITIVE_INFINITY; // the root, and a group whose controller is off
        }
        String[] fields = Files.readString(file).strip().split(" ", -1);
        if (fields[0].equals("max")) {
            return Double.POSITIVE_INFINITY;
        }
        if (fields.length != 2) {
            throw new IOException("not understood in " + file + ": \"" + String.join(" ", fields) + "\"");
        }
        return ratio(number(fields[0], file), number(fields[1], file), file);
    }

    private static double oldLimit(Path folder) throws IOException {
        Path quota = folder.resolve("cpu.cfs_quota_us");
        Path period = folder.resolve("cpu.cfs_period_us");
        if (!Files.exists(quota) || !Files.exists(period)) {
            return Double.POSITIVE_INFINITY;
        }
        long micros = number(Files.readString(quota).strip(), quota);
        return micros < 0
                ? Double.POSITIVE_INFINITY
                : ratio(micros, number(Files.readString(period).strip(), period), period);
    }

    private static double ratio(long quota, long period, Path file) throws IOException {
        if (quota <= 0 || period <= 0) {
            throw new IOException("not understood in " + file + ": a quota of " + quota + " in " + period);
        }
        return (double) quota / period;
    }

    private static long number(String text, Path file) throws IOException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("not a number in " + file + ": \"" + text + "\"", e);
        }
    }

    private static boolean hasCpu(String controllers) {
        return Arrays.asList(controllers.split(",", -1)).contains("cpu");
    }

    /**
     * A mounted hierarchy.
     *
     * @param group the group that is seen at the mount point
     * @param controllers of version 1
     */
    private record Mount(String group, String point, String type, String controllers) {
        /** @param line as in {@code 36 35 0:31 /a /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup rw,cpu} */
        static Optional<Mount> parse(String line) {
            String[] fields = line.split(" ", -1);
            int dash = Arrays.asList(fields).indexOf("-");
            if (dash < 6 || fields.length < dash + 4) {
                return Optional.empty();
            }
            return Optional.of(new Mount(fields[3], fields[4], fields[dash + 1], fields[dash + 3]));
        }

        boolean isUnified() {
            return type.equals("cgroup2");
        }

        boolean isOfCpu() {
            return type.equals("cgroup") && hasCpu(controllers);
        }

        /** Where a group lies below the mount point; at it, if it is not seen from here. */
        String below(String path) {
            if (path.startsWith("/..")) {
                return "";
            }
            String prefix = group.equals("/") ? "/" : group + "/";
            return path.startsWith(prefix) ? path.substring(prefix.length()) : "";
        }
    }
}
