package io.pinion.store.query;

import io.pinion.store.query.Condition.ColumnWithValue;
import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One query over one or two tables, that can be run as a whole and be kept up to date from what commits change.
 *
 * <p>For a join of R and S, with Δ for what a commit did to a table and R, S for the tables after it, what it did to the
 * result is
 *
 * <pre>
 *   ΔR ⋈ S  +  R ⋈ ΔS  −  ΔR ⋈ ΔS
 * </pre>
 *
 * where rows that were deleted count negatively. The first two find the other table's rows by index. Rows of an event
 * table are in no table after the commit: with R one, the result is ΔR ⋈ S.
 *
 * <p>Immutable; evaluations may run on several threads at once, each with a row source of its own.
 */
final class SubscribedFragment {
    private static final int TABLES_MAX = 2;
    /** Of what one commit may do to one result. */
    private static final int CHANGE_BYTES_MAX = 256 << 20;

    private final LogicalSelect select;
    private final int returned;
    private final RowLayouts layouts;
    private final JoinPlan whole;
    /** By the source whose rows are given. */
    private final List<JoinPlan> fromChange;
    /** From given rows of the first table to changed rows of the second; null for one table. */
    private final @Nullable JoinPlan betweenChanges;

    private SubscribedFragment(
            LogicalSelect select, JoinPlan whole, List<JoinPlan> fromChange, @Nullable JoinPlan betweenChanges) {
        this.select = select;
        this.returned = ((Output.WholeRows) select.output()).source();
        this.layouts = RowLayouts.of(select);
        this.whole = whole;
        this.fromChange = fromChange;
        this.betweenChanges = betweenChanges;
    }

    /** @throws SqlException if the query reads too many tables, or lacks an index, or looks events up */
    static SubscribedFragment of(LogicalSelect select) {
        int count = select.tables().size();
        if (count > TABLES_MAX) {
            throw new SqlException(
                    "a subscription reads one or two tables, and this one reads " + count
                            + ", row-level rules included",
                    0);
        }
        requireNoEventsLookedUp(select);
        JoinPlanner planner = new JoinPlanner(select, _ -> Catalog.UNKNOWN_ROWS);
        JoinPlan whole = planner.plan();
        List<JoinPlan> fromChange = new ArrayList<>();
        for (int source = 0; source < count; source++) {
            fromChange.add(planner.planFrom(source));
        }
        requireIndexes(select, whole, fromChange);
        return new SubscribedFragment(select, whole, fromChange, count == 1 ? null : betweenChanges(select));
    }

    private static JoinPlan betweenChanges(LogicalSelect select) {
        LogicalSelect lists = new LogicalSelect(
                select.tables().stream().map(Catalog.Table::withoutIndexes).toList(),
                select.conditions(),
                select.output(),
                select.resultType(),
                select.limit(),
                select.usesCaller());
        return new JoinPlanner(lists, _ -> Catalog.UNKNOWN_ROWS).planFrom(0);
    }

    private static void requireNoEventsLookedUp(LogicalSelect select) {
        int returned = ((Output.WholeRows) select.output()).source();
        for (int source = 0; source < select.tables().size(); source++) {
            Catalog.Table table = select.tables().get(source);
            if (table.isEvent() && source != returned) {
                throw new SqlException("rows of the event table " + table.name() + " cannot be looked up in a join", 0);
            }
        }
    }

    /** Rows of event tables are never looked up. */
    private static void requireIndexes(LogicalSelect select, JoinPlan whole, List<JoinPlan> fromChange) {
        boolean isJoin = select.tables().size() > 1;
        boolean isIndexed = whole.isIndexJoin();
        for (int source = 0; source < fromChange.size(); source++) {
            boolean isEventLookedUp = isJoin && select.tables().get(1 - source).isEvent();
            isIndexed &= isEventLookedUp || fromChange.get(source).isIndexJoin();
        }
        if (!isIndexed) {
            throw new SqlException(
                    "a subscription needs an index on both columns that join "
                            + select.tables().getFirst().name() + " and "
                            + select.tables().getLast().name(),
                    0);
        }
    }

    LogicalSelect select() {
        return select;
    }

    JoinPlan whole() {
        return whole;
    }

    Catalog.Table table() {
        return select.tables().get(returned);
    }

    /** What the rows of a source have to equal to matter, if there is such a condition. */
    Optional<ColumnWithValue> equality(int source) {
        ColumnWithValue best = null;
        int hidden = select.tables().get(source).hiddenCount();
        for (Condition condition : JoinPlanner.withImplied(select.conditions())) {
            if (condition instanceof ColumnWithValue value
                    && value.column().source() == source
                    && value.operator() == Operator.EQUAL
                    && !value.order().isFloat()
                    // The instance of a view says less than anything else.
                    && (best == null || best.column().column() < hidden)) {
                best = value;
            }
        }
        return Optional.ofNullable(best);
    }

    /** The whole result. */
    RowList initial(RowSource reads, ScanLimit limit, int bytesMax) {
        BoundedRows rows = new BoundedRows(bytesMax);
        new JoinRun(whole, layouts, reads, limit, Projector.of(select, rows)).run();
        return rows.rows();
    }

    /**
     * What a commit did to the result.
     *
     * @param inserted by source: rows of its table that the commit inserted, at least those that may matter
     * @param deleted the same for rows that it deleted
     * @param reads the tables after the commit
     * @throws SqlException if it takes too many bytes
     */
    RowsChange change(RowList[] inserted, RowList[] deleted, RowSource reads) {
        BoundedRows inserts = new BoundedRows(CHANGE_BYTES_MAX);
        BoundedRows deletes = new BoundedRows(CHANGE_BYTES_MAX);
        if (table().isEvent()) {
            join(returned, inserted[returned], reads, inserts);
            return new RowsChange(inserts.rows(), deletes.rows());
        }
        for (int source = 0; source < fromChange.size(); source++) {
            join(source, inserted[source], reads, inserts);
            join(source, deleted[source], reads, deletes);
        }
        if (betweenChanges == null) {
            return new RowsChange(inserts.rows(), deletes.rows());
        }
        joinChanges(inserted[0], inserted[1], reads, deletes);
        joinChanges(inserted[0], deleted[1], reads, inserts);
        joinChanges(deleted[0], inserted[1], reads, inserts);
        joinChanges(deleted[0], deleted[1], reads, deletes);
        return RowsChange.net(inserts.rows(), deletes.rows());
    }

    private void join(int source, RowList changed, RowSource reads, BoundedRows target) {
        if (changed.count() > 0) {
            give(changed, run(fromChange.get(source), reads, target));
        }
    }

    private void joinChanges(RowList first, RowList second, RowSource reads, BoundedRows target) {
        if (betweenChanges != null && first.count() > 0 && second.count() > 0) {
            give(first, run(betweenChanges, new ListedRows(second, reads), target));
        }
    }

    private JoinRun run(JoinPlan plan, RowSource reads, BoundedRows target) {
        return new JoinRun(plan, layouts, reads, ScanLimit.none(), Projector.of(select, target));
    }

    private static void give(RowList rows, JoinRun run) {
        for (int row = 0; row < rows.count(); row++) {
            run.given(rows.unsafeArray(), rows.start(row), rows.end(row) - rows.start(row));
        }
    }
}
