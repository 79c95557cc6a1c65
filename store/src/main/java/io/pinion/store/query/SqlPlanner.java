package io.pinion.store.query;

import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.Item;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.query.Statement.Projection;
import io.pinion.store.query.Statement.Source;
import io.pinion.store.query.Statement.TableName;
import io.pinion.store.query.Statement.Variable;
import io.pinion.store.tx.SystemRecords;
import java.util.List;

/** SQL text to plans: checks names, types and the caller's rights, and chooses the way to the rows. */
public final class SqlPlanner {
    private SqlPlanner() {}

    /**
     * A statement of the full dialect.
     *
     * @throws SqlException if the text is not one statement, or does not fit the tables, or the caller may not run it
     */
    public static SqlPlan plan(String sql, Catalog catalog, Caller caller) {
        Statement statement = SqlParser.parse(sql);
        return switch (statement) {
            case Statement.Select select -> select(SelectChecker.check(select, catalog, caller), catalog, caller);
            case Statement.Show(Variable variable) ->
                select(SelectChecker.check(show(variable), catalog, caller), catalog, caller);
            case Statement.Insert insert -> ChangeChecker.insert(insert, catalog, caller);
            case Statement.Update update -> ChangeChecker.update(update, catalog, caller);
            case Statement.Delete delete -> ChangeChecker.delete(delete, catalog, caller);
            case Statement.Set set -> ChangeChecker.set(set, catalog, caller);
        };
    }

    /**
     * A query for whole rows of one table, as one-off queries of clients are: the dialect of subscriptions, but for
     * its bounds on joins.
     *
     * @throws SqlException as {@link #plan} does
     */
    public static SelectPlan planWholeRows(String sql, Catalog catalog, Caller caller) {
        return select(SelectChecker.checkWholeRows(SqlParser.parse(sql), catalog, caller), catalog, caller);
    }

    static SelectPlan select(LogicalSelect select, Catalog catalog, Caller caller) {
        return SelectPlan.of(select, RowRules.apply(select, catalog, caller), catalog::rowCount);
    }

    private static Statement.Select show(Variable variable) {
        requireKnown(variable);
        int at = variable.position();
        Expression name = new Expression.Column(null, "name", at);
        return new Statement.Select(
                new Projection.Columns(List.of(new Item(new Expression.Column(null, "value", at), null))),
                List.of(new Source(new TableName(ScanLimit.VARIABLES, at), null, null)),
                new Expression.Comparison(
                        Operator.EQUAL,
                        name,
                        new Expression.Literal(LiteralKind.STRING, SystemRecords.ROW_LIMIT, at),
                        at),
                Long.MAX_VALUE);
    }

    static void requireKnown(Variable variable) {
        if (!variable.name().equals(SystemRecords.ROW_LIMIT)) {
            throw new SqlException(
                    variable.name() + " is not a system variable; " + SystemRecords.ROW_LIMIT + " is the only one",
                    variable.position());
        }
    }
}
