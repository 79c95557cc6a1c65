package io.pinion.store.query;

import io.pinion.store.query.Condition.ColumnWithValue;
import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A query whose names and types have been checked: what is asked, not yet how it is answered. Immutable.
 *
 * @param tables what it reads; a table may be there twice
 * @param conditions all of which the rows of a result meet
 * @param limit most rows of the result
 * @param usesCaller whether the result depends on the caller's identity
 */
record LogicalSelect(
        List<Catalog.Table> tables,
        List<Condition> conditions,
        Output output,
        Product resultType,
        long limit,
        boolean usesCaller) {
    /** Most tables that one query reads. */
    static final int TABLES_MAX = 64;

    LogicalSelect {
        tables = List.copyOf(tables);
        conditions = flat(conditions);
    }

    sealed interface Output {
        /** Rows as they are stored, without hidden columns. */
        record WholeRows(int source) implements Output {}

        /** @param columns in result order */
        record Columns(List<ColumnRef> columns) implements Output {
            public Columns {
                columns = List.copyOf(columns);
            }
        }

        /** One row: how many there are. */
        record Count() implements Output {}
    }

    /** The table whose rows the result has, if it has whole rows of one. */
    Catalog.Table returned() {
        return tables.get(((Output.WholeRows) output).source());
    }

    /** The instances of views that are read. */
    Set<ViewInstance> views() {
        Set<ViewInstance> views = new LinkedHashSet<>();
        for (Condition condition : conditions) {
            if (condition instanceof ColumnWithValue(ColumnRef column, var _, var _, Bytes value)
                    && column.column() == 0) {
                Catalog.Table table = tables.get(column.source());
                Catalog.View view = table.view();
                if (view != null) {
                    views.add(new ViewInstance(table.id(), table.name(), view.isAnonymous(), value));
                }
            }
        }
        return views;
    }

    /** A conjunction within a conjunction is as good as its parts. */
    private static List<Condition> flat(List<Condition> conditions) {
        List<Condition> parts = new ArrayList<>();
        for (Condition condition : conditions) {
            if (condition instanceof Condition.All(List<Condition> inner)) {
                parts.addAll(flat(inner));
            } else {
                parts.add(condition);
            }
        }
        return List.copyOf(parts);
    }
}
