package io.pinion.store.query;

import io.pinion.store.query.ChangePlan.Action;
import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.query.Statement.Assignment;
import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.query.Statement.Row;
import io.pinion.store.query.Statement.Source;
import io.pinion.store.query.Statement.TableName;
import io.pinion.store.tx.Datastore;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gives statements that change rows their tables, columns and types. Rights are asked for last. */
final class ChangeChecker {
    private ChangeChecker() {}

    static ChangePlan insert(Statement.Insert insert, Catalog catalog, Caller caller) {
        Catalog.Table table = table(insert.table(), catalog, caller);
        requireMemberOf(table, insert.table().position());
        int width = table.columns().size();
        if (insert.columnCount() != width) {
            throw new SqlException(
                    table.name() + " has " + width + " columns, and " + insert.columnCount() + " are listed",
                    insert.table().position());
        }
        List<Action.NewRow> rows = new ArrayList<>();
        for (Row row : insert.rows()) {
            rows.add(new Action.NewRow(bytes(row, table), row.position()));
        }
        return owned(new Action.Insert(table, rows), "INSERT", caller);
    }

    private static Bytes bytes(Row row, Catalog.Table table) {
        int width = table.columns().size();
        if (row.values().size() != width) {
            throw new SqlException(
                    table.name() + " has " + width + " columns, and there are "
                            + row.values().size() + " values",
                    row.position());
        }
        BsatnWriter bytes = new BsatnWriter();
        for (int i = 0; i < width; i++) {
            bytes.writeRaw(Literals.toColumn(
                    row.values().get(i), table.columns().get(i).type()));
        }
        return bytes.toBytes();
    }

    static ChangePlan update(Statement.Update update, Catalog catalog, Caller caller) {
        Catalog.Table table = table(update.table(), catalog, caller);
        requireMemberOf(table, update.table().position());
        Scope scope = scope(update.table(), catalog, caller);
        Map<Integer, Bytes> values = new TreeMap<>();
        for (Assignment assignment : update.assignments()) {
            ColumnRef column = scope.column(assignment.column());
            values.putIfAbsent(column.column(), Literals.toColumn(assignment.value(), scope.type(column)));
        }
        SelectPlan rows = rows(scope, update.where(), catalog, caller);
        return owned(new Action.Update(table, rows, values, update.table().position()), "UPDATE", caller);
    }

    /** The one table of the system whose rows may be deleted is that of settings. */
    static ChangePlan delete(Statement.Delete delete, Catalog catalog, Caller caller) {
        Catalog.Table table = table(delete.table(), catalog, caller);
        boolean isVariables = table.name().equals(ScanLimit.VARIABLES);
        if (!isVariables) {
            requireMemberOf(table, delete.table().position());
        }
        SelectPlan rows = rows(scope(delete.table(), catalog, caller), delete.where(), catalog, caller);
        if (isVariables) {
            return owned(new Action.ClearRowLimit(rows), "DELETE", caller);
        }
        boolean isAll = delete.where() == null;
        return owned(isAll ? new Action.DeleteAll(table) : new Action.Delete(table, rows), "DELETE", caller);
    }

    static ChangePlan set(Statement.Set set, Catalog catalog, Caller caller) {
        SqlPlanner.requireKnown(set.variable());
        Catalog.Table table =
                table(new TableName(ScanLimit.VARIABLES, set.variable().position()), catalog, caller);
        Expression.Literal value = set.value();
        if (value.kind() != LiteralKind.NUMBER) {
            throw new SqlException(set.variable().name() + " takes a number, not " + value.shown(), value.position());
        }
        long rows = SqlParser.unsigned(
                        value.text(), value.position(), set.variable().name())
                .longValue();
        return owned(new Action.SetRowLimit(table, rows, value.position()), "SET", caller);
    }

    private static Catalog.Table table(TableName name, Catalog catalog, Caller caller) {
        Catalog.Table table = Scope.visible(name, catalog, caller);
        if (table.view() != null) {
            throw new SqlException(table.name() + " is a view, and views cannot be changed", name.position());
        }
        return table;
    }

    private static void requireMemberOf(Catalog.Table table, int position) {
        if (table.id() < Datastore.FIRST_ID) {
            throw new SqlException(table.name() + " is written by the system alone", position);
        }
    }

    private static Scope scope(TableName name, Catalog catalog, Caller caller) {
        return Scope.of(List.of(new Source(name, null, null)), catalog, caller);
    }

    /** The rows to change: rules do not apply to the owner, and nobody else gets that far. */
    private static SelectPlan rows(Scope scope, @Nullable Expression where, Catalog catalog, Caller caller) {
        ConditionChecker conditions = new ConditionChecker(scope, caller);
        List<Condition> all = where == null ? List.of() : List.of(conditions.check(where));
        LogicalSelect select = new LogicalSelect(
                scope.tables(),
                all,
                new Output.WholeRows(0),
                scope.tables().getFirst().visibleRow(),
                Long.MAX_VALUE,
                conditions.usesCaller());
        return SelectPlan.of(select, List.of(select), catalog::rowCount);
    }

    private static ChangePlan owned(Action action, String what, Caller caller) {
        if (!caller.isOwner()) {
            throw new SqlException(what + " is for the owner of the database alone", 0);
        }
        return new ChangePlan(action);
    }
}
