package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Limit;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CallSlotTest {
    private static final long LIMIT_NANOS = 1000;

    private final TestVitals database = new TestVitals();
    private long unwatchedNanos;
    private final CallSlot slot = new CallSlot(Thread.currentThread(), () -> unwatchedNanos);
    private final StoppableInstance instance = new StoppableInstance();

    private long begin(long nowNanos) {
        slot.begin(database.vitals, "function", instance, nowNanos, LIMIT_NANOS);
        return slot.current();
    }

    @Test
    void aCallWithinItsLimitIsNotOverdue() {
        long call = begin(5000);

        assertFalse(slot.isOverdue(call, 5000 + LIMIT_NANOS, 0));
        assertTrue(slot.isOverdue(call, 5001 + LIMIT_NANOS, 0));
        assertNull(slot.end());
        assertEquals(CallSlot.NONE, slot.current());
        assertFalse(slot.isOverdue(call, 5001 + LIMIT_NANOS, 0));
    }

    @Test
    void timeInWhichNobodyWatchedDoesNotCount() {
        unwatchedNanos = 70;
        long call = begin(0);

        assertFalse(slot.isOverdue(call, 2 * LIMIT_NANOS, 70 + LIMIT_NANOS));
        assertTrue(slot.isOverdue(call, 2 * LIMIT_NANOS, 69 + LIMIT_NANOS));
    }

    @Test
    void aStopThatComesTooLateReachesNobody() {
        long late = begin(0);
        slot.end();
        long next = begin(0);

        assertFalse(slot.stop(late, Limit.TIME_LIMIT));
        slot.declareStuck(late);

        assertNotEquals(late, next);
        assertEquals(0, instance.stops.get());
        assertFalse(slot.getAsBoolean());
        assertNull(slot.end());
        assertEquals(0, database.refusals.get());
    }

    @Test
    void aStoppedCallKnowsItAndWhy() {
        for (Limit limit : Limit.values()) {
            long call = begin(0);

            assertTrue(slot.stop(call, limit));

            assertTrue(slot.getAsBoolean());
            assertTrue(slot.isStopping(call));
            assertFalse(slot.isOverdue(call, 2 * LIMIT_NANOS, 0));
            assertEquals(limit, slot.end());
            assertFalse(slot.wasStuck());
            assertFalse(slot.getAsBoolean());
        }
        assertEquals(2, instance.stops.get());
    }

    @Test
    void theFirstReasonToStopACallCounts() {
        long call = begin(0);

        assertTrue(slot.stop(call, Limit.MEMORY_LIMIT));
        assertFalse(slot.stop(call, Limit.TIME_LIMIT));

        assertEquals(1, instance.stops.get());
        assertEquals(Limit.MEMORY_LIMIT, slot.end());
    }

    @Test
    void aCallThatIsDeclaredStuckRefusesOthersUntilItEnds() {
        long call = begin(0);
        slot.declareStuck(call);
        assertEquals(0, database.refusals.get(), "nobody has asked it to stop yet");
        slot.stop(call, Limit.TIME_LIMIT);

        slot.declareStuck(call);
        slot.declareStuck(call);

        assertEquals(1, database.refusals.get());
        Database.Unavailable told = assertInstanceOf(Database.Unavailable.class, database.refusal);
        assertTrue(told.reason().startsWith("stuck in function since "), told.reason());
        assertTrue(database.vitals.status().stuck().isPresent());
        assertEquals(Limit.TIME_LIMIT, slot.end());
        assertTrue(slot.wasStuck());
        assertEquals(1, database.acceptances.get());
        assertTrue(database.vitals.status().stuck().isEmpty());
        assertEquals(1, database.vitals.status().timesStuck());
    }

    @Test
    void stopsThatRaceWithEndsHitTheRightCallOrNone() throws InterruptedException {
        long seed = System.nanoTime();
        AtomicBoolean isOver = new AtomicBoolean();
        Thread stopper = Thread.ofPlatform().start(() -> {
            SplittableRandom random = new SplittableRandom(seed);
            while (!isOver.get()) {
                long call = slot.current();
                if (call != CallSlot.NONE) {
                    Limit limit = random.nextBoolean() ? Limit.TIME_LIMIT : Limit.MEMORY_LIMIT;
                    if (slot.stop(call, limit) && random.nextInt(4) == 0) {
                        slot.declareStuck(call);
                    }
                }
            }
        });

        SplittableRandom spins = new SplittableRandom(seed);
        int stopped = 0;
        for (int call = 0; call < 200_000; call++) {
            StoppableInstance called = new StoppableInstance();
            int stuckBefore = database.refusals.get();
            slot.begin(database.vitals, "function", called, 0, LIMIT_NANOS);
            for (int i = spins.nextInt(100); i > 0; i--) {
                Thread.onSpinWait();
            }
            Limit limit = slot.end();
            assertEquals(limit == null ? 0 : 1, called.stops.get(), "seed " + seed);
            assertEquals(slot.wasStuck() ? 1 : 0, database.refusals.get() - stuckBefore, "seed " + seed);
            assertEquals(database.refusals.get(), database.acceptances.get(), "seed " + seed);
            stopped += limit == null ? 0 : 1;
        }
        isOver.set(true);
        stopper.join();

        assertTrue(stopped > 0, "no call was stopped, seed " + seed);
    }
}
