package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CallMeterTest {
    @Test
    void everyDurationIsInTheClassWhoseBoundsItLiesWithin() {
        for (long nanos : new long[] {0, 1, 1023, 1024, 1025, 4096, 4097, 1 << 20, (1 << 20) + 1, Long.MAX_VALUE}) {
            int durationClass = CallMeter.classOf(nanos);
            assertTrue(nanos <= CallCounts.upperNanos(durationClass), "above: " + nanos);
            assertTrue(
                    durationClass == 0 || nanos > CallCounts.upperNanos(durationClass - 1),
                    "below: " + nanos + " in " + durationClass);
        }
    }

    @Test
    void callsAreCountedByEndingAndDuration() {
        CallMeter meter = new CallMeter();
        meter.count(CallCounts.Ending.RETURNED, 500);
        meter.count(CallCounts.Ending.RETURNED, 5000);
        meter.count(CallCounts.Ending.STOPPED, 10_000_000_000L);

        CallCounts counts = meter.counts().plus(CallCounts.NONE);

        assertEquals(2, counts.ended(CallCounts.Ending.RETURNED));
        assertEquals(1, counts.ended(CallCounts.Ending.STOPPED));
        assertEquals(0, counts.ended(CallCounts.Ending.FAILED));
        assertEquals(3, counts.total());
        assertEquals(10_000_005_500L, counts.nanos());
        assertEquals(1, counts.inClass(0));
        assertEquals(1, counts.inClass(2));
    }
}
