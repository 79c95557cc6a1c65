package io.pinion.store.query;

import io.pinion.store.query.Condition.ColumnWithColumn;
import io.pinion.store.query.Condition.ColumnWithValue;
import io.pinion.store.query.JoinPlan.Access;
import io.pinion.store.query.JoinPlan.Bound;
import io.pinion.store.query.JoinPlan.Operand;
import io.pinion.store.query.Statement.Operator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how one table is read when rows of some others are at hand. Used once.
 *
 * <p>Floats are never keys of an index without order, nor of a hash: what equals them is more than one run of bytes.
 */
final class AccessChooser {
    private static final double RANGE_PART = 0.3;

    private final Catalog.Table table;
    private final int source;
    private final long bound;
    private final List<Condition> conditions;
    private final double size;
    /** By column. */
    private final Map<Integer, Key> keys = new HashMap<>();

    /**
     * @param bound one bit per source whose row is at hand
     * @param size about the number of rows
     */
    AccessChooser(Catalog.Table table, int source, long bound, List<Condition> conditions, double size) {
        this.table = table;
        this.source = source;
        this.bound = bound;
        this.conditions = conditions;
        this.size = size;
    }

    /** What a column has to equal. */
    private record Key(Operand operand, Condition condition, boolean isFloat) {}

    /** What a column has to lie between; null for no bound. */
    private record Range(
            @Nullable ColumnWithValue lower, @Nullable ColumnWithValue upper) {
        boolean isOpen() {
            return lower == null && upper == null;
        }
    }

    AccessChoice choose() {
        conditions.forEach(this::gather);
        AccessChoice best = null;
        for (Catalog.Index index : table.indexes()) {
            AccessChoice choice = byIndex(index);
            if (choice != null && (best == null || choice.total() < best.total())) {
                best = choice;
            }
        }
        if (best == null) {
            best = byHash();
        }
        return best != null ? best : new AccessChoice(source, new Access.TableScan(), List.of(), size, 0, size);
    }

    private void gather(Condition condition) {
        if (condition instanceof ColumnWithValue value
                && value.operator() == Operator.EQUAL
                && value.column().source() == source) {
            Key key = new Key(
                    new Operand.Constant(value.value()), value, value.order().isFloat());
            Key other = keys.get(value.column().column());
            if (other == null || other.operand() instanceof Operand.Earlier) {
                keys.put(value.column().column(), key);
            }
        }
        if (condition instanceof ColumnWithColumn equality && equality.operator() == Operator.EQUAL) {
            gather(equality, equality.left(), equality.right());
            gather(equality, equality.right(), equality.left());
        }
    }

    private void gather(ColumnWithColumn equality, ColumnRef mine, ColumnRef other) {
        if (mine.source() == source && (bound & (1L << other.source())) != 0) {
            keys.putIfAbsent(
                    mine.column(),
                    new Key(
                            new Operand.Earlier(other),
                            equality,
                            equality.order().isFloat()));
        }
    }

    private @Nullable AccessChoice byIndex(Catalog.Index index) {
        List<Key> prefix = prefix(index);
        List<Condition> settled = new ArrayList<>();
        prefix.forEach(key -> settled.add(key.condition()));
        List<Operand> operands = prefix.stream().map(Key::operand).toList();
        if (!prefix.isEmpty() && prefix.size() == index.columns().size()) {
            double rows = index.isUnique() ? 1 : equal(prefix.size());
            return new AccessChoice(source, new Access.IndexPoint(index, operands), settled, rows, 0, rows);
        }
        if (!index.isOrdered()) {
            return null;
        }
        Range range = range(index.columns().get(prefix.size()));
        if (prefix.isEmpty() && range.isOpen()) {
            return null;
        }
        if (range.lower() != null) {
            settled.add(range.lower());
        }
        if (range.upper() != null) {
            settled.add(range.upper());
        }
        double rows = equal(prefix.size()) * part(range);
        Access access = new Access.IndexRange(index, operands, bound(range.lower()), bound(range.upper()));
        return new AccessChoice(source, access, settled, rows, 0, rows);
    }

    /** About as many rows are equal in that many columns: the root for one, the third root for two. */
    private double equal(int columnCount) {
        return Math.pow(size, 1.0 / (1 + columnCount));
    }

    private static double part(Range range) {
        return (range.lower() == null ? 1 : RANGE_PART) * (range.upper() == null ? 1 : RANGE_PART);
    }

    /** Keys for as many of the index's first columns as there are. */
    private List<Key> prefix(Catalog.Index index) {
        List<Key> prefix = new ArrayList<>();
        for (int column : index.columns()) {
            Key key = keys.get(column);
            if (key == null || (key.isFloat() && !index.isOrdered())) {
                break;
            }
            prefix.add(key);
        }
        return prefix;
    }

    private Range range(int column) {
        ColumnWithValue lower = null;
        ColumnWithValue upper = null;
        for (Condition condition : conditions) {
            if (condition instanceof ColumnWithValue value && value.column().equals(new ColumnRef(source, column))) {
                switch (value.operator()) {
                    case GREATER, GREATER_OR_EQUAL -> lower = tighter(lower, value, 1);
                    case LESS, LESS_OR_EQUAL -> upper = tighter(upper, value, -1);
                    case EQUAL, NOT_EQUAL -> {}
                }
            }
        }
        return new Range(lower, upper);
    }

    /** @param direction 1 if the greater bound is the tighter one, −1 if the lesser is */
    private static ColumnWithValue tighter(@Nullable ColumnWithValue one, ColumnWithValue other, int direction) {
        if (one == null) {
            return other;
        }
        int order = direction
                * one.order()
                        .compare(one.value().unsafeArray(), 0, other.value().unsafeArray(), 0);
        return order > 0 || (order == 0 && !isIncluded(one)) ? one : other;
    }

    private static boolean isIncluded(ColumnWithValue bound) {
        return bound.operator() == Operator.GREATER_OR_EQUAL || bound.operator() == Operator.LESS_OR_EQUAL;
    }

    private static @Nullable Bound bound(@Nullable ColumnWithValue condition) {
        return condition == null ? null : new Bound(condition.value(), isIncluded(condition));
    }

    /** Only where the key comes from rows at hand: for one that is known the table would be read as often as without. */
    private @Nullable AccessChoice byHash() {
        List<Integer> columns = new ArrayList<>();
        List<ColumnRef> operands = new ArrayList<>();
        List<Condition> settled = new ArrayList<>();
        for (int column : keys.keySet().stream().sorted().toList()) {
            Key key = Objects.requireNonNull(keys.get(column));
            if (key.operand() instanceof Operand.Earlier(ColumnRef other) && !key.isFloat()) {
                columns.add(column);
                operands.add(other);
                settled.add(key.condition());
            }
        }
        double rows = equal(columns.size());
        return columns.isEmpty()
                ? null
                : new AccessChoice(source, new Access.HashLookup(columns, operands), settled, rows, size, rows);
    }
}
