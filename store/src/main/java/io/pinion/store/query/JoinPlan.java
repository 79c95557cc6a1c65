package io.pinion.store.query;

import io.pinion.store.value.Bytes;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The way to the rows of one fragment: for every row of the first step, those of the second that fit, and so on. Immutable.
 *
 * @param steps one per table; none if there can be no row
 * @param cost about how many rows are looked at
 */
record JoinPlan(List<Step> steps, double cost) {
    /** There can be no row. */
    static final JoinPlan NOTHING = new JoinPlan(List.of(), 0);

    JoinPlan {
        steps = List.copyOf(steps);
    }

    /**
     * One table's turn.
     *
     * @param source which of the query's tables
     * @param residual what the access does not see to, of the conditions that can be decided from here on
     */
    record Step(int source, Catalog.Table table, Access access, Condition residual) {}

    /** How a step finds its rows, given a row of each step before it. */
    sealed interface Access {
        /** They are handed in, and not looked for. */
        record Given() implements Access {}

        record TableScan() implements Access {}

        /** @param key one for each of the index's columns */
        record IndexPoint(Catalog.Index index, List<Operand> key) implements Access {
            public IndexPoint {
                key = List.copyOf(key);
            }
        }

        /**
         * @param prefix the first columns of the index, maybe none
         * @param lower bound of the column after those, as {@code upper}; at least one of the three is there
         */
        record IndexRange(
                Catalog.Index index,
                List<Operand> prefix,
                @Nullable Bound lower,
                @Nullable Bound upper) implements Access {
            public IndexRange {
                prefix = List.copyOf(prefix);
            }
        }

        /**
         * The table is read once and remembered by the columns.
         *
         * @param keys what the columns have to equal
         */
        record HashLookup(List<Integer> columns, List<ColumnRef> keys) implements Access {
            public HashLookup {
                columns = List.copyOf(columns);
                keys = List.copyOf(keys);
            }
        }
    }

    /** A part of a key. */
    sealed interface Operand {
        /** @param value BSATN */
        record Constant(Bytes value) implements Operand {}

        /** A column of a step before. */
        record Earlier(ColumnRef column) implements Operand {}
    }

    /** @param value BSATN */
    record Bound(Bytes value, boolean isIncluded) {}

    /** For people, a step each: {@code scan of orders, point of person by index 4097}. */
    String describe() {
        return steps.isEmpty()
                ? "nothing"
                : steps.stream().map(JoinPlan::describe).collect(Collectors.joining(", "));
    }

    private static String describe(Step step) {
        String table = step.table().name();
        return switch (step.access()) {
            case Access.Given _ -> "given rows of " + table;
            case Access.TableScan _ -> "scan of " + table;
            case Access.IndexPoint(Catalog.Index index, List<Operand> _) ->
                "point of " + table + " by index " + index.id();
            case Access.IndexRange(Catalog.Index index, List<Operand> prefix, Bound lower, Bound upper) ->
                range(prefix, lower, upper) + " of " + table + " by index " + index.id();
            case Access.HashLookup(List<Integer> columns, List<ColumnRef> _) ->
                "hash of " + table + " by "
                        + columns.stream()
                                .map(column ->
                                        step.table().columns().get(column).name())
                                .collect(Collectors.joining(" and "));
        };
    }

    private static String range(List<Operand> prefix, @Nullable Bound lower, @Nullable Bound upper) {
        String start = prefix.isEmpty() ? "" : "prefix of " + prefix.size();
        if (lower == null && upper == null) {
            return start;
        }
        String bounds = lower == null ? "range to" : upper == null ? "range from" : "range between";
        return start.isEmpty() ? bounds : start + " and " + bounds;
    }

    /** Whether the step after the first finds its rows by a key of an index. */
    boolean isIndexJoin() {
        return steps.stream().skip(1).allMatch(step -> switch (step.access()) {
            case Access.IndexPoint _ -> true;
            case Access.IndexRange range -> !range.prefix().isEmpty();
            case Access.Given _, Access.TableScan _, Access.HashLookup _ -> false;
        });
    }
}
