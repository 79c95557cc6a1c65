package io.pinion.actors.database;

import io.pinion.modules.Instance;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread is calling, as the {@link CallMonitor} sees it. {@link #begin}, {@link #end} and {@link #getAsBoolean}
 * belong to that thread. Hot path: no allocation.
 *
 * <p>Idle → running: a call begins. Running → idle: it ends in time. Running → stopping: it is overdue and somebody asks
 * its instance to stop. Stopping → stopped: the instance was asked. Stopped → idle: the call has ended; the thread waits
 * for "stopped" first, so that no request to stop reaches a later call. The state carries the number of the call, so a
 * change that comes too late fails.
 */
final class CallSlot implements BooleanSupplier {
    private static final long STATE_BITS = 2;
    private static final long STATE_MASK = (1 << STATE_BITS) - 1;
    private static final long IDLE = 0;
    private static final long RUNNING = 1;
    private static final long STOPPING = 2;
    private static final long STOPPED = 3;
    private static final long WAIT_NANOS = 50_000;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(CallSlot.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread thread;
    private long call;
    private @Nullable Instance instance;
    private long startNanos;
    private long limitNanos;
    private long gapNanosAtStart;

    @SuppressWarnings("unused") // through STATE
    private volatile long state = IDLE;

    CallSlot(Thread thread) {
        this.thread = thread;
    }

    Thread thread() {
        return thread;
    }

    /**
     * @param called asked to stop when the call is overdue; null if the store alone is at work, which polls
     * @param gapNanos of the monitor by now: time in which nobody was watched
     */
    void begin(@Nullable Instance called, long nowNanos, long limit, long gapNanos) {
        instance = called;
        startNanos = nowNanos;
        limitNanos = limit;
        gapNanosAtStart = gapNanos;
        call++;
        STATE.setRelease(this, call << STATE_BITS | RUNNING);
    }

    /** Whether the call was asked to stop, however it ended. */
    boolean end() {
        if (STATE.compareAndSet(this, call << STATE_BITS | RUNNING, IDLE)) {
            return false;
        }
        while (((long) STATE.getAcquire(this) & STATE_MASK) != STOPPED) {
            LockSupport.parkNanos(this, WAIT_NANOS);
            Thread.interrupted();
        }
        Thread.interrupted();
        STATE.setRelease(this, IDLE);
        return true;
    }

    /** Whether the running call is asked to stop. */
    @Override
    public boolean getAsBoolean() {
        return ((long) STATE.getOpaque(this) & STATE_MASK) >= STOPPING;
    }

    /** The state of a call that is over its limit, or 0. Monitor only. */
    long overdue(long nowNanos, long gapNanos) {
        long seen = (long) STATE.getAcquire(this);
        if ((seen & STATE_MASK) != RUNNING) {
            return 0;
        }
        boolean isOver = nowNanos - startNanos - (gapNanos - gapNanosAtStart) > limitNanos;
        // What was read belongs to that call only if it still runs.
        VarHandle.acquireFence();
        return isOver && (long) STATE.getAcquire(this) == seen ? seen : 0;
    }

    /** Asks the instance of an overdue call to stop, unless the call has ended. May block as the engine does. */
    void stop(long overdue) {
        Instance overdueInstance = instance;
        VarHandle.acquireFence();
        if (!STATE.compareAndSet(this, overdue, overdue - RUNNING + STOPPING)) {
            return;
        }
        try {
            if (overdueInstance != null) {
                overdueInstance.stop();
            }
        } finally {
            STATE.setVolatile(this, overdue - RUNNING + STOPPED);
            LockSupport.unpark(thread);
        }
    }
}
