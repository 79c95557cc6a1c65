package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.Instance;
import io.pinion.store.tx.Transaction;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallSlotTest {
    private static final long LIMIT_NANOS = 1000;

    /** Counts how often it is stopped while another call than the one meant runs on it. */
    private static final class Stoppable implements Instance {
        private final AtomicInteger stops = new AtomicInteger();

        @Override
        public GuestResult callReducer(FunctionCall call, Transaction transaction) {
            return new GuestResult.Stopped();
        }

        @Override
        public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
            return new GuestResult.Stopped();
        }

        @Override
        public void stop() {
            stops.incrementAndGet();
        }

        @Override
        public boolean isUsable() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void aCallWithinItsLimitIsNotOverdue() {
        CallSlot slot = new CallSlot(Thread.currentThread());

        slot.begin(new Stoppable(), 5000, LIMIT_NANOS, 0);

        assertEquals(0, slot.overdue(5000 + LIMIT_NANOS, 0));
        assertNotEquals(0, slot.overdue(5001 + LIMIT_NANOS, 0));
        assertFalse(slot.end());
    }

    @Test
    void timeInWhichNobodyWatchedDoesNotCount() {
        CallSlot slot = new CallSlot(Thread.currentThread());

        slot.begin(new Stoppable(), 0, LIMIT_NANOS, 70);

        assertEquals(0, slot.overdue(2 * LIMIT_NANOS, 70 + LIMIT_NANOS));
    }

    @Test
    void aStopThatComesTooLateReachesNobody() {
        CallSlot slot = new CallSlot(Thread.currentThread());
        Stoppable instance = new Stoppable();
        slot.begin(instance, 0, LIMIT_NANOS, 0);
        long overdue = slot.overdue(2 * LIMIT_NANOS, 0);
        slot.end();
        slot.begin(instance, 0, LIMIT_NANOS, 0);

        slot.stop(overdue);

        assertEquals(0, instance.stops.get());
        assertFalse(slot.getAsBoolean());
        assertFalse(slot.end());
    }

    @Test
    void aStoppedCallKnowsIt() {
        CallSlot slot = new CallSlot(Thread.currentThread());
        Stoppable instance = new Stoppable();
        slot.begin(instance, 0, LIMIT_NANOS, 0);

        slot.stop(slot.overdue(2 * LIMIT_NANOS, 0));

        assertEquals(1, instance.stops.get());
        assertTrue(slot.getAsBoolean());
        assertTrue(slot.end());
        assertFalse(slot.getAsBoolean());
    }

    @Test
    void stopsThatRaceWithEndsHitTheRightCallOrNone() throws InterruptedException {
        CallSlot slot = new CallSlot(Thread.currentThread());
        AtomicBoolean isOver = new AtomicBoolean();
        Thread stopper = Thread.ofPlatform().start(() -> {
            while (!isOver.get()) {
                long overdue = slot.overdue(Long.MAX_VALUE / 2, 0);
                if (overdue != 0) {
                    slot.stop(overdue);
                }
            }
        });

        int told = 0;
        int stopped = 0;
        for (int call = 0; call < 200_000; call++) {
            Stoppable instance = new Stoppable();
            slot.begin(instance, 0, LIMIT_NANOS, 0);
            boolean wasAsked = slot.end();
            told += wasAsked ? 1 : 0;
            assertEquals(wasAsked ? 1 : 0, instance.stops.get());
            stopped += instance.stops.get();
        }
        isOver.set(true);
        stopper.join();

        assertEquals(told, stopped);
    }
}
