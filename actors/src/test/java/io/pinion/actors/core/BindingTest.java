package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BindingTest {
    private final Inbox here = new Inbox(0);
    private final Inbox there = new Inbox(1);
    private final Binding binding = new Binding(here, 100);

    private final Runnable nothing = new Nothing();

    private static final class Nothing implements Runnable {
        @Override
        public void run() {}
    }

    private static Ticket take(Inbox inbox) {
        @Nullable Ticket ticket = inbox.takeAll();
        assertNotNull(ticket);
        assertNull(ticket.next);
        return ticket;
    }

    @Test
    void howeverMuchIsAddedItWaitsOnce() {
        binding.execute(nothing);
        binding.execute(nothing);
        binding.execute(nothing);

        assertFalse(take(here).isStale());
        assertNull(here.takeAll());
    }

    @Test
    void aTurnIsClaimedOnce() {
        binding.execute(nothing);
        Ticket ticket = take(here);

        assertTrue(binding.claim(ticket.number()));
        assertFalse(binding.claim(ticket.number()));
        assertTrue(ticket.isStale());
    }

    @Test
    void whatIsAddedDuringATurnWaitsForItsEnd() {
        binding.execute(nothing);
        Ticket ticket = take(here);
        binding.claim(ticket.number());
        binding.poll();

        binding.execute(nothing);

        assertNull(here.takeAll());
        assertTrue(binding.release(ticket, 0));
        assertFalse(ticket.isStale());
        assertTrue(binding.claim(ticket.number()));
        assertSame(nothing, binding.poll());
        assertFalse(binding.release(ticket, 0));
    }

    @Test
    void whoIsReboundWhileItWaitsCanRunOnEitherCoreButOnce() {
        binding.execute(nothing);
        Ticket old = take(here);

        binding.rebind(there);

        Ticket second = take(there);
        assertTrue(binding.claim(second.number()));
        assertTrue(old.isStale());
        assertFalse(binding.claim(old.number()));
    }

    @Test
    void whoIsReboundWhileItRunsIsQueuedOnTheNewCoreAfterwards() {
        binding.execute(nothing);
        Ticket ticket = take(here);
        binding.claim(ticket.number());

        binding.rebind(there);
        assertNull(there.takeAll());

        assertTrue(binding.release(ticket, 0));
        assertSame(there, binding.inbox());
    }

    @Test
    void whoIsReboundWhileItIsIdleIsQueuedOnTheNewCore() {
        binding.rebind(there);

        binding.execute(nothing);

        assertNull(here.takeAll());
        assertFalse(take(there).isStale());
    }

    @Test
    void rebindingToTheSameCoreQueuesNothing() {
        binding.execute(nothing);
        take(here);

        binding.rebind(here);

        assertNull(here.takeAll());
    }

    @Test
    void weightsOutOfRangeAreRefusedByValue() {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> binding.weight(10_001));

        assertEquals("a weight lies between 1 and 10000, weight=10001", refusal.getMessage());
        assertThrows(IllegalArgumentException.class, () -> binding.weight(0));
        assertEquals(100, binding.weight());
    }
}
