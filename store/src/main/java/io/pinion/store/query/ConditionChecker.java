package io.pinion.store.query;

import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;

/** Gives the names of conditions their columns, and their literals types. */
final class ConditionChecker {
    private final Scope scope;
    private final Caller caller;
    private boolean usesCaller;

    ConditionChecker(Scope scope, Caller caller) {
        this.scope = scope;
        this.caller = caller;
    }

    /** Whether some condition so far depends on the caller's identity. */
    boolean usesCaller() {
        return usesCaller;
    }

    Condition check(Expression expression) {
        return switch (expression) {
            case Expression.And(List<Expression> parts, int _) -> new Condition.All(check(parts));
            case Expression.Or(List<Expression> parts, int _) -> new Condition.Any(check(parts));
            case Expression.Comparison comparison -> comparison(comparison);
            case Expression.Column column -> boolColumn(column);
            case Expression.Literal literal -> new Condition.Constant(bool(literal));
            case Expression.Sender sender ->
                throw new SqlException("a condition is a Bool, not an Identity", sender.position());
        };
    }

    private List<Condition> check(List<Expression> parts) {
        List<Condition> checked = new ArrayList<>(parts.size());
        for (Expression part : parts) {
            checked.add(check(part));
        }
        return checked;
    }

    /** The equality of two columns that joins tables. */
    Condition join(Statement.JoinOn on) {
        return columns(on.left(), Operator.EQUAL, on.right());
    }

    private Condition boolColumn(Expression.Column column) {
        ColumnRef ref = scope.column(column);
        AlgebraicType type = scope.type(ref);
        if (type != Primitive.BOOL) {
            throw new SqlException(
                    "a condition is a Bool, and " + column.name() + " is of type " + TypeNames.of(type),
                    column.position());
        }
        Bytes isTrue = Bytes.wrap(new byte[] {1});
        return new Condition.ColumnWithValue(ref, Operator.EQUAL, order(Primitive.BOOL, column.position()), isTrue);
    }

    private static boolean bool(Expression.Literal literal) {
        if (literal.kind() != LiteralKind.BOOL) {
            throw new SqlException("a condition is a Bool, not " + literal.text(), literal.position());
        }
        return literal.text().equals("TRUE");
    }

    private Condition comparison(Expression.Comparison comparison) {
        Expression left = comparison.left();
        Expression right = comparison.right();
        Operator operator = comparison.operator();
        if (left instanceof Expression.Column column) {
            return right instanceof Expression.Column other
                    ? columns(column, operator, other)
                    : columnWithValue(column, operator, right);
        }
        if (right instanceof Expression.Column column) {
            return columnWithValue(column, operator.mirrored(), left);
        }
        if (left instanceof Expression.Literal one && right instanceof Expression.Literal two) {
            return constants(one, operator, two, comparison.position());
        }
        throw notComparable(operator, comparison.position());
    }

    private static SqlException notComparable(Operator operator, int position) {
        return new SqlException(
                "the operator " + operator.symbol() + " is supported between columns and literals only", position);
    }

    private static Condition constants(
            Expression.Literal one, Operator operator, Expression.Literal two, int position) {
        if (one.kind() != LiteralKind.BOOL || two.kind() != LiteralKind.BOOL) {
            throw new SqlException("two literals have no type to be compared as", position);
        }
        return new Condition.Constant(operator.accepts(Boolean.compare(bool(one), bool(two))));
    }

    private Condition columns(Expression.Column left, Operator operator, Expression.Column right) {
        ColumnRef leftRef = scope.column(left);
        ColumnRef rightRef = scope.column(right);
        AlgebraicType type = scope.type(leftRef);
        ValueOrder order = order(type, left.position());
        if (!type.equals(scope.type(rightRef))) {
            throw new SqlException(
                    "unexpected type: " + right.name() + " is of type " + TypeNames.of(scope.type(rightRef)) + ", not "
                            + TypeNames.of(type),
                    right.position());
        }
        return new Condition.ColumnWithColumn(leftRef, operator, order, rightRef);
    }

    private Condition columnWithValue(Expression.Column column, Operator operator, Expression value) {
        ColumnRef ref = scope.column(column);
        AlgebraicType type = scope.type(ref);
        ValueOrder order = order(type, column.position());
        Bytes bsatn = switch (value) {
            case Expression.Literal literal -> Literals.toBsatn(literal, type);
            case Expression.Sender sender -> sender(type, sender.position());
            default -> throw notComparable(operator, value.position());
        };
        return new Condition.ColumnWithValue(ref, operator, order, bsatn);
    }

    private static ValueOrder order(AlgebraicType type, int position) {
        return ValueOrder.of(type)
                .orElseThrow(() ->
                        new SqlException("values of type " + TypeNames.of(type) + " cannot be compared", position));
    }

    /** The caller's identity; compared with a byte array it is its BSATN bytes. */
    private Bytes sender(AlgebraicType type, int position) {
        usesCaller = true;
        Bytes identity = caller.identity().toBsatn();
        if (type.equals(AlgebraicType.IDENTITY)) {
            return identity;
        }
        if (AlgebraicType.isByteArray(type)) {
            return new BsatnWriter().writeByteArray(identity).toBytes();
        }
        throw new SqlException("unexpected type: :sender is an Identity, not " + TypeNames.of(type), position);
    }
}
