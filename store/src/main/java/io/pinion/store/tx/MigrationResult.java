package io.pinion.store.tx;

import io.pinion.store.schema.MigrationPlan;
import java.util.List;

/** What became of an update of the schema. */
public sealed interface MigrationResult {
    /**
     * The datastore has the new schema.
     *
     * @param plan what was done
     * @param migration what it came to: for the log
     */
    record Updated(MigrationPlan.Possible plan, ResolvedMigration migration) implements MigrationResult {}

    /**
     * Nothing was changed.
     *
     * @param reasons every one, one line each
     */
    record Refused(List<String> reasons) implements MigrationResult {
        public Refused {
            reasons = List.copyOf(reasons);
        }
    }
}
