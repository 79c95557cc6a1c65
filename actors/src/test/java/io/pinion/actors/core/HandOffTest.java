package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HandOffTest {
    private static FairnessSettings reliefThreads(int max) {
        return new FairnessSettings(true, TestCores.SLICE, max);
    }

    @Test
    void neighboursGoOnWhileATurnHoldsTheirCore() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            Hog hog = new Hog();
            cores.bind(0).execute(hog);
            TestCores.await(hog.begun);
            CountDownLatch neighbour = new CountDownLatch(1);

            cores.bind(0).execute(neighbour::countDown);

            TestCores.await(neighbour);
            assertEquals(1, hog.ended.getCount());
            assertEquals(1, cores.load(0).handOffs());
            hog.end();
            TestCores.await(hog.ended);
        }
    }

    @Test
    void neighboursWaitWhereHandOffIsOff() throws InterruptedException {
        try (TestCores cores = TestCores.start(1, new FairnessSettings(false, TestCores.SLICE, 64))) {
            AtomicInteger ran = new AtomicInteger();
            CountDownLatch neighbour = new CountDownLatch(1);
            CountDownLatch hog = new CountDownLatch(1);
            AtomicInteger ranDuringHog = new AtomicInteger(-1);
            cores.bind(0).execute(() -> {
                cores.bind(0).execute(() -> {
                    ran.incrementAndGet();
                    neighbour.countDown();
                });
                useCpu(30);
                ranDuringHog.set(ran.get());
                hog.countDown();
            });

            TestCores.await(neighbour);

            assertEquals(0, hog.getCount());
            assertEquals(0, ranDuringHog.get());
            assertEquals(0, cores.load(0).handOffs());
        }
    }

    private static void useCpu(int slices) {
        long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() + slices * TestCores.SLICE.toNanos();
        while (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aTurnThatHoldsACoreNobodyWaitsForKeepsIt() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            CountDownLatch done = new CountDownLatch(1);

            cores.bind(0).execute(() -> {
                useCpu(10);
                done.countDown();
            });

            TestCores.await(done);
            assertEquals(0, cores.load(0).handOffs());
            assertEquals(0, cores.load(0).reliefThreads());
        }
    }

    @Test
    void aTurnThatBlocksLosesItsCoreAsWell() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            CountDownLatch neighbour = new CountDownLatch(1);
            CountDownLatch unblocked = new CountDownLatch(1);
            cores.bind(0).execute(() -> {
                cores.bind(0).execute(neighbour::countDown);
                TestCores.awaitUntil("the neighbour runs", () -> neighbour.getCount() == 0);
                unblocked.countDown();
            });

            TestCores.await(neighbour);
            TestCores.await(unblocked);
        }
    }

    @Test
    void whoLosesItsCoreGoesOnThereWithItsNextTurnAndNeverOnTwoThreads() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            Binding binding = cores.bind(0);
            Hog hog = new Hog();
            CountDownLatch next = new CountDownLatch(1);
            Set<Long> hogsEndedBefore = ConcurrentHashMap.newKeySet();
            binding.execute(hog);
            binding.execute(() -> {
                hogsEndedBefore.add(hog.ended.getCount());
                next.countDown();
            });
            TestCores.await(hog.begun);
            CountDownLatch neighbour = new CountDownLatch(1);
            cores.bind(0).execute(neighbour::countDown);
            TestCores.await(neighbour);

            hog.end();

            TestCores.await(next);
            assertEquals(Set.of(0L), hogsEndedBefore);
            TestCores.awaitUntil(
                    "both turns are counted", () -> cores.load(binding).turns() == 2);
            assertEquals(1, cores.load(binding).handOffs());
            assertTrue(cores.load(binding).busyNanos() >= TestCores.SLICE.toNanos());
        }
    }

    @Test
    void reliefThreadsAreCappedAndBeyondThemTheCoreWaits() throws InterruptedException {
        try (TestCores cores = TestCores.start(1, reliefThreads(2))) {
            List<Hog> hogs = Stream.generate(Hog::new).limit(4).toList();
            hogs.forEach(hog -> cores.bind(0).execute(hog));
            for (Hog hog : hogs.subList(0, 3)) {
                TestCores.await(hog.begun);
            }
            assertEquals(2, cores.load(0).reliefThreads());
            useCpu(10);
            assertEquals(1, hogs.get(3).begun.getCount());

            hogs.getFirst().end();

            TestCores.await(hogs.get(3).begun);
            assertEquals(2, cores.load(0).reliefThreads());
            assertEquals(3, cores.load(0).handOffs());
            hogs.forEach(Hog::end);
            for (Hog hog : hogs) {
                TestCores.await(hog.ended);
            }
        }
    }

    @Test
    void theTimeOfATurnIsShownWhileItRunsAndCountedOnce() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            long start = System.nanoTime();
            Binding binding = cores.bind(0);
            Hog hog = new Hog();
            binding.execute(hog);
            TestCores.await(hog.begun);
            awaitBusy(cores, binding, 2 * TestCores.SLICE.toNanos());
            Binding neighbour = cores.bind(0);
            CountDownLatch relieved = new CountDownLatch(1);
            neighbour.execute(relieved::countDown);
            TestCores.await(relieved);
            assertEquals(1, cores.load(0).handOffs());

            awaitBusy(cores, binding, cores.load(binding).busyNanos() + 4 * TestCores.SLICE.toNanos());

            assertEquals(0, cores.load(binding).turns());
            hog.end();
            while (cores.load(binding).turns() == 0 || cores.load(0).turns() < 2) {
                assertCountedOnce(cores, binding, neighbour, start);
            }
            assertCountedOnce(cores, binding, neighbour, start);
            assertTrue(cores.load(binding).busyNanos() >= 6 * TestCores.SLICE.toNanos());
        }
    }

    private static void awaitBusy(TestCores cores, Binding binding, long nanos) {
        TestCores.awaitUntil(
                "the binding is seen to be busy", () -> cores.load(binding).busyNanos() >= nanos);
        assertTrue(cores.load(0).busyNanos() >= nanos);
    }

    /** Twice would be more than the time that there was. */
    private static void assertCountedOnce(TestCores cores, Binding binding, Binding neighbour, long startNanos) {
        long bindingNanos = cores.load(binding).busyNanos();
        long coreNanos = cores.load(0).busyNanos();
        long neighbourNanos = cores.load(neighbour).busyNanos();
        long elapsedNanos = System.nanoTime() - startNanos;
        assertTrue(bindingNanos <= elapsedNanos, bindingNanos + " ns of " + elapsedNanos);
        assertTrue(coreNanos <= elapsedNanos + neighbourNanos, coreNanos + " ns of " + elapsedNanos);
    }

    @Test
    void spareThreadsAreUsedAgain() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            Set<String> threads = new HashSet<>();
            for (int time = 0; time < 30; time++) {
                Hog hog = new Hog();
                cores.bind(0).execute(hog);
                CountDownLatch neighbour = new CountDownLatch(1);
                TestCores.await(hog.begun);
                cores.bind(0).execute(neighbour::countDown);
                TestCores.await(neighbour);
                hog.end();
                TestCores.await(hog.ended);
                threads.add(hog.thread);
            }

            assertEquals(30, cores.load(0).handOffs());
            assertTrue(threads.size() <= 1 + Crew.SPARES_MAX, () -> threads.toString());
            assertTrue(threads.size() > 1, () -> threads.toString());
        }
    }

    @Test
    void whoIsReboundWhileItsCoreIsHeldRunsElsewhere() throws InterruptedException {
        try (TestCores cores = TestCores.start(2, new FairnessSettings(false, TestCores.SLICE, 64))) {
            Hog hog = new Hog();
            cores.bind(0).execute(hog);
            TestCores.await(hog.begun);
            Binding binding = cores.bind(0);
            CountDownLatch ran = new CountDownLatch(1);
            Set<String> threads = ConcurrentHashMap.newKeySet();
            binding.execute(() -> {
                threads.add(Thread.currentThread().getName());
                ran.countDown();
            });

            binding.rebind(cores.inbox(1));

            TestCores.await(ran);
            assertEquals(1, hog.ended.getCount());
            assertEquals(Set.of("pinion-core-1"), threads);
            hog.end();
        }
    }

    @Test
    void closingEndsEveryThreadWhenNothingIsLeftToRun() throws InterruptedException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        CountDownLatch after = new CountDownLatch(1);
        Hog hog = new Hog();
        try (TestCores cores = TestCores.start(2)) {
            Binding binding = cores.bind(0);
            binding.execute(hog);
            binding.execute(after::countDown);
            TestCores.await(hog.begun);
            CountDownLatch neighbour = new CountDownLatch(1);
            cores.bind(0).execute(neighbour::countDown);
            TestCores.await(neighbour);
        }

        hog.end();

        TestCores.await(after);
        TestCores.awaitUntil(
                "the threads end",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("pinion-core-") && !before.contains(thread)));
    }

    @Test
    void nothingThatATurnThrowsEndsItsCoreOrReachesAnother() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            Binding thrower = cores.bind(0);
            List<Runnable> turns = List.of(
                    HandOffTest::recurse,
                    () -> {
                        throw new NoClassDefFoundError("on purpose");
                    },
                    () -> {
                        throw new OutOfMemoryError("on purpose");
                    },
                    () -> {
                        throw new IllegalStateException("on purpose");
                    });
            CountDownLatch last = new CountDownLatch(1);
            AtomicInteger neighbourTurns = new AtomicInteger();
            Binding neighbour = cores.bind(0);

            for (Runnable turn : turns) {
                thrower.execute(turn);
                neighbour.execute(neighbourTurns::incrementAndGet);
            }
            thrower.execute(last::countDown);

            TestCores.await(last);
            TestCores.awaitUntil("the neighbour's turns", () -> neighbourTurns.get() == turns.size());
        }
    }

    @SuppressWarnings("InfiniteRecursion") // on purpose
    private static void recurse() {
        recurse();
    }

    @Test
    void anInterruptThatIsLeftBehindReachesNobody() throws InterruptedException {
        try (TestCores cores = TestCores.start(1)) {
            Set<Boolean> seen = ConcurrentHashMap.newKeySet();
            CountDownLatch done = new CountDownLatch(100);
            for (int turn = 0; turn < 100; turn++) {
                cores.bind(0).execute(() -> {
                    seen.add(Thread.currentThread().isInterrupted());
                    Thread.currentThread().interrupt();
                    done.countDown();
                });
            }

            TestCores.await(done);

            assertEquals(Set.of(false), seen);
        }
    }

    @Test
    void aGreaterWeightIsLessNice() {
        assertEquals(19, HandOff.niceness(1));
        assertEquals(19, HandOff.niceness(100));
        assertEquals(9, HandOff.niceness(1_000));
        assertEquals(0, HandOff.niceness(10_000));
    }

    @Test
    void loadsTellWhoRunsAndWhoWaits() throws InterruptedException {
        try (TestCores cores = TestCores.start(1, new FairnessSettings(false, TestCores.SLICE, 64))) {
            Binding binding = cores.bind(0);
            binding.name("bank");
            Hog hog = new Hog();
            binding.execute(hog);
            TestCores.await(hog.begun);
            cores.bind(0).execute(() -> {});
            cores.bind(0).execute(() -> {});

            CoreLoad load = cores.load(0);

            assertEquals("bank", load.current().orElseThrow().owner().orElseThrow());
            assertTrue(System.nanoTime() - load.current().orElseThrow().startNanos() > 0);
            assertEquals(2, load.runnable());
            hog.end();
            TestCores.awaitUntil("all turns end", () -> cores.load(0).turns() == 3);
            TestCores.awaitUntil(
                    "the core is idle", () -> cores.load(0).current().isEmpty());
            assertEquals(0, cores.load(0).runnable());
            assertEquals(3, cores.load(0).queueDelay().count());
            assertTrue(cores.load(0).busyNanos() > 0);
            assertNotEquals(0, cores.load(binding).busyNanos());
            assertFalse(cores.load(0).cpu().isPresent());
        }
    }
}
