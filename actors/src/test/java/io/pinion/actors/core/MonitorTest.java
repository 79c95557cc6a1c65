package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MonitorTest {
    private static final long MILLIS = 1_000_000;

    @Test
    void aSamplerThatThrowsEndsNeitherItselfNorTheOthers() throws InterruptedException {
        try (Monitor monitor = Monitor.start(Duration.ofMillis(5))) {
            CountDownLatch throwing = new CountDownLatch(3);
            CountDownLatch quiet = new CountDownLatch(3);

            monitor.add((_, _) -> {
                throwing.countDown();
                throw new IllegalStateException("on purpose");
            });
            monitor.add((_, _) -> quiet.countDown());

            assertTrue(throwing.await(60, TimeUnit.SECONDS));
            assertTrue(quiet.await(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void aRemovedSamplerIsNotCalledAgain() throws InterruptedException {
        try (Monitor monitor = Monitor.start(Duration.ofMillis(1))) {
            CountDownLatch first = new CountDownLatch(1);
            AtomicReference<CountDownLatch> removed = new AtomicReference<>(first);
            Monitor.Sampler sampler = (_, _) -> removed.get().countDown();
            monitor.add(sampler);
            assertTrue(first.await(60, TimeUnit.SECONDS));

            monitor.remove(sampler);
            looks(monitor, 2);
            CountDownLatch again = new CountDownLatch(1);
            removed.set(again);
            looks(monitor, 5);

            assertEquals(1, again.getCount());
        }
    }

    private static void looks(Monitor monitor, int count) throws InterruptedException {
        CountDownLatch looks = new CountDownLatch(count);
        Monitor.Sampler counter = (_, _) -> looks.countDown();
        monitor.add(counter);
        assertTrue(looks.await(60, TimeUnit.SECONDS));
        monitor.remove(counter);
    }

    @Test
    void closingEndsTheThread() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch looked = new CountDownLatch(1);
        try (Monitor monitor = Monitor.start(Duration.ofMillis(20))) {
            monitor.add(new Monitor.Sampler() {
                @Override
                public void sample(long nowNanos, long unwatchedNanos) {
                    thread.set(Thread.currentThread());
                    looked.countDown();
                }

                @Override
                public boolean isWatching() {
                    return true;
                }
            });
            assertTrue(looked.await(60, TimeUnit.SECONDS));
        }

        thread.get().join(60_000);
        assertFalse(thread.get().isAlive());
    }

    @Test
    void aLookThatComesALittleLateIsNoGap() {
        assertEquals(0, Monitor.gapNanos(4 * MILLIS, MILLIS));
        assertEquals(4 * MILLIS, Monitor.gapNanos(5 * MILLIS, MILLIS));
        assertEquals(0, Monitor.gapNanos(20 * MILLIS, 5 * MILLIS));
        assertEquals(1995 * MILLIS, Monitor.gapNanos(2000 * MILLIS, 5 * MILLIS));
    }
}
