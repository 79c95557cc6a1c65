package io.pinion.store.tx;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Random schemas that change at random under random rows. */
class MigrationModelTest {
    @Property(tries = 150)
    void afterEveryUpdateRowsIndexesIdsAndSequencesAreThoseOfTheModelAndOfTheLog(
            @ForAll long seed, @ForAll @Size(max = 30) List<Long> steps) {
        run(seed, steps);
    }

    private static void run(long seed, List<Long> steps) {
        MigrationRun run = new MigrationRun(seed);
        for (long step : steps) {
            run.step(step);
        }
        run.check();
    }
}
