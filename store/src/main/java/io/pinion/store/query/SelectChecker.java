package io.pinion.store.query;

import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.Item;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.query.Statement.Projection;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gives the names of one parsed query their tables and columns, and its literals their types. */
final class SelectChecker {
    private final Statement.Select select;
    private final Catalog.Table table;
    private final Caller caller;

    private SelectChecker(Statement.Select select, Catalog.Table table, Caller caller) {
        this.select = select;
        this.table = table;
        this.caller = caller;
    }

    static LogicalSelect check(Statement.Select select, Catalog catalog, Caller caller) {
        Statement.Source source = select.source();
        Catalog.Table table = catalog.table(source.table())
                .filter(found -> found.isPublic() || caller.isOwner())
                .orElseThrow(() -> new SqlException(
                        "no such table: " + source.table() + " (if it exists, it may be private)", source.position()));
        if (table.hasRowRules() && !caller.isOwner()) {
            throw new SqlException(
                    "row-level rules apply to " + table.name() + ", and queries under them are not supported",
                    source.position());
        }
        return new SelectChecker(select, caller.isOwner() ? table : table.inPublic(), caller).check();
    }

    private LogicalSelect check() {
        Expression where = select.where();
        Condition condition = where == null ? Condition.always() : condition(where);
        return switch (select.projection()) {
            case Projection.All all -> {
                requireTable(all.table(), all.position());
                yield logical(condition, new Output.WholeRows(), rowType());
            }
            case Projection.Columns(List<Item> items) ->
                logical(condition, new Output.Columns(positions(items)), itemType(items));
            case Projection.Count(String label) ->
                logical(condition, new Output.Count(), AlgebraicType.product(new Element(label, Primitive.U64)));
        };
    }

    private LogicalSelect logical(Condition condition, Output output, Product resultType) {
        return new LogicalSelect(table, condition, output, resultType, select.limit());
    }

    private Product rowType() {
        return new Product(table.columns().stream()
                .map(column -> new Element(column.name(), column.type()))
                .toList());
    }

    private List<Integer> positions(List<Item> items) {
        Set<String> names = new HashSet<>();
        List<Integer> positions = new ArrayList<>(items.size());
        for (Item item : items) {
            positions.add(position(item.column()));
            if (!names.add(item.name())) {
                throw new SqlException(
                        "two columns of the result are called " + item.name(),
                        item.column().position());
            }
        }
        return positions;
    }

    private Product itemType(List<Item> items) {
        return new Product(items.stream()
                .map(item -> new Element(item.name(), type(position(item.column()))))
                .toList());
    }

    /** By accessor name, else by canonical name. */
    private int position(Expression.Column column) {
        requireTable(column.table(), column.position());
        List<Catalog.Column> columns = table.columns();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).accessorName().equals(column.name())) {
                return i;
            }
        }
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column.name())) {
                return i;
            }
        }
        throw new SqlException(table.name() + " has no column " + column.name(), column.position());
    }

    private void requireTable(@Nullable String qualifier, int position) {
        if (qualifier != null && !qualifier.equals(select.source().reference())) {
            throw new SqlException(
                    qualifier + " is not in scope, only " + select.source().reference() + " is", position);
        }
    }

    private AlgebraicType type(int column) {
        return table.columns().get(column).type();
    }

    private Condition condition(Expression expression) {
        return switch (expression) {
            case Expression.And(List<Expression> parts, int _) ->
                new Condition.All(parts.stream().map(this::condition).toList());
            case Expression.Or(List<Expression> parts, int _) ->
                new Condition.Any(parts.stream().map(this::condition).toList());
            case Expression.Comparison comparison -> comparison(comparison);
            case Expression.Column column -> boolColumn(column);
            case Expression.Literal literal -> new Condition.Constant(bool(literal));
            case Expression.Sender sender ->
                throw new SqlException("a condition is a Bool, not an Identity", sender.position());
        };
    }

    private Condition boolColumn(Expression.Column column) {
        int position = position(column);
        if (type(position) != Primitive.BOOL) {
            throw new SqlException(
                    "a condition is a Bool, and " + column.name() + " is of type " + TypeNames.of(type(position)),
                    column.position());
        }
        Bytes isTrue = Bytes.wrap(new byte[] {1});
        return new Condition.ColumnWithValue(
                position, Operator.EQUAL, order(Primitive.BOOL, column.position()), isTrue);
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
        throw new SqlException(
                "the operator " + operator.symbol() + " is supported between columns and literals only",
                comparison.position());
    }

    private static Condition constants(
            Expression.Literal one, Operator operator, Expression.Literal two, int position) {
        if (one.kind() != LiteralKind.BOOL || two.kind() != LiteralKind.BOOL) {
            throw new SqlException("two literals have no type to be compared as", position);
        }
        return new Condition.Constant(operator.accepts(Boolean.compare(bool(one), bool(two))));
    }

    private Condition columns(Expression.Column left, Operator operator, Expression.Column right) {
        int leftPosition = position(left);
        int rightPosition = position(right);
        AlgebraicType type = type(leftPosition);
        ValueOrder order = order(type, left.position());
        if (!type.equals(type(rightPosition))) {
            throw new SqlException(
                    "unexpected type: " + right.name() + " is of type " + TypeNames.of(type(rightPosition)) + ", not "
                            + TypeNames.of(type),
                    right.position());
        }
        return new Condition.ColumnWithColumn(leftPosition, operator, order, rightPosition);
    }

    private Condition columnWithValue(Expression.Column column, Operator operator, Expression value) {
        int position = position(column);
        AlgebraicType type = type(position);
        ValueOrder order = order(type, column.position());
        Bytes bsatn = switch (value) {
            case Expression.Literal literal -> Literals.toBsatn(literal, type);
            case Expression.Sender sender -> sender(type, sender.position());
            default ->
                throw new SqlException(
                        "the operator " + operator.symbol() + " is supported between columns and literals only",
                        value.position());
        };
        return new Condition.ColumnWithValue(position, operator, order, bsatn);
    }

    private static ValueOrder order(AlgebraicType type, int position) {
        return ValueOrder.of(type)
                .orElseThrow(() ->
                        new SqlException("values of type " + TypeNames.of(type) + " cannot be compared", position));
    }

    /** The caller's identity; compared with a byte array it is its BSATN bytes. */
    private Bytes sender(AlgebraicType type, int position) {
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
