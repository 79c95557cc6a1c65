package io.pinion.store.query;

import io.pinion.store.query.JoinPlan.Access;
import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * A query ready to run against the tables it was planned for; a schema change makes it worthless. Immutable, and may run
 * on several threads at once, each with a row source of its own.
 */
public final class SelectPlan implements SqlPlan {
    private final LogicalSelect select;
    private final List<Fragment> fragments;

    /** One of the queries that row-level rules make of one. */
    private record Fragment(LogicalSelect select, JoinPlan plan, RowLayouts layouts) {}

    private SelectPlan(LogicalSelect select, List<Fragment> fragments) {
        this.select = select;
        this.fragments = fragments;
    }

    static SelectPlan of(LogicalSelect select, List<LogicalSelect> fragments, ToLongFunction<Catalog.Table> rowCounts) {
        return new SelectPlan(
                select,
                fragments.stream()
                        .map(fragment -> new Fragment(
                                fragment, new JoinPlanner(fragment, rowCounts).plan(), RowLayouts.of(fragment)))
                        .toList());
    }

    /** Names and types of the result's columns, without references. */
    public Product resultType() {
        return select.resultType();
    }

    /** Canonical names of what is read, views included; a name may be there twice. */
    public List<String> tableNames() {
        return tables().stream().map(Catalog.Table::name).toList();
    }

    /** Canonical name of the table or view whose rows the result has; for queries of {@link SqlPlanner#planWholeRows}. */
    public String tableName() {
        return select.returned().name();
    }

    /** Of the table, or of the one behind the view; for queries of {@link SqlPlanner#planWholeRows}. */
    public int tableId() {
        return select.returned().id();
    }

    /** The instances of views that are read. */
    public Set<ViewInstance> views() {
        return fragments.stream()
                .flatMap(fragment -> fragment.select().views().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Whether the result depends on who asks. */
    public boolean usesCaller() {
        return select.usesCaller();
    }

    /** Whether it would be the same for everybody with the same rights, and reads tables alone. */
    boolean canBeShared() {
        return fragments.stream()
                .noneMatch(fragment -> fragment.select().usesCaller()
                        || fragment.select().tables().stream().anyMatch(table -> table.view() != null));
    }

    /** What is read; a table may be there twice. */
    List<Catalog.Table> tables() {
        return fragments.stream()
                .flatMap(fragment -> fragment.select().tables().stream())
                .toList();
    }

    /**
     * How the rows are found, for people: {@code scan of orders, point of person by index 4097}; fragments after one
     * another with {@code "; "} between them.
     */
    public String describe() {
        return fragments.stream().map(fragment -> fragment.plan().describe()).collect(Collectors.joining("; "));
    }

    /** About how many rows are looked at, by the sizes that the tables had when this was planned. */
    public double cost() {
        boolean isCount = select.output() instanceof Output.Count;
        double enough = isCount ? 1 : (double) select.limit();
        return fragments.stream()
                .map(Fragment::plan)
                .mapToDouble(plan -> isWholeTable(plan) ? Math.min(plan.cost(), enough) : plan.cost())
                .sum();
    }

    /** Ends a scan when there are enough rows. */
    private static final class EnoughException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EnoughException() {
            super("there are enough rows", null, false, false);
        }
    }

    /**
     * All rows of the result.
     *
     * @param bytesMax of them
     * @throws SqlException as {@link #execute} does, or if they take more bytes
     */
    public RowList rows(RowSource rows, ScanLimit limit, int bytesMax) {
        BoundedRows found = new BoundedRows(bytesMax);
        execute(rows, limit, found);
        return found.rows();
    }

    /**
     * Runs the query on what a transaction sees, or on a frozen view.
     *
     * @param limit counts the rows that are looked at
     * @param sink receives rows of {@link #resultType()}, BSATN; it must not use the row source
     * @return the number of rows delivered
     * @throws SqlException if more rows would be looked at than the limit says, or a join takes too much memory
     */
    public long execute(RowSource rows, ScanLimit limit, RowSink sink) {
        estimate(rows, limit);
        if (select.output() instanceof Output.Count) {
            return deliverCount(count(rows, limit), sink);
        }
        Delivery delivery = new Delivery(sink, select.limit());
        if (select.limit() == 0) {
            return 0;
        }
        try {
            for (Fragment fragment : fragments) {
                Projector projector = Projector.of(fragment.select(), delivery);
                new JoinRun(fragment.plan(), fragment.layouts(), rows, limit, projector).run();
            }
        } catch (EnoughException e) {
            return delivery.count;
        }
        return delivery.count;
    }

    /** Tells the limit how many rows {@link #execute} will look at, as far as that is known; it may refuse them. */
    public void estimate(RowSource rows, ScanLimit limit) {
        if (limit.isSet()) {
            fragments.forEach(fragment -> limit.estimate(JoinRun.estimate(fragment.plan(), rows)));
        }
    }

    private static final class Delivery implements RowSink {
        private final RowSink sink;
        private final long countMax;
        private long count;

        Delivery(RowSink sink, long countMax) {
            this.sink = sink;
            this.countMax = countMax;
        }

        @Override
        public void row(byte[] bytes, int offset, int length) {
            sink.row(bytes, offset, length);
            if (++count == countMax) {
                throw new EnoughException();
            }
        }
    }

    private long count(RowSource rows, ScanLimit limit) {
        long count = 0;
        for (Fragment fragment : fragments) {
            count += isWholeTable(fragment.plan())
                    ? wholeTable(rows, fragment.plan().steps().getFirst().table())
                    : countFound(fragment, rows, limit);
        }
        return count;
    }

    private static boolean isWholeTable(JoinPlan plan) {
        return plan.steps().size() == 1
                && plan.steps().getFirst().access() instanceof Access.TableScan
                && plan.steps().getFirst().residual().equals(Condition.always());
    }

    private static long wholeTable(RowSource rows, Catalog.Table table) {
        long count = rows.rowCount(table.id());
        StepReads.requireOk((int) Math.min(0, count), "count of " + table.name());
        return count;
    }

    private static long countFound(Fragment fragment, RowSource rows, ScanLimit limit) {
        long[] count = new long[1];
        new JoinRun(fragment.plan(), fragment.layouts(), rows, limit, _ -> count[0]++).run();
        return count[0];
    }

    /** The limit is on the one row of the result, not on the rows counted. */
    private long deliverCount(long count, RowSink sink) {
        if (select.limit() == 0) {
            return 0;
        }
        BsatnWriter row = new BsatnWriter(Long.BYTES).writeLong(count);
        sink.row(row.buffer(), 0, row.length());
        return 1;
    }
}
