package io.pinion.store.query;

import io.pinion.store.value.AlgebraicType.Product;
import java.util.List;

/**
 * A query whose names and types have been checked: what is asked, not yet how it is answered. Immutable.
 *
 * @param limit most rows of the result
 */
record LogicalSelect(Catalog.Table table, Condition condition, Output output, Product resultType, long limit) {
    sealed interface Output {
        /** Rows as they are stored. */
        record WholeRows() implements Output {}

        /** @param columns positions, in result order */
        record Columns(List<Integer> columns) implements Output {
            public Columns {
                columns = List.copyOf(columns);
            }
        }

        /** One row: how many there are. */
        record Count() implements Output {}
    }
}
