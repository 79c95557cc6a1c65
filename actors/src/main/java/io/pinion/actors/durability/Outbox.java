package io.pinion.actors.durability;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The queue between a database and the child that writes its log: linked through the pending objects themselves.
 *
 * <pre>
 *   released ── in flight ── taken ── waiting ── newest
 *   (child)                  (child)             (database)
 * </pre>
 *
 * <p>One thread appends, the database's; one takes and releases, the child's. When the child has ended, another child
 * {@linkplain #attach takes its place}, or the database's thread takes over what is left with {@link #loseAll}. Hot path: no allocation beyond the pending object.
 *
 * <p>Waking: the appender links and then looks at {@code isAwake}; the child clears it and then looks at the queue once
 * more. One of the two sees the other.
 */
public final class Outbox implements CommitSink {
    private static final VarHandle NEXT;
    private static final VarHandle RELEASED_BYTES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            NEXT = lookup.findVarHandle(Pending.class, "next", Pending.class);
            RELEASED_BYTES = lookup.findVarHandle(Outbox.class, "releasedBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long bytesMax;
    private volatile Runnable wake;
    private final AtomicBoolean isAwake = new AtomicBoolean();

    private Pending newest;
    private long appendedBytes;

    private Pending taken;
    private Pending released;

    private volatile LogPosition durable = LogPosition.START;
    private @Nullable InFlight inFlight;

    @SuppressWarnings("unused") // through RELEASED_BYTES
    private long releasedBytes;

    /**
     * @param bytesMax beyond which it is full
     * @param wake tells the child that something has come; called by the appending thread
     */
    public Outbox(long bytesMax, Runnable wake) {
        this.bytesMax = bytesMax;
        this.wake = wake;
        this.newest = new Start();
        this.taken = newest;
        this.released = newest;
    }

    @Override
    public void append(Pending pending) {
        appendedBytes += pending.bytes();
        Pending last = newest;
        newest = pending;
        NEXT.setVolatile(last, pending);
        if (!isAwake.get() && isAwake.compareAndSet(false, true)) {
            wake.run();
        }
    }

    @Override
    public boolean isFull() {
        return appendedBytes - (long) RELEASED_BYTES.getAcquire(this) > bytesMax;
    }

    /** The journal is durable up to there. Child only. */
    void durable(LogPosition position) {
        durable = position;
    }

    /** An event and the last entry up to it, both durable; there may be newer ones by now. Any thread. */
    public LogPosition durable() {
        return durable;
    }

    /** What was sent to the journal last and not answered yet. Child only. */
    @Nullable
    InFlight inFlight() {
        return inFlight;
    }

    void inFlight(@Nullable InFlight write) {
        inFlight = write;
    }

    /**
     * Another child takes the place of the one before, which has ended: it is awake, and what that one took is to be taken
     * again, but for what is in flight.
     */
    void attach(Runnable wakeChild) {
        wake = wakeChild;
        isAwake.set(true);
        if (inFlight == null) {
            taken = released;
        }
    }

    /** The oldest that was not taken yet. Child only. */
    @Nullable
    Pending take() {
        Pending next = next(taken);
        if (next != null) {
            taken = next;
        }
        return next;
    }

    /** What {@link #take} would return. Child only. */
    @Nullable
    Pending peek() {
        return next(taken);
    }

    /** Whether anything was taken that is not released. Child only. */
    @SuppressWarnings("ReferenceEquality") // the queue is made of the objects themselves
    boolean hasTaken() {
        return taken != released;
    }

    /** Releases everything that was taken, oldest first. Child only. */
    @SuppressWarnings("ReferenceEquality") // the queue is made of the objects themselves
    void releaseTaken() {
        long bytes = (long) RELEASED_BYTES.get(this);
        Pending current = released;
        while (current != taken) {
            Pending next = next(current);
            current.next = null;
            if (next == null) {
                throw new IllegalStateException("the queue ends before what was taken from it");
            }
            current = next;
            released = current;
            bytes += current.bytes();
            RELEASED_BYTES.setRelease(this, bytes);
            current.release();
        }
    }

    /**
     * The child has nothing left to do and goes to sleep, until it is woken.
     *
     * @return false if something has come meanwhile and it has to carry on
     */
    boolean sleep() {
        isAwake.set(false);
        return peek() == null || !isAwake.compareAndSet(false, true);
    }

    /** Whether anything waits that was not released. Only when the child has ended. */
    @SuppressWarnings("ReferenceEquality") // the queue is made of the objects themselves
    public boolean isSettled() {
        return released == newest;
    }

    /** Loses everything that was not released, oldest first. Only when the child has ended. */
    public void loseAll() {
        Pending current = next(released);
        while (current != null) {
            Pending next = next(current);
            released = current;
            taken = current;
            current.lose();
            current = next;
        }
    }

    private static @Nullable Pending next(Pending pending) {
        return (Pending) NEXT.getVolatile(pending);
    }

    /** Stands before the first. */
    private static final class Start extends Pending {
        Start() {
            super(0, null, 0);
        }

        @Override
        protected void release() {}

        @Override
        protected void lose() {}
    }
}
