package io.pinion.modules.js;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.graalvm.polyglot.Context;
import org.jspecify.annotations.Nullable;

/**
 * Lets another thread end the call that runs, and never the next one. The thread of a call that may wait for the host is
 * interrupted; the flag is cleared with that of the engine.
 *
 * <p>IDLE → RUNNING when a call begins and back when it ends. A stopper moves RUNNING → STOPPING, interrupts the context,
 * which returns when no thread is in it any more, and sets STOPPED. A call that cannot go RUNNING → IDLE leaves the
 * context, waits for STOPPED, clears the interrupt flag that the engine may have set on its thread, and goes to IDLE. The
 * thread is in the context from before RUNNING until after the attempt to end it, so an interrupt always meets it there.
 */
final class StopSwitch {
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int STOPPING = 2;
    private static final int STOPPED = 3;

    private static final long WAIT_NANOS = 20_000;

    private final Context context;
    private final AtomicInteger state = new AtomicInteger(IDLE);
    private volatile @Nullable Thread waiting;
    private CallDepth.@Nullable Counter depth;

    StopSwitch(Context context) {
        this.context = context;
    }

    /** By the call's thread, in the context. */
    void begin(CallDepth.Counter counter) {
        depth = counter;
        state.set(RUNNING);
    }

    /** As {@link #begin}, for a call that may wait for the host: a stop interrupts the thread too. */
    void beginWaiting(CallDepth.Counter counter) {
        waiting = Thread.currentThread();
        begin(counter);
    }

    /** By the call's thread, still in the context; false if a stop has begun: then leave it and {@link #awaitStopped}. */
    boolean end() {
        boolean isOver = state.compareAndSet(RUNNING, IDLE);
        if (isOver) {
            waiting = null;
        }
        return isOver;
    }

    boolean isStopping() {
        return state.get() == STOPPING;
    }

    /** By the call's thread, outside the context. */
    void awaitStopped() {
        while (!state.compareAndSet(STOPPED, IDLE)) {
            Thread.interrupted(); // set by the engine; while it is set parking returns at once
            LockSupport.parkNanos(WAIT_NANOS);
        }
        waiting = null;
        Thread.interrupted();
    }

    /** By any other thread; returns when the call has ended, at once when none runs. */
    void stop() {
        if (!state.compareAndSet(RUNNING, STOPPING)) {
            return;
        }
        try {
            CallDepth.Counter counter = depth;
            if (counter != null) {
                counter.stop();
            }
            Thread thread = waiting;
            if (thread != null) {
                thread.interrupt();
            }
            context.interrupt(Duration.ZERO);
        } catch (TimeoutException e) {
            throw new IllegalStateException("an interrupt without a time limit timed out", e);
        } finally {
            state.set(STOPPED);
        }
    }
}
