package io.pinion.actors.database;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Limit;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With times that are made up: one look each millisecond, unless something is said to have held it up. */
class CallMonitorTest {
    private static final long LIMIT = SECONDS.toNanos(1);
    private static final long STUCK_AFTER = MILLISECONDS.toNanos(100);

    private final TestVitals database = new TestVitals();
    private final TestHeap heap = new TestHeap(1000);
    private final AtomicLong allocatedBytes = new AtomicLong();
    private final CallMonitor monitor = new CallMonitor(
            Duration.ofNanos(STUCK_AFTER), new TestAllocation(allocatedBytes), new MemoryGuard(heap, 85));
    private final StoppableInstance instance = new StoppableInstance();
    private final CallSlot slot = monitor.slot();
    private long nowNanos;
    private long unwatchedNanos;

    @AfterEach
    void close() {
        monitor.close();
    }

    private void begin() {
        slot.begin(database.vitals, "function", instance, nowNanos, LIMIT);
    }

    private void lookFor(long nanos) {
        for (long end = nowNanos + nanos; nowNanos < end; ) {
            nowNanos += MILLISECONDS.toNanos(1);
            monitor.sample(nowNanos, unwatchedNanos);
        }
    }

    /** Nobody looks for that long, and the first look afterwards knows it. */
    private void pause(long nanos) {
        nowNanos += nanos;
        unwatchedNanos += nanos;
        monitor.sample(nowNanos, unwatchedNanos);
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not come about within 30 s");
            Thread.onSpinWait();
        }
    }

    @Test
    void aCallIsStoppedWhenItsTimeIsUpAndNotBefore() {
        begin();
        lookFor(LIMIT);
        assertFalse(slot.getAsBoolean());

        lookFor(MILLISECONDS.toNanos(2));

        await(slot);
        assertEquals(Limit.TIME_LIMIT, slot.end());
        assertEquals(1, instance.stops.get());
    }

    @Test
    void aPauseOfTheWholeProcessStopsNobody() {
        begin();
        lookFor(LIMIT / 2);

        pause(100 * LIMIT);
        lookFor(LIMIT / 3);

        assertFalse(slot.getAsBoolean());
        assertNull(slot.end());
    }

    @Test
    void aPauseIsGivenToTheCallsItFellIntoOnly() {
        pause(100 * LIMIT);
        begin();

        lookFor(LIMIT + MILLISECONDS.toNanos(2));

        await(slot);
        assertEquals(Limit.TIME_LIMIT, slot.end());
    }

    @Test
    void looksThatAreLateForWantOfACpuGiveNobodyMoreTime() {
        begin();
        for (int i = 0; i < 100; i++) {
            pause(MILLISECONDS.toNanos(11));
        }

        await(slot);
        assertEquals(Limit.TIME_LIMIT, slot.end());
    }

    @Test
    void aCallThatGoesOnAfterItWasAskedToStopIsStuckUntilItEnds() {
        begin();
        lookFor(LIMIT + MILLISECONDS.toNanos(2));
        await(slot);
        assertTrue(monitor.isWatching());
        lookFor(STUCK_AFTER / 2);
        pause(STUCK_AFTER);
        assertEquals(0, database.refusals.get());

        lookFor(STUCK_AFTER);

        await(() -> database.vitals.status().stuck().isPresent());
        lookFor(10 * STUCK_AFTER);
        assertEquals(Limit.TIME_LIMIT, slot.end());
        assertTrue(slot.wasStuck());
        assertEquals(1, database.refusals.get());
        assertEquals(1, database.acceptances.get());
        lookFor(1);
        assertFalse(monitor.isWatching());
    }

    @Test
    void aStopThatBlocksDelaysNoOtherStop() throws InterruptedException {
        CountDownLatch isReleased = new CountDownLatch(1);
        CountDownLatch isBlocked = new CountDownLatch(1);
        Thread other = Thread.ofPlatform().start(() -> {
            CallSlot blocked = monitor.slot();
            blocked.begin(database.vitals, "blocks", new BlockingInstance(isBlocked, isReleased), 0, LIMIT);
            awaitUninterruptibly(isReleased);
            assertEquals(Limit.TIME_LIMIT, blocked.end());
        });
        await(() -> other.getState() == Thread.State.WAITING);
        lookFor(LIMIT + MILLISECONDS.toNanos(2));
        isBlocked.await();

        begin();
        lookFor(LIMIT + MILLISECONDS.toNanos(2));

        await(slot);
        assertEquals(Limit.TIME_LIMIT, slot.end());
        isReleased.countDown();
        other.join();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theHungriestCallIsStoppedWhenACollectionLeavesTooMuch() {
        begin();
        lookFor(MILLISECONDS.toNanos(1));
        allocatedBytes.set(101);

        heap.collected(851);
        lookFor(MILLISECONDS.toNanos(1));

        await(slot);
        assertEquals(Limit.MEMORY_LIMIT, slot.end());
    }

    @Test
    void anInstanceThatHoardsIsThrownAwayWhenACollectionLeavesTooMuch() {
        monitor.databases().add(database.vitals);
        database.vitals.instanceAllocatedBytes(200);

        heap.collected(851);
        lookFor(MILLISECONDS.toNanos(1));

        await(() -> database.discards.get() == 1);
        assertTrue(database.lines.getLast().contains("short of memory"), database.lines.toString());
    }
}
