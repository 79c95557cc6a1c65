package io.pinion.actors.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where tickets for one core arrive, and where the thread that runs the core waits for them. Any thread pushes; one
 * thread at a time, the core's owner, takes and waits.
 *
 * <p>A stack of tickets linked through themselves: pushing is one compare-and-set and allocates nothing, and taking
 * empties it with one exchange, so that no thread that was interrupted by the kernel in the middle holds up another, and
 * nothing breaks if the owner changes at any moment.
 *
 * <p>Waking: a sender pushes and then reads {@code waiter}; the owner sets {@code waiter} and then looks at the stack
 * once more. One of the two sees the other, so no wake-up is lost. A sender that wakes clears {@code waiter} first, so
 * that of many senders one pays for it. A permit that is left over lets a later wait return early, which the owner's loop
 * takes for a false alarm.
 */
final class Inbox {
    private static final VarHandle TOP;
    private static final VarHandle WAITER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TOP = lookup.findVarHandle(Inbox.class, "top", Ticket.class);
            WAITER = lookup.findVarHandle(Inbox.class, "waiter", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int core;

    private volatile @Nullable Ticket top;

    private volatile @Nullable Thread waiter;

    private volatile boolean isClosed;

    Inbox(int core) {
        this.core = core;
    }

    /** The number of the core. */
    int core() {
        return core;
    }

    void push(Ticket ticket) {
        Ticket below;
        do {
            below = top;
            ticket.next = below;
            ticket.depth = below == null ? 1 : below.depth + 1;
        } while (!TOP.compareAndSet(this, below, ticket));
        wake();
    }

    private void wake() {
        Thread thread = waiter;
        if (thread != null && WAITER.compareAndSet(this, thread, (Thread) null)) {
            LockSupport.unpark(thread);
        }
    }

    /** All tickets, linked in the order they came in. Owner only. */
    @Nullable
    Ticket takeAll() {
        if (top == null) {
            return null;
        }
        Ticket ticket = (Ticket) TOP.getAndSet(this, (Ticket) null);
        Ticket oldest = null;
        while (ticket != null) {
            Ticket below = ticket.next;
            ticket.next = oldest;
            oldest = ticket;
            ticket = below;
        }
        return oldest;
    }

    boolean isEmpty() {
        return top == null;
    }

    /** How many tickets wait to be taken. */
    int size() {
        Ticket newest = top;
        return newest == null ? 0 : newest.depth;
    }

    /** Waits for a ticket, or for the end, or for nothing at all: the caller looks again. Owner only. */
    void await() {
        waiter = Thread.currentThread();
        if (top == null && !isClosed) {
            LockSupport.park(this);
        }
        waiter = null;
    }

    /** Lets nobody wait any longer. What is pushed from now on is still there to be taken. */
    void close() {
        isClosed = true;
        wake();
    }

    boolean isClosed() {
        return isClosed;
    }
}
