package io.pinion.store.tx;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/**
 * Random operations on random tables, against a model that searches from end to end. Every step is a number that decides
 * all about it, so that a failure is made small by leaving steps out.
 */
class ModelTest {
    @Property(tries = 200)
    void smallTablesAndTheirViewsAgreeWithTheModelAfterEveryStep(
            @ForAll long schemaSeed, @ForAll @Size(max = 120) List<Long> steps) {
        smallTables(schemaSeed, steps);
    }

    private static void smallTables(long schemaSeed, List<Long> steps) {
        ModelRun run = new ModelRun(schemaSeed, 12);
        for (long step : steps) {
            run.step(step);
            run.check();
        }
        run.finish();
    }

    @Property(tries = 15)
    void largeTablesAndTheirViewsAgreeWithTheModel(@ForAll long seed) {
        largeTables(seed, 2500);
    }

    private static void largeTables(long seed, int steps) {
        ModelRun run = new ModelRun(seed, 5000);
        for (int step = 0; step < steps; step++) {
            run.step(seed + step);
            if (step % 500 == 0) {
                run.check();
            }
        }
        run.finish();
    }
}
