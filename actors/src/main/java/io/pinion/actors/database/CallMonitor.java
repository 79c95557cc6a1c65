package io.pinion.actors.database;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices guest calls that run longer than they may and has them stopped, on threads of their own, as an engine's stop can
 * block. Time in which the monitor itself did not run, a collection or a suspended process, counts for no call.
 * Threadsafe.
 */
final class CallMonitor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CallMonitor.class);
    private static final int STOPPERS_MAX = 64;
    /** A gap between two looks is one only beyond this many intervals. */
    private static final int GAP_INTERVALS = 4;

    private final long intervalNanos;
    private final List<CallSlot> slots = new CopyOnWriteArrayList<>();
    private final ThreadLocal<CallSlot> own = ThreadLocal.withInitial(this::register);
    private final ExecutorService stoppers;
    private final Thread thread;
    private volatile long gapNanos;
    private volatile boolean isClosed;

    CallMonitor(Duration interval) {
        intervalNanos = interval.toNanos();
        stoppers = new ThreadPoolExecutor(
                0,
                STOPPERS_MAX,
                1,
                TimeUnit.MINUTES,
                new SynchronousQueue<>(),
                Thread.ofPlatform().name("pinion-call-stopper-", 0).daemon().factory());
        thread = Thread.ofPlatform().name("pinion-call-monitor").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The calling thread's own. */
    CallSlot slot() {
        return own.get();
    }

    /** Time so far in which nobody was watched. */
    long gapNanos() {
        return gapNanos;
    }

    private CallSlot register() {
        slots.removeIf(slot -> !slot.thread().isAlive());
        CallSlot slot = new CallSlot(Thread.currentThread());
        slots.add(slot);
        return slot;
    }

    private void run() {
        long last = System.nanoTime();
        while (!isClosed) {
            LockSupport.parkNanos(this, intervalNanos);
            long now = System.nanoTime();
            noteGap(now - last);
            last = now;
            for (CallSlot slot : slots) {
                long overdue = slot.overdue(now, gapNanos);
                if (overdue != 0) {
                    stop(slot, overdue);
                }
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes it
    private void noteGap(long sinceLastNanos) {
        if (sinceLastNanos > GAP_INTERVALS * intervalNanos) {
            gapNanos += sinceLastNanos - intervalNanos;
        }
    }

    /** A call that is handed to two stoppers is stopped by one: the slot's state decides. */
    @SuppressWarnings("IllegalCatch") // the call goes on; its engine could not be asked to stop it
    private void stop(CallSlot slot, long overdue) {
        try {
            stoppers.execute(() -> {
                try {
                    slot.stop(overdue);
                } catch (Throwable e) {
                    log.error("a call on {} could not be stopped", slot.thread().getName(), e);
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug(
                    "all stoppers are busy; the call on {} has to wait",
                    slot.thread().getName(),
                    e);
        }
    }

    @Override
    public void close() {
        isClosed = true;
        LockSupport.unpark(thread);
        stoppers.shutdown();
    }
}
