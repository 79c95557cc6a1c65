package io.pinion.store.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parsed SQL: its shape is right, its names and types have not been looked at. Immutable. */
public sealed interface Statement {
    /**
     * A query of one table.
     *
     * @param where the condition, absent for all rows
     * @param limit most rows to return, {@link Long#MAX_VALUE} for no limit
     */
    record Select(
            Projection projection, Source source, @Nullable Expression where, long limit) implements Statement {}

    /** @param alias as columns name the table; hides its name */
    record Source(String table, @Nullable String alias, int position) {
        String reference() {
            return alias == null ? table : alias;
        }
    }

    sealed interface Projection {
        /** {@code *} or {@code table.*}. */
        record All(@Nullable String table, int position) implements Projection {}

        record Columns(List<Item> items) implements Projection {
            public Columns {
                items = List.copyOf(items);
            }
        }

        /** {@code COUNT(*) AS label}. */
        record Count(String label) implements Projection {}
    }

    /** @param label as the result calls the column; absent for the column's own name */
    record Item(Expression.Column column, @Nullable String label) {
        String name() {
            return label == null ? column.name() : label;
        }
    }

    enum Operator {
        EQUAL("="),
        NOT_EQUAL("<>"),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">=");

        private final String symbol;

        Operator(String symbol) {
            this.symbol = symbol;
        }

        public String symbol() {
            return symbol;
        }

        /** The operator that says the same with the sides exchanged. */
        Operator mirrored() {
            return switch (this) {
                case EQUAL, NOT_EQUAL -> this;
                case LESS -> GREATER;
                case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
                case GREATER -> LESS;
                case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
            };
        }

        /** Whether it holds between values that compare as {@code order} says. */
        boolean accepts(int order) {
            return switch (this) {
                case EQUAL -> order == 0;
                case NOT_EQUAL -> order != 0;
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
            };
        }
    }

    /** What stands in a condition. Positions are indexes into the text. */
    sealed interface Expression {
        int position();

        /** @param table the qualifier, dots included; absent for an unqualified name */
        record Column(@Nullable String table, String name, int position) implements Expression {}

        /** @param text a number with its sign, a string without quotes, hex as the token has it */
        record Literal(LiteralKind kind, String text, int position) implements Expression {}

        /** {@code :sender}: the caller's identity. */
        record Sender(int position) implements Expression {}

        record Comparison(Operator operator, Expression left, Expression right, int position) implements Expression {}

        record And(List<Expression> parts, int position) implements Expression {
            public And {
                parts = List.copyOf(parts);
            }
        }

        record Or(List<Expression> parts, int position) implements Expression {
            public Or {
                parts = List.copyOf(parts);
            }
        }
    }

    enum LiteralKind {
        NUMBER,
        STRING,
        HEX,
        BOOL
    }
}
