package io.pinion.actors.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Counts delays by size. A bucket is at most a sixteenth as wide as the delays in it are long: 16 buckets for the delays
 * below 16 ns, then 16 for each power of two, up to half an hour; what is longer counts as that long.
 *
 * <p>One thread at a time records; each hands over to the next with a happens-before edge. Any thread may take a
 * {@link #snapshot}, which disturbs nobody and holds at least what was recorded before whatever the reader has seen of
 * the recording thread. Hot path: no allocation per recorded delay.
 */
public final class DelayHistogram {
    private static final int SUB_BUCKET_BITS = 4;
    private static final int SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
    /** The longest delay told apart: 2^41 ns are 37 minutes. */
    private static final int DELAY_BITS_MAX = 41;

    private static final int BUCKETS = (DELAY_BITS_MAX - SUB_BUCKET_BITS + 1) << SUB_BUCKET_BITS;
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[BUCKETS];

    /** One delay; a negative one, from a clock read out of order, counts as none. */
    void record(long delayNanos) {
        int bucket = bucket(delayNanos);
        COUNTS.setOpaque(counts, bucket, counts[bucket] + 1);
    }

    /** What was recorded so far. */
    Snapshot snapshot() {
        long[] copy = new long[BUCKETS];
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            copy[bucket] = (long) COUNTS.getOpaque(counts, bucket);
        }
        return new Snapshot(copy);
    }

    static int bucket(long delayNanos) {
        if (delayNanos < SUB_BUCKETS) {
            return (int) Math.max(0, delayNanos);
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(delayNanos) - SUB_BUCKET_BITS;
        int subBucket = (int) (delayNanos >>> shift) - SUB_BUCKETS;
        return Math.min(((shift + 1) << SUB_BUCKET_BITS) + subBucket, BUCKETS - 1);
    }

    /** The longest delay that falls into a bucket. */
    static long upperNanos(int bucket) {
        int shift = Math.max(0, (bucket >>> SUB_BUCKET_BITS) - 1);
        long base = bucket < SUB_BUCKETS ? bucket : (bucket & (SUB_BUCKETS - 1)) + SUB_BUCKETS;
        return ((base + 1) << shift) - 1;
    }

    /** Counts as of one moment. Immutable. */
    public static final class Snapshot {
        private static final Snapshot EMPTY = new Snapshot(new long[BUCKETS]);

        private final long[] counts;
        private final long total;

        private Snapshot(long[] counts) {
            this.counts = counts;
            this.total = Arrays.stream(counts).sum();
        }

        public static Snapshot empty() {
            return EMPTY;
        }

        /** How many delays were recorded. */
        public long count() {
            return total;
        }

        /**
         * The delay, in nanoseconds, that so much of a hundred stayed at or below, rounded up to its bucket's end.
         *
         * @param percent from 0 to 100
         * @return 0 if nothing was recorded
         * @throws IllegalArgumentException if the percentage lies outside
         */
        public long percentile(double percent) {
            if (!(percent >= 0 && percent <= 100)) {
                throw new IllegalArgumentException("a percentile lies between 0 and 100, percent=" + percent);
            }
            long rank = Math.max(1, (long) Math.ceil(total * percent / 100));
            long seen = 0;
            for (int bucket = 0; bucket < BUCKETS; bucket++) {
                seen += counts[bucket];
                if (seen >= rank) {
                    return upperNanos(bucket);
                }
            }
            return 0;
        }

        /** How many stayed at or below a delay, as far as buckets tell: those of buckets that end there or before. */
        public long countAtMost(long nanos) {
            long seen = 0;
            for (int bucket = 0; bucket < BUCKETS && upperNanos(bucket) <= nanos; bucket++) {
                seen += counts[bucket];
            }
            return seen;
        }

        /** Both together, as for the cores of a node. */
        public Snapshot plus(Snapshot other) {
            long[] sum = counts.clone();
            for (int bucket = 0; bucket < BUCKETS; bucket++) {
                sum[bucket] += other.counts[bucket];
            }
            return new Snapshot(sum);
        }

        /** What came since an earlier snapshot of the same histogram. */
        public Snapshot minus(Snapshot earlier) {
            long[] difference = counts.clone();
            for (int bucket = 0; bucket < BUCKETS; bucket++) {
                difference[bucket] -= earlier.counts[bucket];
            }
            return new Snapshot(difference);
        }
    }
}
