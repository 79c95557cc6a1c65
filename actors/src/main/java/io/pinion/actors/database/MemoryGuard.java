package io.pinion.actors.database;

import io.pinion.actors.database.HeapGauge.Collection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds who has to give way before the node runs out of memory: it decides, others act. The engines share one heap and
 * none says what a guest holds, so what it has allocated stands for that.
 *
 * <p>Where a collection leaves more than the guard, the running call that has allocated most is to be stopped, if that is
 * a notable share of the heap. If there is none, the instance that has allocated most over its life is to be thrown away,
 * as it may keep a little of every call. Then the next collection is awaited. If instances go and memory does not come,
 * others hold it: the pause between one and the next doubles until a collection leaves less than the guard.
 *
 * <p>A heap of large pieces has no room left long before it is full: where a collection was forced, the mark is lower. A
 * stop takes its time, in which a small heap is filled: where what collections leave grows so fast that it would reach the
 * early mark within {@link #LEAD_NANOS}, that is soon enough. An allocator may be faster than the collector's notices: what
 * is in use is looked at every 100 ms as well, against the early mark, as garbage is in it.
 *
 * <p>When there was no memory at all, so that the JVM has let go what was kept for that moment, nobody is waited for: then
 * much less is a notable share, and the next instance goes whenever the last one did.
 *
 * <p>Used by the monitor's thread.
 */
final class MemoryGuard implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MemoryGuard.class);
    private static final int EARLY_PERCENT = 95;
    private static final int FORCED_PERCENT = 50;
    private static final int NOTABLE_PERCENT = 10;
    private static final int NOTABLE_AT_LAST_PERCENT = 1;
    /** How far ahead is looked: the longest that a stop takes, as a rule, on a machine that is busy. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Growth is measured over as long at least, as collections that come in a row say little. */
    private static final long GROWTH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long EARLY_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** What was thrown away has to be closed and collected before that shows. */
    private static final long REST_NANOS_MIN = TimeUnit.SECONDS.toNanos(2);

    private static final long REST_NANOS_MAX = TimeUnit.MINUTES.toNanos(10);
    private static final long WARNING_REST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final HeapGauge heap;
    private final long guardBytes;
    private final long earlyBytes;
    private final long forcedBytes;
    private final long notableBytes;
    private final long notableAtLastBytes;
    private final Growth growth = new Growth();
    private long exhaustionsSeen;
    private long collectionSeen;
    private long collectionRelieved;
    private long earlyLookNanos;
    private @Nullable WatchedThread stopped;
    private long stoppedCall = CallSlot.NONE;
    private boolean hasDiscarded;
    private long discardNanos;
    private long restNanos = REST_NANOS_MIN;
    private boolean hasRelieved;
    private long reliefNanos;
    private boolean hasWarned;
    private long warningNanos;

    /** What is to be done. */
    sealed interface Relief {
        enum None implements Relief {
            INSTANCE
        }

        /** The call that the thread was seen with. */
        record StopCall(WatchedThread thread) implements Relief {}

        record DiscardInstance(Vitals vitals) implements Relief {}
    }

    /** @param guardPercent of the largest heap, that collections may leave */
    MemoryGuard(HeapGauge heap, int guardPercent) {
        this.heap = heap;
        guardBytes = percent(heap, guardPercent);
        earlyBytes = percent(heap, EARLY_PERCENT);
        forcedBytes = Math.min(guardBytes, percent(heap, FORCED_PERCENT));
        notableBytes = percent(heap, NOTABLE_PERCENT);
        notableAtLastBytes = percent(heap, NOTABLE_AT_LAST_PERCENT);
    }

    private static long percent(HeapGauge heap, int percent) {
        return heap.max() / 100 * percent;
    }

    /** Looks at the heap, and if need be at who runs and who has run. Threads are those looked at just now. */
    Relief look(long nowNanos, WatchedThread[] threads, Iterable<Vitals> databases) {
        Collection newest = heap.newest();
        long exhaustions = heap.exhaustions();
        if (exhaustions != exhaustionsSeen) {
            exhaustionsSeen = exhaustions;
            return relieveAtLast(newest, nowNanos, threads, databases);
        }
        boolean isNew = newest.number() != collectionSeen;
        collectionSeen = newest.number();
        if (isNew && isTooMuch(newest, nowNanos)) {
            return relieve(newest, nowNanos, threads, databases);
        }
        if (isNew) {
            restNanos = REST_NANOS_MIN;
        }
        if (nowNanos - earlyLookNanos < EARLY_LOOK_NANOS) {
            return Relief.None.INSTANCE;
        }
        earlyLookNanos = nowNanos;
        return heap.used() > earlyBytes ? relieve(newest, nowNanos, threads, databases) : Relief.None.INSTANCE;
    }

    private boolean isTooMuch(Collection newest, long nowNanos) {
        long aheadBytes = growth.ahead(newest.usedBytes(), nowNanos);
        return newest.usedBytes() > (newest.isForced() ? forcedBytes : guardBytes) || aheadBytes > earlyBytes;
    }

    /** What collections leave, as time goes by. */
    private static final class Growth {
        private long sinceNanos;
        private long sinceBytes = Long.MAX_VALUE;

        /** What collections will leave after the lead time if it goes on like that. To be asked at each collection. */
        long ahead(long usedBytes, long nowNanos) {
            long nanos = nowNanos - sinceNanos;
            long grownBytes = usedBytes - sinceBytes;
            if (grownBytes <= 0 || nanos >= GROWTH_NANOS) {
                sinceNanos = nowNanos;
                sinceBytes = usedBytes;
            }
            double perNano = Math.max(0, grownBytes) / (double) Math.max(nanos, GROWTH_NANOS);
            return usedBytes + (long) (perNano * LEAD_NANOS);
        }
    }

    private Relief relieve(Collection newest, long nowNanos, WatchedThread[] threads, Iterable<Vitals> databases) {
        if (newest.number() == collectionRelieved || isStopUnderWay()) {
            return Relief.None.INSTANCE;
        }
        WatchedThread hungriest = hungriest(threads, notableBytes);
        if (hungriest != null) {
            return stop(hungriest, newest, nowNanos);
        }
        boolean isResting = hasDiscarded && nowNanos - discardNanos < restNanos;
        Vitals greediest = isResting ? null : greediest(databases, notableBytes);
        if (greediest != null) {
            return discard(greediest, newest, nowNanos);
        }
        if (!isResting) {
            warn(newest, nowNanos);
        }
        return Relief.None.INSTANCE;
    }

    /** There was nothing left. What is given up now has its effect when it is given up, not at a collection. */
    private Relief relieveAtLast(
            Collection newest, long nowNanos, WatchedThread[] threads, Iterable<Vitals> databases) {
        if (isStopUnderWay()) {
            return Relief.None.INSTANCE;
        }
        WatchedThread hungriest = hungriest(threads, notableAtLastBytes);
        if (hungriest != null) {
            return stop(hungriest, newest, nowNanos);
        }
        Vitals greediest = greediest(databases, notableAtLastBytes);
        return greediest == null ? Relief.None.INSTANCE : discard(greediest, newest, nowNanos);
    }

    /** The call that was picked last goes on: nobody else has to go before that has had its effect. */
    private boolean isStopUnderWay() {
        return stopped != null && stopped.slot().current() == stoppedCall;
    }

    private static @Nullable WatchedThread hungriest(WatchedThread[] threads, long notable) {
        WatchedThread hungriest = null;
        long most = notable;
        for (WatchedThread thread : threads) {
            long bytes = thread.allocatedByCall();
            if (bytes > most) {
                most = bytes;
                hungriest = thread;
            }
        }
        return hungriest;
    }

    private static @Nullable Vitals greediest(Iterable<Vitals> databases, long notable) {
        Vitals greediest = null;
        long most = notable;
        for (Vitals vitals : databases) {
            if (vitals.instanceAllocatedBytes() > most) {
                most = vitals.instanceAllocatedBytes();
                greediest = vitals;
            }
        }
        return greediest;
    }

    private Relief stop(WatchedThread thread, Collection newest, long nowNanos) {
        relieved(newest, nowNanos);
        stopped = thread;
        stoppedCall = thread.call();
        return new Relief.StopCall(thread);
    }

    private Relief discard(Vitals vitals, Collection newest, long nowNanos) {
        relieved(newest, nowNanos);
        restNanos = hasDiscarded ? Math.min(2 * restNanos, REST_NANOS_MAX) : restNanos;
        hasDiscarded = true;
        discardNanos = nowNanos;
        return new Relief.DiscardInstance(vitals);
    }

    private void relieved(Collection newest, long nowNanos) {
        collectionRelieved = newest.number();
        hasRelieved = true;
        reliefNanos = nowNanos;
    }

    /** Not while what was just given up may still be garbage. */
    private void warn(Collection newest, long nowNanos) {
        boolean isOld = !hasRelieved || nowNanos - reliefNanos >= WARNING_REST_NANOS;
        if (!isOld || (hasWarned && nowNanos - warningNanos < WARNING_REST_NANOS)) {
            return;
        }
        hasWarned = true;
        warningNanos = nowNanos;
        log.warn(
                "{} of {} MiB of heap are in use after a collection and no module's instance stands out: the tables of"
                        + " this node need a larger heap",
                newest.usedBytes() >> 20,
                heap.max() >> 20);
    }

    @Override
    public void close() {
        heap.close();
    }
}
