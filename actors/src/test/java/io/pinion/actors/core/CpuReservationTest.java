package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuReservationTest {
    /** The folder of a machine without control groups, until a test puts some there. */
    @TempDir
    Path root;

    private final FakeAffinity affinity = new FakeAffinity(CpuMask.range(0, 7));

    private static CoreSettings settings(String reserve) {
        return CoreSettings.of(ConfigFactory.parseString("pinion.cores.reserve = " + reserve)
                .withFallback(ConfigFactory.defaultReference()));
    }

    private CpuReservation take(String reserve) {
        return CpuReservation.take(settings(reserve), affinity, root);
    }

    @Test
    void coresGetCpusOfTheirOwnAndTheLogSaysWhichAndWhy() {
        try (CapturedLog log = new CapturedLog(CpuReservation.class);
                CpuReservation cpus = take("\"25%\"")) {
            assertEquals(2, cpus.cores());
            assertEquals(OptionalInt.of(6), cpus.placement().cpu(0));
            assertEquals(OptionalInt.of(7), cpus.placement().cpu(1));
            assertEquals(
                    List.of("Cores: 2, pinned to CPUs 6-7; everything else of this process runs on 0-5"
                            + " (this process may use 8 CPUs (0-7), pinion.cores.reserve is 25%)"),
                    log.lines());
        }
    }

    @Test
    void theQuotaOfTheControlGroupsCounts() throws IOException {
        Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(root.resolve("proc/self/cgroup"), "0::/\n");
        Files.writeString(root.resolve("proc/self/mountinfo"), "41 31 0:38 / /cg rw - cgroup2 cgroup2 rw\n");
        Files.createDirectories(root.resolve("cg"));
        Files.writeString(root.resolve("cg/cpu.max"), "300000 100000\n");

        try (CapturedLog log = new CapturedLog(CpuReservation.class);
                CpuReservation cpus = take("auto")) {
            assertEquals(1, cpus.cores());
            assertEquals(OptionalInt.empty(), cpus.placement().cpu(0));
            assertEquals(
                    List.of("Cores: 1, unpinned: this process may use 3 of 8 CPUs (0-7; quota 3.0)"
                            + " and pinion.cores.minimum is 4"),
                    log.lines());
        }
    }

    @Test
    void aQuotaThatCannotBeReadIsTakenForNoneAndSaid() throws IOException {
        Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(root.resolve("proc/self/cgroup"), "nonsense\n");
        Files.writeString(root.resolve("proc/self/mountinfo"), "");

        try (CapturedLog log = new CapturedLog(CpuReservation.class);
                CpuReservation cpus = take("auto")) {
            assertEquals(4, cpus.cores());
            assertTrue(log.lines().getFirst().contains("quota of this process is not known"));
        }
    }

    @Test
    void whereTheSystemRefusesCoresAreAsManyUnpinnedAndTheLogSaysWhy() {
        affinity.refuse(AffinityException.EPERM);

        try (CapturedLog log = new CapturedLog(CpuReservation.class);
                CpuReservation cpus = take("auto")) {
            assertEquals(4, cpus.cores());
            assertEquals(OptionalInt.empty(), cpus.placement().cpu(0));
            assertEquals(1, log.lines().size());
            String line = log.lines().getFirst();
            assertTrue(line.startsWith("Cores: 4, unpinned: the system does not let threads be pinned"), line);
            assertTrue(line.contains("CPUs 4) failed: errno 1 (EPERM, Operation not permitted)"), line);
        }
    }

    @Test
    void whereTheSystemHasNoAffinityCoresAreUnpinnedAndTheLogSaysWhy() {
        Affinity none = new NoAffinity("threads can be kept on CPUs on Linux only, and this is Plan 9");

        try (CapturedLog log = new CapturedLog(CpuReservation.class);
                CpuReservation cpus = CpuReservation.take(settings("3"), none, root)) {
            assertEquals(3, cpus.cores());
            assertEquals(0, cpus.placement().enter(2));
            assertFalse(cpus.placement().setBack(0, 5));
            assertFalse(cpus.placement().restore(0));
            cpus.placement().leave(0);
            assertEquals(
                    List.of(
                            "Cores: 3, unpinned: the system does not let threads be pinned: threads can be kept on CPUs on"
                                    + " Linux only, and this is Plan 9"),
                    log.lines());
        }
    }

    @Test
    void aSecondSystemInTheProcessRunsUnpinnedBesideTheFirst() {
        try (CpuReservation first = take("[6, 7]");
                CapturedLog log = new CapturedLog(CpuReservation.class);
                CpuReservation second = take("[6, 7]")) {
            assertEquals(OptionalInt.of(6), first.placement().cpu(0));
            assertEquals(2, second.cores());
            assertEquals(OptionalInt.empty(), second.placement().cpu(0));
            assertEquals(
                    List.of("Cores: 2, unpinned: another actor system of this process has reserved CPUs"), log.lines());
        }
    }

    @Test
    void whatWasReservedCanBeReservedAgainAfterItsClose() {
        take("auto").close();

        try (CpuReservation cpus = take("auto")) {
            assertEquals(OptionalInt.of(4), cpus.placement().cpu(0));
        }
    }

    @Test
    void settingsThatDoNotFitTheMachineAreRefusedAndReserveNothing() {
        assertThrows(ConfigException.class, () -> take("8"));
        assertThrows(ConfigException.class, () -> take("[7, 8]"));

        try (CpuReservation cpus = take("7")) {
            assertEquals(OptionalInt.of(1), cpus.placement().cpu(0));
        }
    }

    @Test
    void anUnpinnedThreadOfACoreKnowsItsIdAndCanBeSetBack() throws Exception {
        Affinity real = LinuxCpus.affinity();
        Placement placement = new UnpinnedPlacement(real);
        try (LinuxCpus.Idler thread = new LinuxCpus.Idler()) {
            assertEquals(real.threadId(), placement.enter(0));
            assertTrue(placement.setBack(thread.id(), 7));
        }
    }
}
