package io.pinion.store.schema;

import io.pinion.store.schema.MigrationStep.DisconnectClients;
import java.util.List;

/** How a database goes from one definition to another, as far as the definitions alone tell. Immutable. */
public sealed interface MigrationPlan {
    /**
     * Compares two definitions. Tables, views, indexes, constraints and sequences are the same if their canonical names
     * are; columns are the same if name and position are. Pure.
     */
    static MigrationPlan between(ModuleDef before, ModuleDef after) {
        return new MigrationPlanner(before, after).plan();
    }

    /**
     * It can be tried; rows may still stand against it.
     *
     * @param steps in the order in which they are carried out
     */
    record Possible(List<MigrationStep> steps) implements MigrationPlan {
        public Possible {
            steps = List.copyOf(steps);
        }

        /** Whether clients would misunderstand what they get afterwards. */
        public boolean disconnectsClients() {
            return steps.stream().anyMatch(DisconnectClients.class::isInstance);
        }

        /** Several lines for people. */
        public String text(MigrationStyle style) {
            return style.text(this);
        }
    }

    /**
     * It cannot.
     *
     * @param reasons every one, one line each
     */
    record Refused(List<String> reasons) implements MigrationPlan {
        public Refused {
            reasons = List.copyOf(reasons);
        }
    }
}
