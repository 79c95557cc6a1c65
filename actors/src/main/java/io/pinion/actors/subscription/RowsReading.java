package io.pinion.actors.subscription;

import io.pinion.store.query.Caller;
import io.pinion.store.query.Catalog;
import io.pinion.store.query.ScanLimit;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SubscriptionPlan;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rows that somebody asks for, to be read once, of one state of the tables: on the database's thread from a transaction, or
 * on any other from a frozen view. Immutable.
 */
public final class RowsReading {
    private final Caller caller;
    private final double cost;
    private final Rows rows;

    private interface Rows {
        void estimate(RowSource reads, ScanLimit limit);

        List<ResultRows> read(RowSource reads, ScanLimit limit, int bytesMax);
    }

    private record Results(List<SubscriptionPlan> plans) implements Rows {
        @Override
        public void estimate(RowSource reads, ScanLimit limit) {
            plans.forEach(plan -> plan.estimate(reads, limit));
        }

        @Override
        public List<ResultRows> read(RowSource reads, ScanLimit limit, int bytesMax) {
            List<ResultRows> all = new ArrayList<>();
            for (SubscriptionPlan plan : plans) {
                for (RowList fragment : plan.initial(reads, limit, bytesMax)) {
                    all.add(new ResultRows(plan.tableId(), plan.tableName(), plan.rowType(), fragment));
                }
            }
            all.sort(Comparator.comparing(ResultRows::table));
            return all;
        }
    }

    private record Once(SelectPlan plan) implements Rows {
        @Override
        public void estimate(RowSource reads, ScanLimit limit) {
            plan.estimate(reads, limit);
        }

        @Override
        public List<ResultRows> read(RowSource reads, ScanLimit limit, int bytesMax) {
            RowList rows = plan.rows(reads, limit, bytesMax);
            return List.of(new ResultRows(plan.tableId(), plan.tableName(), plan.resultType(), rows));
        }
    }

    private RowsReading(Caller caller, double cost, Rows rows) {
        this.caller = caller;
        this.cost = cost;
        this.rows = rows;
    }

    /** The results of some queries. */
    static RowsReading of(List<SubscriptionPlan> plans, Catalog catalog, Caller caller) {
        List<SubscriptionPlan> read =
                plans.stream().filter(plan -> !plan.isEvent()).toList();
        double cost = read.stream().mapToDouble(plan -> plan.cost(catalog)).sum();
        return new RowsReading(caller, cost, new Results(read));
    }

    /** The result of a query that is not subscribed to: one entry, whatever rows there are. */
    static RowsReading once(SelectPlan plan, Caller caller) {
        return new RowsReading(caller, plan.cost(), new Once(plan));
    }

    /** About how many rows are looked at. */
    public double cost() {
        return cost;
    }

    /**
     * Refuses what would be refused at the beginning of {@link #read}, without reading.
     *
     * @throws SqlException if more rows would be looked at than the caller may
     */
    public void estimate(RowSource reads, Catalog catalog) {
        rows.estimate(reads, ScanLimit.of(caller, catalog, reads));
    }

    /**
     * Reads.
     *
     * @param catalog of the tables that are read
     * @param bytesMax of the rows of one query
     * @return rows of one table side by side
     * @throws SqlException if more rows are looked at than the caller may, or the rows take too many bytes
     */
    public List<ResultRows> read(RowSource reads, Catalog catalog, int bytesMax) {
        return rows.read(reads, ScanLimit.of(caller, catalog, reads), bytesMax);
    }
}
