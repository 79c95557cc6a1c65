package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuQuotaTest {
    private static final String UNIFIED = "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw\n";
    private static final String OLD_CPU =
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n";
    private static final String OLD_OTHER = "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n";

    @TempDir
    Path root;

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void process(String groups, String mounts) throws IOException {
        write("proc/self/cgroup", groups);
        write("proc/self/mountinfo", "23 1 0:21 / / rw - ext4 /dev/root rw\n" + mounts);
    }

    private OptionalDouble quota() throws IOException {
        return CpuQuota.read(root);
    }

    @Test
    void withoutControlGroupsThereIsNoQuota() throws IOException {
        assertEquals(OptionalDouble.empty(), quota());
    }

    @Test
    void aContainerSeesItsOwnGroupAsTheRoot() throws IOException {
        process("0::/\n", UNIFIED);
        write("sys/fs/cgroup/cpu.max", "250000 100000\n");

        assertEquals(OptionalDouble.of(2.5), quota());
    }

    @Test
    void theTightestGroupOnTheWayUpCounts() throws IOException {
        process("0::/a/b/c\n", UNIFIED);
        write("sys/fs/cgroup/a/cpu.max", "400000 100000\n");
        write("sys/fs/cgroup/a/b/cpu.max", "150000 50000\n");
        write("sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n");
        write("sys/fs/cgroup/other/cpu.max", "1000 100000\n");

        assertEquals(OptionalDouble.of(3), quota());
    }

    @Test
    void aGroupWithoutLimitHasNoQuota() throws IOException {
        process("0::/a\n", UNIFIED);
        write("sys/fs/cgroup/a/cpu.max", "max 100000\n");

        assertEquals(OptionalDouble.empty(), quota());
    }

    @Test
    void aGroupMountedInPartIsFoundBelowItsMountPoint() throws IOException {
        process("0::/machine/box/app\n", UNIFIED.replace(" / /sys", " /machine/box /sys"));
        write("sys/fs/cgroup/app/cpu.max", "200000 100000\n");

        assertEquals(OptionalDouble.of(2), quota());
    }

    @Test
    void aGroupThatCannotBeSeenIsBoundByWhatCan() throws IOException {
        process("0::/../../elsewhere\n", UNIFIED);
        write("sys/fs/cgroup/cpu.max", "100000 100000\n");

        assertEquals(OptionalDouble.of(1), quota());
    }

    @Test
    void theOldVersionHasQuotaAndPeriodInFilesOfTheirOwn() throws IOException {
        process("5:cpuset:/x\n4:cpuacct,cpu:/box/app\n0::/\n", OLD_OTHER + OLD_CPU);
        write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "350000\n");
        write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
        write("sys/fs/cgroup/cpu,cpuacct/box/app/cpu.cfs_quota_us", "-1\n");
        write("sys/fs/cgroup/cpu,cpuacct/box/app/cpu.cfs_period_us", "100000\n");

        assertEquals(OptionalDouble.of(3.5), quota());
    }

    @Test
    void withBothVersionsMountedTheTighterOneCounts() throws IOException {
        process("4:cpu,cpuacct:/\n0::/\n", OLD_CPU + UNIFIED.replace("/sys/fs/cgroup", "/sys/fs/cgroup/unified"));
        write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "600000\n");
        write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
        write("sys/fs/cgroup/unified/cpu.max", "500000 100000\n");

        assertEquals(OptionalDouble.of(5), quota());
    }

    @Test
    void whatIsNotUnderstoodIsSaidWithItsFile() throws IOException {
        process("0::/\n", UNIFIED);
        write("sys/fs/cgroup/cpu.max", "lots 100000\n");

        IOException e = assertThrows(IOException.class, this::quota);

        assertTrue(String.valueOf(e.getMessage()).contains("cpu.max: \"lots\""), e.getMessage());
    }

    @Test
    void theQuotaOfThisProcessCanBeRead() throws IOException {
        assertTrue(CpuQuota.read(Path.of("/")).orElse(1) > 0);
    }
}
