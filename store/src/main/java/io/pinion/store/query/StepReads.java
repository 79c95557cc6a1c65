package io.pinion.store.query;

import io.pinion.store.query.JoinPlan.Access;
import io.pinion.store.query.JoinPlan.Bound;
import io.pinion.store.query.JoinPlan.Operand;
import io.pinion.store.query.JoinPlan.Step;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.value.BsatnWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one step of a running plan finds its rows, given the rows that the steps before it stand on. Used by one thread.
 * Hot path: no allocation once warm, but for what a hash remembers.
 */
abstract class StepReads {
    private static final int INCLUDED = 0;
    private static final int EXCLUDED = 1;
    private static final int UNBOUNDED = 2;

    /** @param reads this step's own, as scans of steps before it are under way */
    static StepReads of(Step step, RowSource reads, RowCursor[] rows) {
        int table = step.table().id();
        return switch (step.access()) {
            case Access.Given _ -> new Given();
            case Access.TableScan _ -> new Scan(reads, table);
            case Access.IndexPoint(Catalog.Index index, List<Operand> key) -> new Point(reads, rows, index, key);
            case Access.IndexRange range -> new Range(reads, rows, range);
            case Access.HashLookup(List<Integer> columns, List<ColumnRef> keys) ->
                new Hash(new HashedRows(reads, step.table(), columns), rows, keys);
        };
    }

    abstract void scan(RowSink sink);

    /** A refused scan means that the plan and the tables have parted, which its users rule out. */
    static void requireOk(int code, String what) {
        if (code != StoreCode.OK) {
            throw new IllegalStateException("the " + what + " was refused with code " + code);
        }
    }

    private static void write(BsatnWriter target, List<Operand> operands, RowCursor[] rows) {
        for (int i = 0; i < operands.size(); i++) {
            switch (operands.get(i)) {
                case Operand.Constant constant -> target.writeRaw(constant.value());
                case Operand.Earlier earlier -> write(target, earlier.column(), rows);
            }
        }
    }

    private static void write(BsatnWriter target, ColumnRef column, RowCursor[] rows) {
        RowCursor row = rows[column.source()];
        target.writeRaw(row.bytes(), row.start(column.column()), row.length(column.column()));
    }

    private static final class Given extends StepReads {
        @Override
        void scan(RowSink sink) {
            throw new IllegalStateException("the rows of this step are handed in");
        }
    }

    private static final class Scan extends StepReads {
        private final RowSource reads;
        private final int tableId;

        Scan(RowSource reads, int tableId) {
            this.reads = reads;
            this.tableId = tableId;
        }

        @Override
        void scan(RowSink sink) {
            requireOk(reads.scanTable(tableId, sink), "scan of a table");
        }
    }

    private static final class Point extends StepReads {
        private final RowSource reads;
        private final RowCursor[] rows;
        private final Catalog.Index index;
        private final List<Operand> operands;
        private final BsatnWriter key = new BsatnWriter();

        Point(RowSource reads, RowCursor[] rows, Catalog.Index index, List<Operand> operands) {
            this.reads = reads;
            this.rows = rows;
            this.index = index;
            this.operands = operands;
        }

        @Override
        void scan(RowSink sink) {
            key.reset();
            write(key, operands, rows);
            requireOk(reads.scanPoint(index.id(), key.buffer(), 0, key.length(), sink), "point of an index");
        }
    }

    private static final class Range extends StepReads {
        private final RowSource reads;
        private final RowCursor[] rows;
        private final Access.IndexRange access;
        private final BsatnWriter bytes = new BsatnWriter();
        private final IndexRange range = new IndexRange();

        Range(RowSource reads, RowCursor[] rows, Access.IndexRange access) {
            this.reads = reads;
            this.rows = rows;
            this.access = access;
        }

        @Override
        void scan(RowSink sink) {
            bytes.reset();
            write(bytes, access.prefix(), rows);
            int start = bytes.length();
            writeBound(access.lower());
            int end = bytes.length();
            writeBound(access.upper());
            range.prefix(bytes.buffer(), access.prefix().size(), 0, start)
                    .start(start, end - start)
                    .end(end, bytes.length() - end);
            requireOk(reads.scanRange(access.index().id(), range, sink), "range of an index");
        }

        private void writeBound(@Nullable Bound bound) {
            if (bound == null) {
                bytes.writeByte(UNBOUNDED);
            } else {
                bytes.writeByte(bound.isIncluded() ? INCLUDED : EXCLUDED).writeRaw(bound.value());
            }
        }
    }

    private static final class Hash extends StepReads {
        private final HashedRows table;
        private final RowCursor[] rows;
        private final List<ColumnRef> columns;
        private final BsatnWriter key = new BsatnWriter();

        Hash(HashedRows table, RowCursor[] rows, List<ColumnRef> columns) {
            this.table = table;
            this.rows = rows;
            this.columns = columns;
        }

        @Override
        void scan(RowSink sink) {
            key.reset();
            for (int i = 0; i < columns.size(); i++) {
                write(key, columns.get(i), rows);
            }
            table.scan(key, sink);
        }
    }
}
