package io.pinion.actors.database;

import io.pinion.actors.core.Monitor;
import io.pinion.actors.database.Database.Limit;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices guest calls that run longer than they may, that go on although they were asked to stop, or that endanger the
 * node by what they allocate. It only looks; whatever follows is done by threads of their own, as an engine's stop can
 * block. Time in which nobody looked, a collection or a suspended process, counts for no call. Threadsafe.
 */
final class CallMonitor implements Monitor.Sampler, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CallMonitor.class);
    /** A look that comes less late than that was late because the machine is busy, with calls as likely as not. */
    private static final long PAUSE_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(15);
    /** One is taken for as long as an engine does not notice that it was asked to stop. */
    private static final int STOPPERS_MAX = 256;

    private final long stuckAfterNanos;
    private final AllocatedBytes allocated;
    private final MemoryGuard memory;
    private final Set<Vitals> databases = ConcurrentHashMap.newKeySet();
    private final ThreadLocal<CallSlot> own = ThreadLocal.withInitial(this::register);
    private final ThreadPoolExecutor stoppers;
    private volatile WatchedThread[] threads = {};
    private volatile long unwatchedNanos;
    private long lastUnwatchedNanos;
    private boolean isWatching;

    CallMonitor(Duration stuckAfter, AllocatedBytes allocated, MemoryGuard memory) {
        this.stuckAfterNanos = stuckAfter.toNanos();
        this.allocated = allocated;
        this.memory = memory;
        stoppers = new ThreadPoolExecutor(
                1,
                STOPPERS_MAX,
                1,
                TimeUnit.MINUTES,
                new SynchronousQueue<>(),
                Thread.ofPlatform().name("pinion-call-stopper-", 0).daemon().factory());
        // Without memory no thread is started any more, and then one is needed.
        stoppers.prestartCoreThread();
    }

    /** The calling thread's own. */
    CallSlot slot() {
        return own.get();
    }

    AllocatedBytes allocated() {
        return allocated;
    }

    /** The databases of this node, in no order; what they have allocated is watched. */
    Set<Vitals> databases() {
        return databases;
    }

    private CallSlot register() {
        CallSlot slot = new CallSlot(Thread.currentThread(), () -> unwatchedNanos);
        synchronized (this) {
            threads = Stream.concat(
                            Arrays.stream(threads)
                                    .filter(known -> known.slot().thread().isAlive()),
                            Stream.of(new WatchedThread(slot, allocated)))
                    .toArray(WatchedThread[]::new);
        }
        return slot;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes it
    public void sample(long nowNanos, long unwatched) {
        long pause = unwatched - lastUnwatchedNanos;
        lastUnwatchedNanos = unwatched;
        if (pause >= PAUSE_NANOS_MIN) {
            unwatchedNanos += pause;
        }
        WatchedThread[] seen = threads;
        isWatching = false;
        for (WatchedThread thread : seen) {
            if (thread.look() != CallSlot.NONE) {
                isWatching = true;
                watch(thread, nowNanos);
            }
        }
        switch (memory.look(nowNanos, seen, databases)) {
            case MemoryGuard.Relief.None _ -> {}
            case MemoryGuard.Relief.StopCall(WatchedThread thread) -> stop(thread, Limit.MEMORY_LIMIT);
            case MemoryGuard.Relief.DiscardInstance(Vitals vitals) -> execute(vitals::discardInstance);
        }
    }

    @Override
    public boolean isWatching() {
        return isWatching;
    }

    private void watch(WatchedThread thread, long nowNanos) {
        CallSlot slot = thread.slot();
        long call = thread.call();
        if (slot.isStopping(call)) {
            if (thread.isStuckDue(nowNanos - unwatchedNanos, stuckAfterNanos)
                    && execute(() -> slot.declareStuck(call))) {
                thread.stuckDeclared();
            }
        } else if (slot.isOverdue(call, nowNanos, unwatchedNanos)) {
            stop(thread, Limit.TIME_LIMIT);
        }
    }

    private void stop(WatchedThread thread, Limit limit) {
        CallSlot slot = thread.slot();
        long call = thread.call();
        if (thread.isStopDue() && execute(() -> slot.stop(call, limit))) {
            thread.stopAsked();
        }
    }

    /**
     * Has something done that may block as an engine does. Any thread.
     *
     * @return false if nobody is free to do it: then it is worth another try at the next look
     */
    @SuppressWarnings("IllegalCatch") // a call, or a database, that nothing more can be done about
    boolean execute(Runnable act) {
        try {
            stoppers.execute(() -> {
                try {
                    act.run();
                } catch (Throwable e) {
                    log.error("what endangers this node could not be stopped", e);
                }
            });
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            log.debug("all stoppers are busy", e);
            return false;
        }
    }

    @Override
    public void close() {
        stoppers.shutdown();
        memory.close();
    }
}
