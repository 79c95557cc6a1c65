package io.pinion.store.query;

import io.pinion.store.query.Condition.ColumnWithValue;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.value.BsatnWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides how a query is answered: by one key of an index where the condition allows it, else by the whole table. */
public final class SelectPlanner {
    private SelectPlanner() {}

    /**
     * Checks names, types and the caller's rights, and chooses the way to the rows.
     *
     * @throws SqlException if the statement does not fit the tables or the caller may not see them
     */
    public static SelectPlan plan(Statement statement, Catalog catalog, Caller caller) {
        return switch (statement) {
            case Statement.Select select -> plan(SelectChecker.check(select, catalog, caller));
        };
    }

    private static SelectPlan plan(LogicalSelect select) {
        List<Condition> conjuncts = new ArrayList<>();
        flatten(select.condition(), conjuncts);
        if (select.table().isEvent() || conjuncts.contains(new Condition.Constant(false))) {
            return new SelectPlan(select, new SelectPlan.Nothing(), Condition.always());
        }
        Map<Integer, ColumnWithValue> keys = keys(conjuncts);
        Catalog.Index index = bestIndex(select.table().indexes(), keys);
        if (index == null) {
            return new SelectPlan(select, new SelectPlan.TableScan(), all(conjuncts));
        }
        BsatnWriter point = new BsatnWriter();
        for (int column : index.columns()) {
            ColumnWithValue key = Objects.requireNonNull(keys.get(column));
            point.writeRaw(key.value());
            conjuncts.remove(key);
        }
        return new SelectPlan(select, new SelectPlan.IndexPoint(index.id(), point.toBytes()), all(conjuncts));
    }

    /** The conditions that all must hold. */
    private static void flatten(Condition condition, List<Condition> conjuncts) {
        if (condition instanceof Condition.All(List<Condition> parts)) {
            parts.forEach(part -> flatten(part, conjuncts));
        } else {
            conjuncts.add(condition);
        }
    }

    private static Condition all(List<Condition> conjuncts) {
        return conjuncts.size() == 1 ? conjuncts.getFirst() : new Condition.All(conjuncts);
    }

    /**
     * The value each column is required to equal. Floats are left out: what equals them is more than one key in an index
     * that compares bytes.
     */
    private static Map<Integer, ColumnWithValue> keys(List<Condition> conjuncts) {
        Map<Integer, ColumnWithValue> keys = new HashMap<>();
        for (Condition conjunct : conjuncts) {
            if (conjunct instanceof ColumnWithValue key
                    && key.operator() == Operator.EQUAL
                    && !key.order().isFloat()) {
                keys.putIfAbsent(key.column(), key);
            }
        }
        return keys;
    }

    /** A unique index before others, then the one that covers most columns, then the first. */
    private static Catalog.@Nullable Index bestIndex(List<Catalog.Index> indexes, Map<Integer, ColumnWithValue> keys) {
        Catalog.Index best = null;
        for (Catalog.Index index : indexes) {
            if (!index.columns().isEmpty()
                    && keys.keySet().containsAll(index.columns())
                    && (best == null || rank(index) > rank(best))) {
                best = index;
            }
        }
        return best;
    }

    private static int rank(Catalog.Index index) {
        return index.isUnique() ? Integer.MAX_VALUE : index.columns().size();
    }
}
