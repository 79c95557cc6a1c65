package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The random changes are no good if one outcome never happens. */
class MigrationRunTest {
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
