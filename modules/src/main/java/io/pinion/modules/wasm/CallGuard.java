package io.pinion.modules.wasm;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets another thread stop the guest call that is running, and only that one.
 *
 * <p>IDLE → RUNNING when a call begins, RUNNING → IDLE when it ends. A stop takes RUNNING → STOPPING, interrupts the
 * thread, and sets STOPPED. A call that ends and is not RUNNING any more waits for STOPPED, which follows at once, and
 * only then clears the interrupt flag: so the interrupt never reaches what the thread does next.
 */
final class CallGuard {
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int STOPPING = 2;
    private static final int STOPPED = 3;

    private final AtomicInteger state = new AtomicInteger(IDLE);
    private volatile @Nullable Thread runner;
    private boolean interruptedBefore;

    /** The calling thread is about to enter the guest. An interrupt from before is none of the guest's business. */
    void begin() {
        interruptedBefore = Thread.interrupted();
        runner = Thread.currentThread();
        state.set(RUNNING);
    }

    /** The guest has been left; true if it has been asked to stop, noticed or not. */
    boolean end() {
        boolean stopped = !state.compareAndSet(RUNNING, IDLE);
        if (stopped) {
            while (state.get() != STOPPED) {
                Thread.onSpinWait();
            }
            boolean ignored = Thread.interrupted();
            state.set(IDLE);
        }
        runner = null;
        if (interruptedBefore) {
            Thread.currentThread().interrupt();
        }
        return stopped;
    }

    /** Threadsafe; without effect when nothing runs. */
    void stop() {
        if (state.compareAndSet(RUNNING, STOPPING)) {
            Thread thread = runner;
            if (thread != null) {
                thread.interrupt();
            }
            state.set(STOPPED);
        }
    }

    boolean isStopRequested() {
        return state.get() >= STOPPING;
    }
}
