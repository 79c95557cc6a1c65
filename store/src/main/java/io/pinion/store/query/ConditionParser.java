package io.pinion.store.query;

import io.pinion.store.query.SqlToken.Kind;
import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.Operator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a condition. What is open at a place are the parentheses around it, each a {@link Level} with what stands before
 * the place; the levels are a list and not calls in one another, so that a text cannot use up the stack.
 */
final class ConditionParser {
    /** Parentheses within each other. */
    static final int NESTING_MAX = 1_600;

    /** Conjunctions and disjunctions within each other, which whoever reads a condition has to follow. */
    static final int DEPTH_MAX = 250;

    private static final Map<String, Operator> OPERATORS = Map.of(
            "=", Operator.EQUAL,
            "<>", Operator.NOT_EQUAL,
            "!=", Operator.NOT_EQUAL,
            "<", Operator.LESS,
            "<=", Operator.LESS_OR_EQUAL,
            ">", Operator.GREATER,
            ">=", Operator.GREATER_OR_EQUAL);

    private final TokenReader in;
    private final Deque<Level> levels = new ArrayDeque<>();

    ConditionParser(TokenReader in) {
        this.in = in;
    }

    /** What has been read since a parenthesis was opened. */
    private static final class Level {
        private final int position;
        private final List<Expression> ors = new ArrayList<>();
        private List<Expression> ands = new ArrayList<>();
        private @Nullable Expression left;
        private @Nullable Operator operator;
        private int operatorPosition;
        /** Of what stands in it so far. */
        private int depth;

        Level(int position) {
            this.position = position;
        }

        void await(Expression leftSide, Operator comparison, SqlToken token) {
            left = leftSide;
            operator = comparison;
            operatorPosition = token.position();
        }

        /** The comparison that the value is the right side of, or the value. */
        Expression complete(Expression value) {
            Expression leftSide = left;
            Operator comparison = operator;
            if (leftSide == null || comparison == null) {
                return value;
            }
            left = null;
            operator = null;
            return new Expression.Comparison(comparison, leftSide, value, operatorPosition);
        }

        void endConjunction(Expression last) {
            ands.add(last);
            ors.add(ands.size() == 1 ? last : new Expression.And(ands, position));
            ands = new ArrayList<>();
        }

        Expression end(Expression last) {
            endConjunction(last);
            return ors.size() == 1 ? ors.getFirst() : new Expression.Or(ors, position);
        }
    }

    Expression parse() {
        open();
        Expression value = operand();
        while (true) {
            Level level = Objects.requireNonNull(levels.peek());
            boolean isRightSide = level.operator != null;
            value = level.complete(value);
            SqlToken token = in.peek();
            Operator operator = token.kind() == Kind.SYMBOL ? OPERATORS.get(token.text()) : null;
            if (operator != null && isRightSide) {
                throw TokenReader.unsupported("a chain of comparisons", token);
            }
            if (operator != null) {
                level.await(value, operator, in.next());
                value = operand();
            } else if (in.acceptWord("AND")) {
                level.ands.add(value);
                value = operand();
            } else if (in.acceptWord("OR")) {
                level.endConjunction(value);
                value = operand();
            } else {
                requireNoOtherOperator(token);
                value = level.end(value);
                levels.pop();
                Level around = levels.peek();
                if (around == null) {
                    return value;
                }
                around.depth = Math.max(around.depth, depth(level, value));
                in.expect(")");
            }
        }
    }

    private int depth(Level level, Expression value) {
        boolean isDeeper = value instanceof Expression.And || value instanceof Expression.Or;
        int depth = level.depth + (isDeeper ? 1 : 0);
        if (depth > DEPTH_MAX) {
            throw new SqlException("the condition nests deeper than " + DEPTH_MAX, level.position);
        }
        return depth;
    }

    private void open() {
        SqlToken token = in.peek();
        if (levels.size() > NESTING_MAX) {
            throw new SqlException("the condition nests deeper than " + NESTING_MAX, token.position());
        }
        levels.push(new Level(token.position()));
    }

    private static void requireNoOtherOperator(SqlToken token) {
        if (token.kind() == Kind.SYMBOL && !Set.of(")", ";", ",").contains(token.text())) {
            throw TokenReader.unsupported("the operator " + token.text(), token);
        }
    }

    /** Opens the parentheses before it. */
    private Expression operand() {
        while (in.accept("(")) {
            if (in.peek().isWord("SELECT")) {
                throw TokenReader.unsupported("a subquery", in.peek());
            }
            open();
        }
        Expression literal = in.literal();
        if (literal != null) {
            return literal;
        }
        SqlToken token = in.peek();
        return switch (token.kind()) {
            case PARAMETER -> parameter(in.next());
            case WORD, QUOTED_NAME -> column(token);
            default -> throw in.unexpected("a value or a column");
        };
    }

    private static Expression parameter(SqlToken token) {
        if (!token.text().equals("sender")) {
            throw new SqlException("parameters other than :sender are not supported", token.position());
        }
        return new Expression.Sender(token.position());
    }

    private Expression column(SqlToken token) {
        if (TokenReader.isReserved(token)) {
            throw TokenReader.unsupported(TokenReader.construct(token), token);
        }
        return in.column();
    }
}
