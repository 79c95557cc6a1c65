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
 * <p>A heap of large pieces has no room left long before it is full: where a collection was forced, the mark is lower. An
 * allocator may be faster than the collector's notices: what is in use is looked at every 100 ms as well, against a higher
 * mark, as garbage is in it.
 *
 * <p>Used by the monitor's thread.
 */
final class MemoryGuard implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MemoryGuard.class);
    private static final int EARLY_PERCENT = 95;
    private static final int FORCED_PERCENT = 50;
    private static final int NOTABLE_PERCENT = 10;
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
    }

    private static long percent(HeapGauge heap, int percent) {
        return heap.max() / 100 * percent;
    }

    /** Looks at the heap, and if need be at who runs and who has run. Threads are those looked at just now. */
    Relief look(long nowNanos, WatchedThread[] threads, Iterable<Vitals> databases) {
        Collection newest = heap.newest();
        boolean isNew = newest.number() != collectionSeen;
        collectionSeen = newest.number();
        if (isNew && newest.usedBytes() > (newest.isForced() ? forcedBytes : guardBytes)) {
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

    private Relief relieve(Collection newest, long nowNanos, WatchedThread[] threads, Iterable<Vitals> databases) {
        if (newest.number() == collectionRelieved || isStopUnderWay()) {
            return Relief.None.INSTANCE;
        }
        WatchedThread hungriest = hungriest(threads);
        if (hungriest != null) {
            collectionRelieved = newest.number();
            stopped = hungriest;
            stoppedCall = hungriest.call();
            hasRelieved = true;
            reliefNanos = nowNanos;
            return new Relief.StopCall(hungriest);
        }
        return discard(newest, nowNanos, databases);
    }

    /** The call that was picked last goes on: nobody else has to go before that has had its effect. */
    private boolean isStopUnderWay() {
        return stopped != null && stopped.slot().current() == stoppedCall;
    }

    private @Nullable WatchedThread hungriest(WatchedThread[] threads) {
        WatchedThread hungriest = null;
        long most = notableBytes;
        for (WatchedThread thread : threads) {
            long bytes = thread.allocatedByCall();
            if (bytes > most) {
                most = bytes;
                hungriest = thread;
            }
        }
        return hungriest;
    }

    private Relief discard(Collection newest, long nowNanos, Iterable<Vitals> databases) {
        if (hasDiscarded && nowNanos - discardNanos < restNanos) {
            return Relief.None.INSTANCE;
        }
        Vitals greediest = null;
        long most = notableBytes;
        for (Vitals vitals : databases) {
            if (vitals.instanceAllocatedBytes() > most) {
                most = vitals.instanceAllocatedBytes();
                greediest = vitals;
            }
        }
        if (greediest == null) {
            warn(newest, nowNanos);
            return Relief.None.INSTANCE;
        }
        collectionRelieved = newest.number();
        restNanos = hasDiscarded ? Math.min(2 * restNanos, REST_NANOS_MAX) : restNanos;
        hasDiscarded = true;
        discardNanos = nowNanos;
        hasRelieved = true;
        reliefNanos = nowNanos;
        return new Relief.DiscardInstance(greediest);
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
