package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SweeperTest {
    private static final Duration SELDOM = Duration.ofHours(1);

    /** Moves threads of this very process; each test lets them go again. */
    @Nested
    class OnThisMachine {
        private final Affinity affinity = LinuxCpus.affinity();
        private final CpuMask allowed = LinuxCpus.allowed();
        private final CpuMask reserved = allowed.highest(1);
        private final CpuMask rest = allowed.minus(reserved);
        private final int cpu = reserved.toArray()[0];

        OnThisMachine() throws AffinityException {}

        private Sweeper sweeper() {
            return new Sweeper(affinity, allowed, reserved, SELDOM, () -> {});
        }

        private void letGo(Sweeper sweeper) {
            sweeper.start();
            sweeper.close();
        }

        @Test
        void aStrangerOnAReservedCpuIsSentAway() throws Exception {
            Sweeper sweeper = sweeper();
            try (LinuxCpus.Idler stranger = new LinuxCpus.Idler()) {
                affinity.set(stranger.id(), reserved);

                sweeper.sweep();

                assertEquals(rest, LinuxCpus.mask(stranger.id()));
            } finally {
                letGo(sweeper);
            }
        }

        @Test
        void aThreadOfACoreThatWasMovedIsBroughtBackUntilItLeaves() throws Exception {
            Sweeper sweeper = sweeper();
            try (LinuxCpus.Idler thread = new LinuxCpus.Idler()) {
                sweeper.enter(thread.id(), cpu);
                assertEquals(reserved, LinuxCpus.mask(thread.id()));

                affinity.set(thread.id(), rest);
                sweeper.sweep();
                assertEquals(reserved, LinuxCpus.mask(thread.id()));

                sweeper.leave(thread.id());
                sweeper.sweep();
                assertEquals(rest, LinuxCpus.mask(thread.id()));
            } finally {
                letGo(sweeper);
            }
        }

        @Test
        void theCollectorMayUseAllCpusAndNobodyElse() throws Exception {
            Sweeper sweeper = sweeper();
            try {
                sweeper.sweep();

                assertEquals(List.of(allowed), masks("GC Thread#"));
                assertEquals(List.of(allowed), masks("G1 "));
                assertEquals(List.of(rest), masks("java"));
                assertEquals(List.of(rest), masks("VM "));
                assertEquals(List.of(rest), masks("C2 Compiler"));
            } finally {
                letGo(sweeper);
            }
        }

        @Test
        void aClosedSweeperLetsEveryThreadGo() throws Exception {
            AtomicInteger closed = new AtomicInteger();
            Sweeper sweeper = new Sweeper(affinity, allowed, reserved, SELDOM, closed::incrementAndGet);
            sweeper.sweep();

            letGo(sweeper);

            assertEquals(List.of(allowed), masks(""));
            assertEquals(1, closed.get());
        }

        /** The different masks of threads whose name starts so; at least one has to be there. */
        private List<CpuMask> masks(String prefix) throws IOException {
            try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
                List<CpuMask> masks = threads.filter(thread -> name(thread).startsWith(prefix))
                        .map(SweeperTest::maskOrNone)
                        .filter(mask -> !mask.isEmpty())
                        .distinct()
                        .toList();
                assertTrue(!masks.isEmpty(), () -> "no thread " + prefix);
                return masks;
            }
        }
    }

    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    private static CpuMask maskOrNone(Path thread) {
        try {
            return LinuxCpus.mask(thread);
        } catch (IOException e) {
            if (Files.exists(thread)) {
                throw new UncheckedIOException(e);
            }
            return CpuMask.NONE; // it has ended
        }
    }

    /** On a machine that is made up; only the list of threads is this process's. */
    @Nested
    class OnAnother {
        private final FakeAffinity affinity = new FakeAffinity(CpuMask.range(0, 7));
        private final Sweeper sweeper = new Sweeper(affinity, CpuMask.range(0, 7), CpuMask.of(6, 7), SELDOM, () -> {});

        @Test
        void threadsThatAreWhereTheyBelongAreLeftAlone() throws Exception {
            try (LinuxCpus.Idler thread = new LinuxCpus.Idler()) {
                sweeper.enter(thread.id(), 6);
                sweeper.sweep();
                int changes = affinity.changes();

                sweeper.enter(thread.id(), 6);

                assertEquals(CpuMask.of(6), affinity.get(thread.id()));
                assertEquals(changes, affinity.changes());
            }
        }

        @Test
        void aCpuThatIsTakenAwayIsSaidOnceAndItsThreadsStayWhereTheKernelPutThem() throws Exception {
            try (CapturedLog log = new CapturedLog(Sweeper.class);
                    LinuxCpus.Idler thread = new LinuxCpus.Idler()) {
                sweeper.enter(thread.id(), 7);
                sweeper.sweep();

                affinity.online(CpuMask.range(0, 6));
                for (int i = 0; i < 3; i++) {
                    sweeper.sweep();
                }

                assertEquals(CpuMask.range(0, 6), affinity.get(thread.id()));
                assertEquals(1, linesOf(log, "threads of a core").size(), log.lines()::toString);
                assertTrue(linesOf(log, "threads of a core").getFirst().contains("errno 22 (EINVAL"));
            }
        }

        @Test
        void aCpuThatComesBackIsTakenAgain() throws Exception {
            try (LinuxCpus.Idler thread = new LinuxCpus.Idler()) {
                affinity.online(CpuMask.range(0, 6));
                sweeper.enter(thread.id(), 7);

                affinity.online(CpuMask.range(0, 7));
                sweeper.sweep();

                assertEquals(CpuMask.of(7), affinity.get(thread.id()));
            }
        }

        @Test
        void whenTheRestShrinksOthersKeepToWhatIsLeftOfIt() throws Exception {
            try (CapturedLog log = new CapturedLog(Sweeper.class);
                    LinuxCpus.Idler thread = new LinuxCpus.Idler()) {
                affinity.online(CpuMask.range(2, 7));
                for (int i = 0; i < 3; i++) {
                    sweeper.sweep();
                }

                assertEquals(CpuMask.range(2, 5), affinity.get(thread.id()));
                assertEquals(1, linesOf(log, "threads that are no core's").size(), log.lines()::toString);
                assertTrue(linesOf(log, "no core's").getFirst().contains("2-5"));
            }
        }

        @Test
        void aRefusalThatComesLaterIsSaidOnceAndIsNotFatal() throws Exception {
            try (CapturedLog log = new CapturedLog(Sweeper.class);
                    LinuxCpus.Idler one = new LinuxCpus.Idler();
                    LinuxCpus.Idler two = new LinuxCpus.Idler()) {
                affinity.refuse(AffinityException.EPERM);

                sweeper.enter(one.id(), 7);
                sweeper.enter(two.id(), 7);
                sweeper.sweep();

                assertEquals(1, linesOf(log, "threads of a core").size(), log.lines()::toString);
                assertTrue(linesOf(log, "threads of a core").getFirst().contains("errno 1 (EPERM"));
            }
        }

        @Test
        void aThreadThatIsGoneIsNothing() {
            try (CapturedLog log = new CapturedLog(Sweeper.class)) {
                affinity.refuse(AffinityException.ESRCH);

                sweeper.sweep();

                assertTrue(affinity.changes() > 0);
                assertEquals(List.of(), log.lines());
            }
        }

        @Test
        void aCpuThatIsNotReservedIsNoCores() {
            assertThrows(IllegalArgumentException.class, () -> sweeper.enter(1, 0));
        }

        private static List<String> linesOf(CapturedLog log, String who) {
            return log.lines().stream().filter(line -> line.contains(who)).toList();
        }
    }
}
