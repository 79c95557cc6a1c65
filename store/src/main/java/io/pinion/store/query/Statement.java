package io.pinion.store.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parsed SQL: its shape is right, its names and types have not been looked at. Immutable. */
public sealed interface Statement {
    /**
     * A query.
     *
     * @param sources the table after FROM, then those joined to it; at least one
     * @param where the condition, absent for all rows
     * @param limit most rows to return, {@link Long#MAX_VALUE} for no limit
     */
    record Select(
            Projection projection,
            List<Source> sources,
            @Nullable Expression where,
            long limit) implements Statement {
        public Select {
            sources = List.copyOf(sources);
        }
    }

    /**
     * New rows.
     *
     * @param columnCount how many columns were listed; their names mean nothing
     */
    record Insert(TableName table, int columnCount, List<Row> rows) implements Statement {
        public Insert {
            rows = List.copyOf(rows);
        }
    }

    record Update(
            TableName table,
            List<Assignment> assignments,
            @Nullable Expression where) implements Statement {
        public Update {
            assignments = List.copyOf(assignments);
        }
    }

    record Delete(TableName table, @Nullable Expression where) implements Statement {}

    record Set(Variable variable, Expression.Literal value) implements Statement {}

    record Show(Variable variable) implements Statement {}

    /** @param name dots included */
    record TableName(String name, int position) {}

    /** @param position of the opening parenthesis */
    record Row(List<Expression.Literal> values, int position) {
        public Row {
            values = List.copyOf(values);
        }
    }

    record Assignment(Expression.Column column, Expression.Literal value) {}

    record Variable(String name, int position) {}

    /**
     * A table to read.
     *
     * @param alias as columns name the table; hides its name
     * @param on what joins it to those before it; absent for the first and for a cross product
     */
    record Source(
            TableName table,
            @Nullable String alias,
            @Nullable JoinOn on) {
        String reference() {
            return alias == null ? table.name() : alias;
        }

        int position() {
            return table.position();
        }
    }

    /** An equality of two columns. */
    record JoinOn(Expression.Column left, Expression.Column right, int position) {}

    sealed interface Projection {
        /** {@code *} or {@code table.*}. */
        record All(@Nullable String table, int position) implements Projection {}

        record Columns(List<Item> items) implements Projection {
            public Columns {
                items = List.copyOf(items);
            }
        }

        /** {@code COUNT(*) AS label}. */
        record Count(String label, int position) implements Projection {}
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
        record Literal(LiteralKind kind, String text, int position) implements Expression {
            String shown() {
                return kind == LiteralKind.STRING ? "'" + text + "'" : text;
            }
        }

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
