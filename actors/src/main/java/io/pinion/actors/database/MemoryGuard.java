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
 * a notable share of the heap. If there is none, and the whole heap was collected, so that what is left is in use, the
 * instance that has allocated most over its life is to be thrown away: it may keep a little of every call. Then the next
 * collection is awaited. An allocator may be faster than the collector's notices: what is in use is looked at every 100 ms
 * as well, against a higher mark, as garbage is in it.
 *
 * <p>Used by the monitor's thread.
 */
final class MemoryGuard implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MemoryGuard.class);
    private static final int EARLY_PERCENT = 95;
    private static final int NOTABLE_PERCENT = 10;
    private static final long EARLY_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** The two pauses of one concurrent cycle are two collections to the JVM: a rest, so that they cost one instance. */
    private static final long DISCARD_REST_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long WARNING_REST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final HeapGauge heap;
    private final long guardBytes;
    private final long earlyBytes;
    private final long notableBytes;
    private long collectionSeen;
    private long collectionRelieved;
    private long earlyLookNanos;
    private @Nullable WatchedThread stopped;
    private long stoppedCall = CallSlot.NONE;
    private boolean hasDiscarded;
    private long discardNanos;
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
        if (isNew && newest.usedBytes() > guardBytes) {
            return relieve(newest, newest.isWhole(), nowNanos, threads, databases);
        }
        if (nowNanos - earlyLookNanos < EARLY_LOOK_NANOS) {
            return Relief.None.INSTANCE;
        }
        earlyLookNanos = nowNanos;
        return heap.used() > earlyBytes ? relieve(newest, false, nowNanos, threads, databases) : Relief.None.INSTANCE;
    }

    private Relief relieve(
            Collection newest, boolean isWhole, long nowNanos, WatchedThread[] threads, Iterable<Vitals> databases) {
        if (newest.number() == collectionRelieved || isStopUnderWay()) {
            return Relief.None.INSTANCE;
        }
        WatchedThread hungriest = hungriest(threads);
        if (hungriest != null) {
            collectionRelieved = newest.number();
            stopped = hungriest;
            stoppedCall = hungriest.call();
            return new Relief.StopCall(hungriest);
        }
        return isWhole ? discard(newest, nowNanos, databases) : Relief.None.INSTANCE;
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
        if (hasDiscarded && nowNanos - discardNanos < DISCARD_REST_NANOS) {
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
        hasDiscarded = true;
        discardNanos = nowNanos;
        return new Relief.DiscardInstance(greediest);
    }

    private void warn(Collection newest, long nowNanos) {
        if (hasWarned && nowNanos - warningNanos < WARNING_REST_NANOS) {
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
