package io.pinion.actors.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The turn that one worker runs, as others see it, and the place where it is decided whether the worker still has its
 * core when the turn ends.
 *
 * <p>States, each with the number of a turn: IDLE → RUNNING → IDLE by the worker; RUNNING → TAKEN → SETTLED by the
 * monitor, SETTLED → IDLE by the worker. Worker and monitor both leave RUNNING by compare-and-set, so one of them wins: a
 * worker whose turn ended has kept its core, or has lost it and touches nothing of it again. Beginning a turn publishes
 * what the worker did to its core before, and taking it acquires that, so whom the monitor makes the owner then sees it
 * all.
 */
final class TurnSlot {
    private static final int PHASE_BITS = 2;
    private static final long PHASE_MASK = (1 << PHASE_BITS) - 1;
    private static final long RUNNING = 1;
    private static final long TAKEN = 2;
    private static final long SETTLED = 3;
    private static final long SETTLING_NANOS = 20_000;

    private static final VarHandle STATE;
    private static final VarHandle BINDING;
    private static final VarHandle START_NANOS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(TurnSlot.class, "state", long.class);
            BINDING = lookup.findVarHandle(TurnSlot.class, "binding", Binding.class);
            START_NANOS = lookup.findVarHandle(TurnSlot.class, "startNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long state;

    @SuppressWarnings("UnusedVariable") // read by its handle
    private @Nullable Binding binding;

    @SuppressWarnings("UnusedVariable") // read by its handle
    private long startNanos;

    /** Written by the monitor before it takes the turn or settles, read by anybody after. */
    private volatile long takenNanos;

    private volatile long takenCpuNanos;
    private boolean isReniced;

    /** Whether a turn that was taken is over, and its time about to be counted. */
    private volatile boolean isTakenOver;

    /** @return the turn's id, never 0. Worker only. */
    long begin(Binding runs, long nowNanos) {
        long turn = ((state & ~PHASE_MASK) + (1 << PHASE_BITS)) | RUNNING;
        BINDING.setOpaque(this, runs);
        START_NANOS.setOpaque(this, nowNanos);
        STATE.setRelease(this, turn);
        return turn;
    }

    /** @return false if the core was taken from the worker meanwhile. Worker only. */
    boolean end(long turn) {
        return STATE.compareAndSet(this, turn, turn & ~PHASE_MASK);
    }

    /** The id of the turn that runs, 0 if none does. Any thread. */
    long running() {
        long seen = state;
        return (seen & PHASE_MASK) == RUNNING ? seen : 0;
    }

    /** The number of the turn that has begun and is not over, whoever has the core; 0 if there is none. Any thread. */
    long unfinished() {
        long seen = state;
        return (seen & PHASE_MASK) == 0 || isTakenOver ? 0 : seen >>> PHASE_BITS;
    }

    /** Whether the core was taken from the turn. Any thread. */
    boolean isTaken() {
        return (state & PHASE_MASK) >= TAKEN;
    }

    /** Whose turn it is, or was last, or is about to be; null if there was none for a while. Any thread. */
    @Nullable
    Binding binding() {
        return (Binding) BINDING.getOpaque(this);
    }

    /** The worker has nothing to run: it holds nothing of what has stopped. Worker only. */
    void clear() {
        BINDING.setOpaque(this, (Binding) null);
    }

    /** When it began. Any thread. */
    long startNanos() {
        return (long) START_NANOS.getOpaque(this);
    }

    /**
     * Takes the core from the worker. Monitor only.
     *
     * @param cpuNanos CPU time of the worker's thread so far
     * @return false if the turn has ended
     */
    boolean take(long turn, long nowNanos, long cpuNanos) {
        takenNanos = nowNanos;
        takenCpuNanos = cpuNanos;
        return STATE.compareAndSet(this, turn, (turn & ~PHASE_MASK) | TAKEN);
    }

    /** The core has another owner, and nothing more is done to the worker's thread. Monitor only. */
    void settle(boolean reniced) {
        isReniced = reniced;
        state = (state & ~PHASE_MASK) | SETTLED;
    }

    /** When the core was taken, as of the turn that it was taken from. Any thread. */
    long takenNanos() {
        return takenNanos;
    }

    /** The CPU time of the worker's thread when the core was taken; negative if nobody could tell. Any thread. */
    long takenCpuNanos() {
        return takenCpuNanos;
    }

    /** The turn that was taken is over; its time may be counted. Worker only, before {@link #awaitSettled}. */
    void takenOver() {
        isTakenOver = true;
    }

    /**
     * Waits until the monitor has done what goes with taking: a few system calls. Worker only.
     *
     * @return whether the thread's niceness was changed
     */
    boolean awaitSettled() {
        while ((state & PHASE_MASK) != SETTLED) {
            LockSupport.parkNanos(this, SETTLING_NANOS);
        }
        state &= ~PHASE_MASK;
        isTakenOver = false;
        return isReniced;
    }
}
