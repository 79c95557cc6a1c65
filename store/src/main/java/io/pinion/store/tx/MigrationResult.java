package io.pinion.store.tx;

import java.util.List;

/** What became of {@link Datastore#tryUpdate}. */
public sealed interface MigrationResult {
    /**
     * The datastore has the new schema.
     *
     * @param steps what was done, one line each, in that order
     * @param disconnectsClients whether clients would misunderstand what they now got
     */
    record Updated(List<String> steps, boolean disconnectsClients) implements MigrationResult {
        public Updated {
            steps = List.copyOf(steps);
        }
    }

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
