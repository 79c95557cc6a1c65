package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The random changes are no good if one outcome never happens. */
class MigrationRunTest {
    @Test
    void randomChangesAreBothCarriedOutAndRefused() {
        int updates = 0;
        int refusals = 0;
        for (long seed = 1; seed <= 25; seed++) {
            MigrationRun run = new MigrationRun(seed);
            for (long step = 0; step < 20; step++) {
                run.step((seed * 100 + step) * 0x9E3779B97F4A7C15L);
            }
            run.check();
            updates += run.updates;
            refusals += run.refusals;
        }

        assertTrue(updates > 10 && refusals > 10, updates + " and " + refusals);
    }
}
