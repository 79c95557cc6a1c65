package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What a thread does itself, and what goes to others. */
class OwnWorkTest {
    private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final List<String> done = new ArrayList<>();
    private final List<Runnable> givenAway = new ArrayList<>();
    private final Executor others = givenAway::add;

    private Runnable task(String name) {
        return () -> done.add(name);
    }

    @Test
    void aThreadThatDoesNoSuchWorkTakesNothing() {
        assertFalse(OwnWork.take(task("a"), others));

        OwnWork.during(() -> {});

        assertFalse(OwnWork.take(task("a"), others));
        assertEquals(List.of(), done);
    }

    @Test
    void whatComesOfItsWorkIsDoneAfterItInTurn() {
        OwnWork.during(
                () -> {
                    assertTrue(OwnWork.take(task("second"), others));
                    assertTrue(OwnWork.take(
                            () -> {
                                done.add("third");
                                assertTrue(OwnWork.take(task("fourth"), others));
                            },
                            others));
                    done.add("first");
                },
                LONG_NANOS);

        assertEquals(List.of("first", "second", "third", "fourth"), done);
        assertEquals(List.of(), givenAway);
    }

    @Test
    void itTakesNoMoreThanAFew() {
        List<Boolean> taken = new ArrayList<>();
        OwnWork.during(
                () -> {
                    for (int i = 0; i < 10; i++) {
                        taken.add(OwnWork.take(task("task"), others));
                    }
                },
                LONG_NANOS);

        assertEquals(8, taken.stream().filter(each -> each).count());
        assertEquals(8, done.size());
    }

    @Test
    void whatIsLeftWhenItHasWorkedLongGoesToOthers() {
        OwnWork.during(() -> {
            OwnWork.take(
                    () -> {
                        done.add("long");
                        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2);
                        while (System.nanoTime() < until) {
                            LockSupport.parkNanos(until - System.nanoTime());
                        }
                    },
                    others);
            OwnWork.take(task("late"), others);
        });

        assertEquals(List.of("long"), done);
        assertEquals(1, givenAway.size());
        givenAway.getFirst().run();
        assertEquals(List.of("long", "late"), done);
    }

    @Test
    void whatIsThrownByOnePieceIsNotTheNextOnes() throws InterruptedException {
        List<Throwable> uncaught = new ArrayList<>();
        Thread thread = new Thread(() -> OwnWork.during(
                () -> {
                    OwnWork.take(
                            () -> {
                                Thread.currentThread().interrupt();
                                throw new IllegalStateException("thrown");
                            },
                            others);
                    OwnWork.take(
                            () -> done.add(
                                    "interrupted: " + Thread.currentThread().isInterrupted()),
                            others);
                },
                LONG_NANOS));
        thread.setUncaughtExceptionHandler((_, e) -> uncaught.add(e));
        thread.start();
        thread.join();

        assertEquals(List.of("interrupted: false"), done);
        assertEquals("thrown", uncaught.getFirst().getMessage());
    }

    @Test
    void whatTheFirstThrowsIsThrownAndWhatWaitsGoesToOthers() {
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> OwnWork.during(() -> {
                    OwnWork.take(task("left"), others);
                    throw new IllegalStateException("thrown");
                }));

        assertEquals("thrown", thrown.getMessage());
        assertEquals(1, givenAway.size());
    }

    @Test
    void whatOthersDoNotTakeAnyMoreIsDoneAllTheSame() {
        Executor ended = _ -> {
            throw new RejectedExecutionException();
        };
        assertThrows(
                IllegalStateException.class,
                () -> OwnWork.during(() -> {
                    OwnWork.take(task("left"), ended);
                    throw new IllegalStateException("thrown");
                }));

        assertEquals(List.of("left"), done);
    }

    @Test
    void aPoolsThreadGoesOnWithWhatItsTaskHandsToTheSamePool() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        OwnWorkExecutor pool = new OwnWorkExecutor(Executors.newFixedThreadPool(4));
        pool.execute(() -> {
            threads.add(Thread.currentThread());
            pool.execute(() -> {
                threads.add(Thread.currentThread());
                pool.shutdown();
            });
        });

        assertTrue(pool.awaitTermination(1, TimeUnit.MINUTES));
        assertEquals(2, threads.size());
        assertEquals(threads.getFirst(), threads.getLast());
    }
}
