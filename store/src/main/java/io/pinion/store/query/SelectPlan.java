package io.pinion.store.query;

import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.List;

/**
 * A query ready to run against the tables it was planned for; a schema change makes it worthless. Immutable, and may run
 * on several threads at once, each with a row source of its own.
 */
public final class SelectPlan {
    /** The way to the rows. */
    sealed interface Access {}

    record TableScan() implements Access {}

    /** @param key BSATN of the index's columns back to back */
    record IndexPoint(int indexId, Bytes key) implements Access {}

    /** No row can be in the result. */
    record Nothing() implements Access {}

    private final LogicalSelect select;
    private final Access access;
    private final Condition residual;
    private final List<BsatnLayout> columns;

    /** @param residual what the access does not see to */
    SelectPlan(LogicalSelect select, Access access, Condition residual) {
        this.select = select;
        this.access = access;
        this.residual = residual;
        this.columns = select.table().columns().stream()
                .limit(1 + lastColumn(select.output(), residual))
                .map(column -> BsatnLayout.of(column.type()))
                .toList();
    }

    private static int lastColumn(Output output, Condition residual) {
        int last = residual.lastColumn();
        if (output instanceof Output.Columns(List<Integer> columns)) {
            for (int column : columns) {
                last = Math.max(last, column);
            }
        }
        return last;
    }

    /** Names and types of the result's columns, without references. */
    public Product resultType() {
        return select.resultType();
    }

    /** Canonical. */
    public String tableName() {
        return select.table().name();
    }

    /** How the rows are found, for people: {@code scan of person}, {@code point of index 7}, {@code nothing}. */
    public String describeAccess() {
        return switch (access) {
            case TableScan _ -> "scan of " + tableName();
            case IndexPoint point -> "point of index " + point.indexId();
            case Nothing _ -> "nothing";
        };
    }

    /**
     * Runs the query on what a transaction sees, or on a frozen view.
     *
     * @param sink receives rows of {@link #resultType()}, BSATN
     * @return the number of rows delivered
     */
    public long execute(RowSource rows, RowSink sink) {
        return switch (select.output()) {
            case Output.Count _ -> deliverCount(count(rows), sink);
            case Output.WholeRows _ -> run(rows, new Run(sink, select.limit(), new int[0]));
            case Output.Columns(List<Integer> positions) ->
                run(
                        rows,
                        new Run(
                                sink,
                                select.limit(),
                                positions.stream().mapToInt(Integer::intValue).toArray()));
        };
    }

    private long count(RowSource rows) {
        if (access instanceof TableScan && residual.equals(Condition.always())) {
            long count = rows.rowCount(select.table().id());
            requireOk(count < 0 ? (int) -count : StoreCode.OK);
            return count;
        }
        return run(rows, new Run((_, _, _) -> {}, Long.MAX_VALUE, new int[0]));
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

    private long run(RowSource rows, Run run) {
        int code = switch (access) {
            case TableScan _ -> rows.scanTable(select.table().id(), run);
            case IndexPoint(int indexId, Bytes key) -> rows.scanPoint(indexId, key.unsafeArray(), 0, key.length(), run);
            case Nothing _ -> StoreCode.OK;
        };
        requireOk(code);
        return run.delivered;
    }

    /** A refused scan means that the plan and the tables have parted, which its users rule out. */
    private void requireOk(int code) {
        if (code != StoreCode.OK) {
            throw new IllegalStateException("the " + describeAccess() + " was refused with code " + code);
        }
    }

    /** One execution: filter, limit and projection of the rows that the access yields. */
    private final class Run implements RowSink {
        private final RowSink sink;
        private final long limit;
        private final int[] projection;
        private final RowCursor cursor = new RowCursor(columns);
        private final BsatnWriter projected = new BsatnWriter();
        private long delivered;

        /** @param projection columns of the result, none for the whole row */
        Run(RowSink sink, long limit, int[] projection) {
            this.sink = sink;
            this.limit = limit;
            this.projection = projection;
        }

        @Override
        public void row(byte[] bytes, int offset, int length) {
            if (delivered >= limit) {
                return;
            }
            cursor.moveTo(bytes, offset, length);
            if (!residual.test(cursor)) {
                return;
            }
            delivered++;
            if (projection.length == 0) {
                sink.row(bytes, offset, length);
                return;
            }
            projected.reset();
            for (int column : projection) {
                projected.writeRaw(bytes, cursor.start(column), cursor.length(column));
            }
            sink.row(projected.buffer(), 0, projected.length());
        }
    }
}
