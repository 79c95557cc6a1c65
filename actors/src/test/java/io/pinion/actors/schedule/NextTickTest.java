package io.pinion.actors.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NextTickTest {
    @Test
    void ticksAreAnchoredAtThePreviousDueTime() {
        assertEquals(110, Schedule.nextTick(100, 10, 100));
        assertEquals(110, Schedule.nextTick(100, 10, 103));
    }

    @Test
    void missedTicksAreSkippedAndTheNextLiesStrictlyAhead() {
        assertEquals(140, Schedule.nextTick(100, 10, 139));
        assertEquals(150, Schedule.nextTick(100, 10, 140));
    }

    @Test
    void anIntervalOfZeroIsDueAtOnce() {
        assertEquals(139, Schedule.nextTick(100, 0, 139));
    }

    @Test
    void anIntervalBeyondTimeNeverComes() {
        long due = Schedule.nextTick(100, Long.MAX_VALUE, 200);
        assertTrue(due > 1L << 62 && due < Schedule.NEVER, "due " + due);
    }
}
