package io.pinion.store.query;

import io.pinion.store.query.Statement.Operator;
import io.pinion.store.value.Bytes;
import java.util.List;

/** A checked condition over the columns of one table, by position. Immutable. */
sealed interface Condition {
    /** What every row meets. */
    static Condition always() {
        return new All(List.of());
    }

    record Constant(boolean value) implements Condition {}

    /** @param value BSATN of the column's type */
    record ColumnWithValue(int column, Operator operator, ValueOrder order, Bytes value) implements Condition {}

    record ColumnWithColumn(int left, Operator operator, ValueOrder order, int right) implements Condition {}

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

    /** Hot path: no allocation. */
    default boolean test(RowCursor row) {
        return switch (this) {
            case Constant(boolean value) -> value;
            case ColumnWithValue condition ->
                condition.operator.accepts(condition.order.compare(
                        row.bytes(), row.start(condition.column), condition.value.unsafeArray(), 0));
            case ColumnWithColumn condition ->
                condition.operator.accepts(condition.order.compare(
                        row.bytes(), row.start(condition.left), row.bytes(), row.start(condition.right)));
            case All(List<Condition> parts) -> {
                for (int i = 0; i < parts.size(); i++) {
                    if (!parts.get(i).test(row)) {
                        yield false;
                    }
                }
                yield true;
            }
            case Any(List<Condition> parts) -> {
                for (int i = 0; i < parts.size(); i++) {
                    if (parts.get(i).test(row)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }

    /** The last column that is looked at, −1 if none is. */
    default int lastColumn() {
        return switch (this) {
            case Constant _ -> -1;
            case ColumnWithValue condition -> condition.column;
            case ColumnWithColumn condition -> Math.max(condition.left, condition.right);
            case All(List<Condition> parts) -> lastColumn(parts);
            case Any(List<Condition> parts) -> lastColumn(parts);
        };
    }

    private static int lastColumn(List<Condition> parts) {
        int last = -1;
        for (Condition part : parts) {
            last = Math.max(last, part.lastColumn());
        }
        return last;
    }
}
