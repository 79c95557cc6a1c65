package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DelayHistogramTest {
    private final DelayHistogram histogram = new DelayHistogram();

    @Test
    void bucketsFollowEachOtherWithoutGapOrOverlap() {
        int last = DelayHistogram.bucket(Long.MAX_VALUE);
        for (int bucket = 0; bucket < last; bucket++) {
            long upper = DelayHistogram.upperNanos(bucket);
            assertEquals(bucket, DelayHistogram.bucket(upper));
            assertEquals(bucket + 1, DelayHistogram.bucket(upper + 1));
        }
    }

    @Test
    void percentilesAreAtMostASixteenthTooLong() {
        long seed = System.nanoTime();
        System.err.println("percentilesAreAtMostASixteenthTooLong seed=" + seed);
        Random random = new Random(seed);
        long[] delays = new long[10_000];
        for (int index = 0; index < delays.length; index++) {
            delays[index] = 1L << random.nextInt(40) | random.nextInt(1 << 20);
            histogram.record(delays[index]);
        }
        Arrays.sort(delays);
        DelayHistogram.Snapshot snapshot = histogram.snapshot();

        for (double percent : new double[] {0.01, 1, 50, 90, 99, 99.9, 100}) {
            long exact = delays[(int) Math.ceil(percent / 100 * delays.length) - 1];
            long told = snapshot.percentile(percent);
            assertTrue(told >= exact && told <= exact + exact / 16 + 1, percent + ": " + told + " for " + exact);
        }
    }

    @Test
    void snapshotsAddUpAndSubtract() {
        histogram.record(5);
        DelayHistogram.Snapshot earlier = histogram.snapshot();
        histogram.record(1_000_000);

        DelayHistogram.Snapshot later = histogram.snapshot();

        assertEquals(1, earlier.count());
        assertEquals(2, later.count());
        assertEquals(1, later.minus(earlier).count());
        assertTrue(later.minus(earlier).percentile(1) >= 1_000_000);
        assertEquals(3, later.plus(earlier).count());
        assertEquals(5, later.plus(earlier).percentile(50));
        assertEquals(0, later.countAtMost(4));
        assertEquals(1, later.countAtMost(5));
        assertEquals(1, later.countAtMost(999_999));
        assertEquals(2, later.countAtMost(2_000_000));
    }

    @Test
    void nothingRecordedIsNoDelay() {
        assertEquals(0, DelayHistogram.Snapshot.empty().percentile(99));
        assertThrows(
                IllegalArgumentException.class,
                () -> DelayHistogram.Snapshot.empty().percentile(101));
    }

    @Test
    void whatIsTooShortOrTooLongCountsAsTheShortestAndTheLongest() {
        histogram.record(-3);
        histogram.record(Long.MAX_VALUE);

        assertEquals(0, histogram.snapshot().percentile(50));
        assertEquals(2, histogram.snapshot().count());
    }
}
