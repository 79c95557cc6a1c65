package io.pinion.store.query;

import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.Item;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.query.Statement.Projection;
import io.pinion.store.query.Statement.Source;
import io.pinion.store.tx.ViewRows;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Gives the names of one parsed query their tables and columns, and its literals their types. */
final class SelectChecker {
    private final Statement.Select select;
    private final Scope scope;
    private final Caller caller;
    private final ConditionChecker conditions;

    private SelectChecker(Statement.Select select, Scope scope, Caller caller) {
        this.select = select;
        this.scope = scope;
        this.caller = caller;
        this.conditions = new ConditionChecker(scope, caller);
    }

    /** What the statement asks for if no rows are kept from the caller: row-level rules are still to be worked in. */
    static LogicalSelect check(Statement.Select select, Catalog catalog, Caller caller) {
        return new SelectChecker(select, Scope.of(select.sources(), catalog, caller), caller).check();
    }

    /**
     * The same in the dialect of subscriptions, one-off queries and row-level rules.
     *
     * @throws SqlException if the statement is not a query for whole rows of one table, too
     */
    static LogicalSelect checkWholeRows(Statement statement, Catalog catalog, Caller caller) {
        if (!(statement instanceof Statement.Select select)) {
            throw new SqlException("only SELECT is supported here", 0);
        }
        if (!(select.projection() instanceof Projection.All)) {
            throw new SqlException(
                    "a subscription must return a table type: select * or table.*, no columns and no COUNT",
                    position(select.projection()));
        }
        if (select.limit() != Long.MAX_VALUE) {
            throw new SqlException("LIMIT is not supported in subscriptions", 0);
        }
        return check(select, catalog, caller);
    }

    private static int position(Projection projection) {
        return switch (projection) {
            case Projection.All all -> all.position();
            case Projection.Columns(List<Item> items) ->
                items.getFirst().column().position();
            case Projection.Count count -> count.position();
        };
    }

    private LogicalSelect check() {
        List<Condition> all = new ArrayList<>();
        for (Source source : select.sources()) {
            if (source.on() != null) {
                all.add(join(source));
            }
        }
        Expression where = select.where();
        if (where != null) {
            all.add(conditions.check(where));
        }
        boolean usesView = addViews(all);
        Output output = output();
        return new LogicalSelect(
                scope.tables(), all, output, resultType(output), select.limit(), usesView || conditions.usesCaller());
    }

    /** Tables that are joined later are not in scope yet. */
    private Condition join(Source source) {
        Statement.JoinOn on = Objects.requireNonNull(source.on());
        int last = select.sources().indexOf(source);
        for (Expression.Column column : List.of(on.left(), on.right())) {
            if (column.table() != null && scope.source(column.table(), column.position()) > last) {
                throw new SqlException(column.table() + " is joined later", column.position());
            }
        }
        return conditions.join(on);
    }

    /** Limits views to the caller's instance; whether one depends on who the caller is. */
    private boolean addViews(List<Condition> all) {
        boolean usesCaller = false;
        for (int i = 0; i < scope.tables().size(); i++) {
            Catalog.View view = scope.tables().get(i).view();
            if (view != null) {
                all.add(instance(i, view));
                usesCaller |= !view.isAnonymous();
            }
        }
        return usesCaller;
    }

    private Condition instance(int source, Catalog.View view) {
        ValueOrder order = ValueOrder.of(Primitive.U256).orElseThrow();
        Bytes arguments = view.isAnonymous() ? Bytes.EMPTY : caller.identity().toBsatn();
        return new Condition.ColumnWithValue(
                new ColumnRef(source, 0), Operator.EQUAL, order, ViewRows.argHash(arguments));
    }

    private Output output() {
        return switch (select.projection()) {
            case Projection.All all -> {
                if (all.table() == null && scope.isJoin()) {
                    throw new SqlException("* of a join needs a table: table.*", all.position());
                }
                yield new Output.WholeRows(scope.source(all.table(), all.position()));
            }
            case Projection.Columns(List<Item> items) -> new Output.Columns(columns(items));
            case Projection.Count _ -> new Output.Count();
        };
    }

    private List<ColumnRef> columns(List<Item> items) {
        Set<String> names = new HashSet<>();
        List<ColumnRef> columns = new ArrayList<>(items.size());
        for (Item item : items) {
            columns.add(scope.column(item.column()));
            if (!names.add(item.name())) {
                throw new SqlException(
                        "two columns of the result are called " + item.name(),
                        item.column().position());
            }
        }
        return columns;
    }

    private Product resultType(Output output) {
        return switch (output) {
            case Output.WholeRows(int source) -> scope.tables().get(source).visibleRow();
            case Output.Columns(List<ColumnRef> columns) -> columnTypes(columns);
            case Output.Count _ ->
                AlgebraicType.product(new Element(((Projection.Count) select.projection()).label(), Primitive.U64));
        };
    }

    private Product columnTypes(List<ColumnRef> columns) {
        List<Item> items = ((Projection.Columns) select.projection()).items();
        List<Element> elements = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            elements.add(new Element(items.get(i).name(), scope.type(columns.get(i))));
        }
        return new Product(elements);
    }
}
