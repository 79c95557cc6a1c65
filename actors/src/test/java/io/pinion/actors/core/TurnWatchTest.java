package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Looks at turns with a clock of the test's own, in milliseconds. */
class TurnWatchTest {
    private static final long MILLIS = 1_000_000;
    private static final long TURN = 5;

    private final TurnWatch watch = new TurnWatch(5 * MILLIS);

    private boolean look(long turn, long nowMillis, long unwatchedMillis, long cpuMillis) {
        return watch.isOverdue(turn, false, nowMillis * MILLIS, unwatchedMillis * MILLIS, () -> cpuMillis * MILLIS);
    }

    @Test
    void aTurnThatComputesIsOverdueAfterASlice() {
        assertFalse(look(TURN, 100, 0, 50));
        assertFalse(look(TURN, 105, 0, 55));
        assertTrue(look(TURN, 106, 0, 56));
    }

    @Test
    void aTurnAfterALongOneOfTheSameBindingIsOverdueAfterAFifthOfASlice() {
        LongSupplier cpuNanos = () -> 50 * MILLIS;
        LongSupplier laterCpuNanos = () -> 52 * MILLIS;

        assertFalse(watch.isOverdue(TURN, true, 100 * MILLIS, 0, cpuNanos));
        assertFalse(watch.isOverdue(TURN, true, 101 * MILLIS, 0, laterCpuNanos));
        assertFalse(watch.isOverdue(TURN, true, 102 * MILLIS, 0, cpuNanos));
        assertTrue(watch.isOverdue(TURN, true, 102 * MILLIS, 0, laterCpuNanos));
    }

    @Test
    void shortTurnsOneAfterTheOtherAreNeverOverdue() {
        for (int turn = 1; turn < 1000; turn++) {
            assertFalse(look(turn * 4L + 1, turn * 4L, 0, turn * 4L));
        }
    }

    @Test
    void aTurnThatSharesItsCpuIsOverdueWithHalfASliceOfIt() {
        look(TURN, 100, 0, 50);

        assertFalse(look(TURN, 106, 0, 52));
        assertTrue(look(TURN, 107, 0, 53));
    }

    @Test
    void aTurnThatWaitsIsOverdueAfterTwentySlices() {
        look(TURN, 100, 0, 50);

        assertFalse(look(TURN, 200, 0, 50));
        assertTrue(look(TURN, 201, 0, 50));
    }

    /** A collector pause or a suspended process: nobody looked, and the turn had no CPU. */
    @Test
    void aGapInTheLooksMakesNoTurnOverdue() {
        look(TURN, 100, 0, 50);
        look(TURN, 101, 0, 51);

        assertFalse(look(TURN, 2101, 1999, 51));
        assertFalse(look(TURN, 2102, 1999, 52));
        assertTrue(look(TURN, 2106, 1999, 56));
    }

    /** The process did not run when the turn was looked at first; what came before that look does not count. */
    @Test
    void aGapBeforeTheFirstLookCountsForNothing() {
        assertFalse(look(TURN, 2100, 1999, 50));
        assertFalse(look(TURN, 2105, 1999, 55));
        assertTrue(look(TURN, 2106, 1999, 56));
    }

    /** On a busy machine the monitor itself waits for a CPU, and what it watches does not. */
    @Test
    void aTurnThatHadAWholeSliceOfCpuIsOverdueThoughNobodyLooked() {
        look(TURN, 100, 0, 50);

        assertTrue(look(TURN, 110, 9, 57));
    }

    @Test
    void aThreadThatHasEndedIsNotOverdue() {
        look(TURN, 100, 0, 50);

        assertFalse(watch.isOverdue(TURN, false, 107 * MILLIS, 0, () -> -1));
    }

    @Test
    void whatRunsAfterAHandOffIsLookedAtAnew() {
        look(TURN, 100, 0, 50);
        assertTrue(look(TURN, 106, 0, 56));

        watch.forget();

        assertFalse(look(TURN, 107, 0, 57));
    }
}
