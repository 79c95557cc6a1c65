package io.pinion.actors.database;

import io.pinion.actors.database.Database.Overloaded;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.dispatch.Envelope;
import org.jspecify.annotations.Nullable;

/**
 * One bounded queue of what waits for a database. Any thread may offer and any may poll; each entry goes to one of them,
 * oldest first. Count and bytes are reserved before an entry is put in and given back after it is taken out, in one word,
 * so the bounds hold at every moment; only an empty lane takes something larger than all its bytes.
 *
 * <p>Hot path: {@link #offer} allocates the entry and its link, {@link #poll} nothing.
 */
final class Lane {
    private static final int COUNT_SHIFT = 40;
    private static final long ONE = 1L << COUNT_SHIFT;
    private static final long BYTES_MASK = ONE - 1;

    private static final long RETRY_MICROS_MIN = TimeUnit.MILLISECONDS.toMicros(10);
    private static final long RETRY_MICROS_MAX = TimeUnit.SECONDS.toMicros(10);

    private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();

    /** Count in the upper bits, bytes in the lower {@value #COUNT_SHIFT}. */
    private final AtomicLong used = new AtomicLong();

    private final AdmissionSettings.Bound bound;

    /**
     * @param arrivalMicros wall clock when it was put in, microseconds since the Unix epoch
     * @param cost what it takes of the lane
     */
    record Waiting(Envelope envelope, long arrivalMicros, long cost) {}

    Lane(AdmissionSettings.Bound bound) {
        this.bound = bound;
    }

    /** @return false if it is full */
    boolean offer(Envelope envelope, long bytes) {
        long cost = ONE + bytes;
        long before;
        do {
            before = used.get();
            if (before != 0 && exceeds(before + cost)) {
                return false;
            }
        } while (!used.compareAndSet(before, before + cost));
        queue.add(new Waiting(envelope, Clock.SYSTEM.epochMicros(), cost));
        return true;
    }

    private boolean exceeds(long wanted) {
        return wanted >>> COUNT_SHIFT > bound.count() || (wanted & BYTES_MASK) > bound.bytes();
    }

    /** Puts in what may not be refused, and is few by other means. */
    void add(Envelope envelope, long bytes) {
        long cost = ONE + bytes;
        used.getAndAdd(cost);
        queue.add(new Waiting(envelope, Clock.SYSTEM.epochMicros(), cost));
    }

    @Nullable
    Waiting poll() {
        if (used.get() == 0) {
            return null;
        }
        Waiting oldest = queue.poll();
        if (oldest != null) {
            used.getAndAdd(-oldest.cost());
        }
        return oldest;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    int count() {
        return (int) (used.get() >>> COUNT_SHIFT);
    }

    long bytes() {
        return used.get() & BYTES_MASK;
    }

    /** For whom it had no room: what is in it now is gone in about the time that its oldest entry has waited. */
    Overloaded overloaded() {
        Waiting oldest = queue.peek();
        long waitedMicros = oldest == null ? 0 : Clock.SYSTEM.epochMicros() - oldest.arrivalMicros();
        long retryMicros = Math.clamp(waitedMicros, RETRY_MICROS_MIN, RETRY_MICROS_MAX);
        return new Overloaded(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(retryMicros)));
    }
}
