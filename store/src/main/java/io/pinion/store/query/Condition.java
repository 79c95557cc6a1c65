package io.pinion.store.query;

import io.pinion.store.query.Statement.Operator;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/** A checked condition over the columns of the tables that a query reads. Immutable. */
sealed interface Condition {
    /** What every row meets. */
    static Condition always() {
        return new All(List.of());
    }

    record Constant(boolean value) implements Condition {}

    /** @param value BSATN of the column's type */
    record ColumnWithValue(ColumnRef column, Operator operator, ValueOrder order, Bytes value) implements Condition {}

    record ColumnWithColumn(ColumnRef left, Operator operator, ValueOrder order, ColumnRef right)
            implements Condition {}

    record All(List<Condition> parts) implements Condition {
        public All {
            parts = List.copyOf(parts);
        }
    }

    record Any(List<Condition> parts) implements Condition {
        public Any {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Hot path: no allocation.
     *
     * @param rows by source; those of the sources that are looked at stand on a row
     */
    default boolean test(RowCursor[] rows) {
        return switch (this) {
            case Constant(boolean value) -> value;
            case ColumnWithValue condition -> {
                RowCursor row = rows[condition.column.source()];
                yield condition.operator.accepts(condition.order.compare(
                        row.bytes(), row.start(condition.column.column()), condition.value.unsafeArray(), 0));
            }
            case ColumnWithColumn condition -> {
                RowCursor left = rows[condition.left.source()];
                RowCursor right = rows[condition.right.source()];
                yield condition.operator.accepts(condition.order.compare(
                        left.bytes(),
                        left.start(condition.left.column()),
                        right.bytes(),
                        right.start(condition.right.column())));
            }
            case All(List<Condition> parts) -> {
                for (int i = 0; i < parts.size(); i++) {
                    if (!parts.get(i).test(rows)) {
                        yield false;
                    }
                }
                yield true;
            }
            case Any(List<Condition> parts) -> {
                for (int i = 0; i < parts.size(); i++) {
                    if (parts.get(i).test(rows)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }

    /** Every column that is looked at. */
    default void forEachColumn(Consumer<ColumnRef> action) {
        switch (this) {
            case Constant _ -> {}
            case ColumnWithValue condition -> action.accept(condition.column);
            case ColumnWithColumn condition -> {
                action.accept(condition.left);
                action.accept(condition.right);
            }
            case All(List<Condition> parts) -> parts.forEach(part -> part.forEachColumn(action));
            case Any(List<Condition> parts) -> parts.forEach(part -> part.forEachColumn(action));
        }
    }

    /** One bit per source that is looked at. */
    default long sources() {
        long[] mask = new long[1];
        forEachColumn(column -> mask[0] |= 1L << column.source());
        return mask[0];
    }

    /** The same over sources that stand elsewhere. */
    default Condition moved(IntUnaryOperator sources) {
        return switch (this) {
            case Constant constant -> constant;
            case ColumnWithValue(ColumnRef column, Operator operator, ValueOrder order, Bytes value) ->
                new ColumnWithValue(moved(column, sources), operator, order, value);
            case ColumnWithColumn(ColumnRef left, Operator operator, ValueOrder order, ColumnRef right) ->
                new ColumnWithColumn(moved(left, sources), operator, order, moved(right, sources));
            case All(List<Condition> parts) -> new All(moved(parts, sources));
            case Any(List<Condition> parts) -> new Any(moved(parts, sources));
        };
    }

    private static List<Condition> moved(List<Condition> parts, IntUnaryOperator sources) {
        List<Condition> moved = new ArrayList<>(parts.size());
        for (Condition part : parts) {
            moved.add(part.moved(sources));
        }
        return moved;
    }

    private static ColumnRef moved(ColumnRef column, IntUnaryOperator sources) {
        return new ColumnRef(sources.applyAsInt(column.source()), column.column());
    }
}
