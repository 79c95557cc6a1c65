package io.pinion.actors.core;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what runs, on one thread of its own per actor system, never on a core: every millisecond while any of its
 * samplers has something to watch, else at the idle interval. It only notices; what can take long is done elsewhere.
 *
 * <p>It also notices its own absence. A look that comes far later than planned follows a time in which nobody was
 * watched, a collector pause or a suspended process, and most likely nobody ran. Samplers subtract that time from what
 * they measure. Threadsafe.
 */
public final class Monitor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Monitor.class);
    private static final long BUSY_INTERVAL_NANOS = 1_000_000;
    /** A gap between two looks is one only beyond this many intervals. */
    private static final int GAP_INTERVALS = 4;

    private static final long REPORT_INTERVAL_NANOS = 1_000_000_000;

    private final long idleIntervalNanos;
    private final List<Sampler> samplers = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile long unwatchedNanos;
    private volatile boolean isClosed;

    /** The monitor's thread alone. */
    private boolean hasReported;

    private long reportedNanos;

    private Monitor(Duration idleInterval) {
        idleIntervalNanos = Math.max(idleInterval.toNanos(), BUSY_INTERVAL_NANOS);
        thread = Thread.ofPlatform().name("pinion-monitor").daemon().unstarted(this::run);
    }

    /** Called by the monitor's thread at each look. */
    @FunctionalInterface
    public interface Sampler {
        /**
         * One look. Returns soon; what it throws is logged, once a second at most, and it is called again at the next
         * look.
         *
         * @param nowNanos the time of the look, as of {@link System#nanoTime}
         * @param unwatchedNanos {@link Monitor#unwatchedNanos} as of now
         */
        void sample(long nowNanos, long unwatchedNanos);

        /** Whether the next look is to come in a millisecond; asked after each look. */
        default boolean isWatching() {
            return false;
        }
    }

    /** @param idleInterval between looks while nothing is watched; at least a millisecond */
    public static Monitor start(Duration idleInterval) {
        Monitor monitor = new Monitor(idleInterval);
        monitor.thread.start();
        return monitor;
    }

    public void add(Sampler sampler) {
        samplers.add(sampler);
    }

    /** A look that has begun may still reach it. */
    public void remove(Sampler sampler) {
        samplers.remove(sampler);
    }

    /** Time so far in which nobody was watched. Never falls. */
    public long unwatchedNanos() {
        return unwatchedNanos;
    }

    /** Ends the thread after the present look. */
    @Override
    public void close() {
        isClosed = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        long interval = idleIntervalNanos;
        long last = System.nanoTime();
        while (!isClosed) {
            LockSupport.parkNanos(this, interval);
            long now = System.nanoTime();
            noteGap(now - last, interval);
            last = now;
            interval = look(now) ? BUSY_INTERVAL_NANOS : idleIntervalNanos;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes it
    private void noteGap(long sinceLastNanos, long intervalNanos) {
        unwatchedNanos += gapNanos(sinceLastNanos, intervalNanos);
    }

    /** How much of the time since the last look was a gap. */
    static long gapNanos(long sinceLastNanos, long intervalNanos) {
        return sinceLastNanos > GAP_INTERVALS * intervalNanos ? sinceLastNanos - intervalNanos : 0;
    }

    private boolean look(long nowNanos) {
        boolean isWatching = false;
        try {
            for (Sampler sampler : samplers) {
                isWatching |= look(sampler, nowNanos);
            }
        } catch (OutOfMemoryError e) { // not even a line of log was possible; the next look matters all the more
            return true;
        }
        return isWatching;
    }

    @SuppressWarnings("IllegalCatch") // what one sampler throws may end neither the others nor the monitor
    private boolean look(Sampler sampler, long nowNanos) {
        try {
            sampler.sample(nowNanos, unwatchedNanos);
            return sampler.isWatching();
        } catch (Throwable e) {
            report(e, nowNanos);
            return false;
        }
    }

    private void report(Throwable thrown, long nowNanos) {
        if (!hasReported || nowNanos - reportedNanos >= REPORT_INTERVAL_NANOS) {
            hasReported = true;
            reportedNanos = nowNanos;
            log.error("A sampler threw; the monitor carries on", thrown);
        }
    }
}
