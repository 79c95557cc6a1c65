package io.pinion.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkersTest {
    private static final Duration NEVER = Duration.ofHours(1);

    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<Workers> started = new ArrayList<>();

    @AfterEach
    void stop() {
        gate.countDown();
        started.forEach(Workers::close);
    }

    private Workers workers(int count, Duration slowAfter, int slowMax) {
        Workers workers = Workers.start(new WorkerSettings(count, 20, 1 << 20, slowAfter, slowMax));
        started.add(workers);
        return workers;
    }

    private void hang() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Fails if the job does not end. */
    private static void runs(Executor executor) {
        CompletableFuture.runAsync(() -> {}, executor)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void oneProgramThatHangsLeavesAWorkerToTheOthers() {
        Workers workers = workers(2, NEVER, 0);
        for (int i = 0; i < 8; i++) {
            workers.keyed("slow").execute(this::hang);
        }

        runs(workers.keyed("other"));
        runs(workers);
        runs(workers.keyed("other"));
    }

    @Test
    void twoProgramsThatHangLeaveAThirdItsTurn() {
        Workers workers = workers(2, Duration.ofMillis(20), 4);
        workers.keyed("slow").execute(this::hang);
        workers.keyed("slow").execute(this::hang);
        workers.keyed("slow too").execute(this::hang);

        runs(workers.keyed("other"));
        runs(workers);
    }

    @Test
    void aProgramThatHangsGetsNoMoreWorkersForBeingSlow() {
        Workers workers = workers(3, Duration.ofMillis(1), 16);
        AtomicInteger running = new AtomicInteger();
        for (int i = 0; i < 8; i++) {
            workers.keyed("slow").execute(() -> {
                running.incrementAndGet();
                hang();
            });
        }
        for (int i = 0; i < 100; i++) {
            runs(workers.keyed("other"));
        }

        assertTrue(running.get() <= 2, running + " run at once");
    }

    @Test
    void programsTakeTurns() {
        Workers workers = workers(1, NEVER, 0);
        List<String> order = new ArrayList<>();
        workers.execute(this::hang);
        for (String program : List.of("a", "a", "a", "b", "b", "c")) {
            workers.keyed(program).execute(() -> order.add(program));
        }
        workers.execute(() -> order.add("quick"));
        gate.countDown();
        runs(workers.keyed("c"));
        runs(workers.keyed("a"));

        assertEquals(List.of("a", "quick", "b", "c", "a", "b"), order.subList(0, 6));
    }

    @Test
    void moreThanMayWaitIsRefused() {
        Workers workers = workers(1, NEVER, 0);
        CountDownLatch taken = new CountDownLatch(1);
        workers.execute(() -> {
            taken.countDown();
            hang();
        });
        CompletableFuture.runAsync(() -> await(taken)).join();
        for (int i = 0; i < 20; i++) {
            workers.keyed("a").execute(() -> {});
        }

        RejectedExecutionException refusal =
                assertThrows(RejectedExecutionException.class, () -> workers.execute(() -> {}));

        assertEquals(
                "20 jobs wait for the workers of this node already, which is pinion.pool.worker-queue-max",
                refusal.getMessage());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatWasTakenIsDoneAtTheEndAndInstancesAreClosedEvenLater() {
        TestModule module = new TestModule();
        Workers workers = workers(2, NEVER, 0);
        CountDownLatch done = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            workers.keyed(i % 2).execute(done::countDown);
        }
        workers.close(module.newInstance());
        workers.close();

        await(done);
        assertThrows(RejectedExecutionException.class, () -> workers.execute(() -> {}));
        workers.close(module.newInstance());
        started.clear();
        CompletableFuture.runAsync(() -> {
                    while (module.openCount() > 0) {
                        Thread.onSpinWait();
                    }
                })
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void aJobThatFailsIsNotTheEndOfItsThread() {
        Workers workers = workers(1, NEVER, 0);
        workers.execute(() -> {
            throw new StackOverflowError("too deep");
        });

        runs(workers);
    }
}
