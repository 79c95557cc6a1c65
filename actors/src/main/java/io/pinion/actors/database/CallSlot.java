package io.pinion.actors.database;

import io.pinion.actors.database.Database.Limit;
import io.pinion.modules.Instance;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread is calling, as the {@link CallMonitor} sees it. {@link #begin}, {@link #end} and {@link #getAsBoolean}
 * belong to that thread. Hot path: no allocation.
 *
 * <p>Idle → running: a call begins. Running → idle: it ends in time. Running → stopping: it is over a limit and somebody
 * asks its instance to stop. Stopping → stopped: the instance was asked. Stopped → idle: the call has ended; the thread
 * waits for "stopped" first, so that no request to stop reaches a later call. Apart from that a stopping or stopped call
 * is declared stuck by somebody, which begins and ends; its thread waits for the end of that as well.
 *
 * <pre>
 *   63                                5    4         3          2       1     0
 *   | number of the call              | declared | declaring | memory | state   |
 * </pre>
 *
 * <p>It all stands in one word together with the number of the call, so that a change that comes too late fails.
 */
final class CallSlot implements BooleanSupplier {
    /** Of no call. */
    static final long NONE = 0;

    private static final int CALL_SHIFT = 5;
    private static final long FLAGS = (1 << CALL_SHIFT) - 1;
    private static final long STATE = 0b00011;
    private static final long IDLE = 0;
    private static final long RUNNING = 1;
    private static final long STOPPING = 2;
    private static final long STOPPED = 3;
    /** Turns stopping into stopped. */
    private static final long WAS_ASKED = STOPPED - STOPPING;
    /** It is not time that the call had too much of. */
    private static final long MEMORY = 0b00100;

    private static final long DECLARING = 0b01000;
    private static final long DECLARED = 0b10000;
    private static final long WAIT_NANOS = 50_000;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(CallSlot.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread thread;
    private final LongSupplier unwatchedNanos;
    private long call;
    private @Nullable Vitals vitals;
    private @Nullable Instance instance;
    private String function = "";
    /** In time that was watched. */
    private long deadlineNanos;

    private boolean holdsDatabase;
    /** Written by whoever declares the call stuck. */
    private boolean isDatabaseStuck;

    private boolean wasStuck;

    @SuppressWarnings("unused") // through WORD
    private volatile long word = IDLE;

    /** @param unwatchedNanos time so far in which nobody was watched, which counts for no call */
    CallSlot(Thread thread, LongSupplier unwatchedNanos) {
        this.thread = thread;
        this.unwatchedNanos = unwatchedNanos;
    }

    Thread thread() {
        return thread;
    }

    /**
     * @param called asked to stop when the call is over a limit; null if the store alone is at work, which polls
     * @param calledFunction what people call it
     */
    void begin(Vitals of, String calledFunction, @Nullable Instance called, long nowNanos, long limit) {
        begin(of, calledFunction, called, nowNanos, limit, true);
    }

    /** As above, for a call that the database does not wait for if {@code holds} is false. */
    void begin(Vitals of, String calledFunction, @Nullable Instance called, long nowNanos, long limit, boolean holds) {
        vitals = of;
        function = calledFunction;
        instance = called;
        holdsDatabase = holds;
        deadlineNanos = nowNanos - unwatchedNanos.getAsLong() + limit;
        call++;
        WORD.setRelease(this, call << CALL_SHIFT | RUNNING);
    }

    /**
     * Makes what runs another call, with a limit of its own: the instance is the same and the guest goes on.
     *
     * @param holds whether the database can do nothing else meanwhile, so that it is stuck if the call is
     * @return false if it was asked to stop before that: then nothing changes
     */
    boolean goOn(long nowNanos, long limit, boolean holds) {
        if (getAsBoolean()) {
            return false;
        }
        holdsDatabase = holds;
        deadlineNanos = nowNanos - unwatchedNanos.getAsLong() + limit;
        if (!WORD.compareAndSet(this, (call << CALL_SHIFT) | RUNNING, ((call + 1) << CALL_SHIFT) | RUNNING)) {
            return false;
        }
        call++;
        return true;
    }

    /** The call that this thread runs, for {@link #stop}. */
    long token() {
        return call << CALL_SHIFT;
    }

    /**
     * Takes the database out of being stuck, if it is.
     *
     * @return the limit for which the call was asked to stop, however it ended; null if it was not
     */
    @Nullable
    Limit end() {
        wasStuck = false;
        Limit limit = WORD.compareAndSet(this, call << CALL_SHIFT | RUNNING, IDLE) ? null : endStopped();
        Vitals called = vitals;
        // This thread may be idle for long: it must not keep what somebody threw away.
        instance = null;
        vitals = null;
        if (wasStuck && isDatabaseStuck && called != null) {
            called.unstuck();
        }
        return limit;
    }

    private Limit endStopped() {
        long seen = (long) WORD.getAcquire(this);
        while (!isSettled(seen) || !WORD.compareAndSet(this, seen, IDLE)) {
            LockSupport.parkNanos(this, WAIT_NANOS);
            Thread.interrupted(); // while it is set parking returns at once
            seen = (long) WORD.getAcquire(this);
        }
        Thread.interrupted();
        wasStuck = (seen & DECLARED) != 0;
        return (seen & MEMORY) == 0 ? Limit.TIME_LIMIT : Limit.MEMORY_LIMIT;
    }

    private static boolean isSettled(long seen) {
        return (seen & STATE) == STOPPED && (seen & (DECLARING | DECLARED)) != DECLARING;
    }

    /** Whether the call that ended last had been declared stuck. */
    boolean wasStuck() {
        return wasStuck;
    }

    /** Whether the running call is asked to stop. */
    @Override
    public boolean getAsBoolean() {
        return ((long) WORD.getOpaque(this) & STATE) >= STOPPING;
    }

    // What other threads do with a call, by the token that they know it by.

    /** The call that goes on, {@link #NONE} if none does. */
    long current() {
        long seen = (long) WORD.getAcquire(this);
        return (seen & STATE) == IDLE ? NONE : seen & ~FLAGS;
    }

    /** Whether the call goes on and was asked to stop. */
    boolean isStopping(long token) {
        long seen = (long) WORD.getAcquire(this);
        return (seen & ~FLAGS) == token && (seen & STATE) >= STOPPING;
    }

    /** Whether the call goes on, was not asked to stop, and has run longer than it may. */
    boolean isOverdue(long token, long nowNanos, long unwatchedNanosNow) {
        boolean isOver = nowNanos - unwatchedNanosNow - deadlineNanos > 0;
        // What was read belongs to that call only if it still runs.
        VarHandle.acquireFence();
        return isOver && (long) WORD.getAcquire(this) == (token | RUNNING);
    }

    /** Whose call it is; null if it has ended. */
    @Nullable
    Vitals vitals(long token) {
        Vitals read = vitals;
        VarHandle.acquireFence();
        return current() == token ? read : null;
    }

    /**
     * Asks the instance of a call to stop, unless the call has ended or was asked already. May block as the engine does.
     *
     * @return whether it was asked here
     */
    boolean stop(long token, Limit limit) {
        Instance stopped = instance;
        VarHandle.acquireFence();
        long reason = limit == Limit.MEMORY_LIMIT ? MEMORY : 0;
        if (!WORD.compareAndSet(this, token | RUNNING, token | STOPPING | reason)) {
            return false;
        }
        try {
            if (stopped != null) {
                stopped.stop();
            }
        } finally {
            WORD.getAndBitwiseOr(this, WAS_ASKED);
            LockSupport.unpark(thread);
        }
        return true;
    }

    /** Tells the database of a call that was asked to stop that it is stuck, unless the call has ended. */
    void declareStuck(long token) {
        Vitals stuck = vitals;
        String in = function;
        boolean isHeld = holdsDatabase;
        VarHandle.acquireFence();
        if (stuck == null || !beginDeclaring(token)) {
            return;
        }
        isDatabaseStuck = isHeld;
        try {
            if (isHeld) {
                stuck.stuck(in);
            } else {
                stuck.stuckAside(in);
            }
        } finally {
            WORD.getAndBitwiseOr(this, DECLARED);
            LockSupport.unpark(thread);
        }
    }

    private boolean beginDeclaring(long token) {
        while (true) {
            long seen = (long) WORD.getAcquire(this);
            if ((seen & ~FLAGS) != token || (seen & STATE) < STOPPING || (seen & DECLARING) != 0) {
                return false;
            }
            if (WORD.compareAndSet(this, seen, seen | DECLARING)) {
                return true;
            }
        }
    }
}
