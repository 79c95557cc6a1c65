package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Random schemas that change at random under random rows. */
class MigrationModelTest {
    @Property(tries = 200)
    void afterEveryUpdateRowsIndexesIdsAndSequencesAreThoseOfTheModelAndOfTheLog(
            @ForAll long seed, @ForAll @Size(max = 60) List<Long> steps) {
        run(seed, steps);
    }

    private static void run(long seed, List<Long> steps) {
        MigrationRun run = new MigrationRun(seed);
        for (long step : steps) {
            run.step(step);
        }
        run.check();
    }

    /** The random changes are no good if one outcome never happens. */
    @Test
    void randomChangesAreBothCarriedOutAndRefused() {
        MigrationRun run = new MigrationRun(3);
        for (long step = 0; step < 300; step++) {
            run.step(step * 0x9E3779B97F4A7C15L);
            run.check();
        }

        assertTrue(run.updates > 10 && run.refusals > 10, run.updates + " and " + run.refusals);
    }
}
