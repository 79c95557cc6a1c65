package io.pinion.store.tx;

import io.pinion.store.table.PointerList;
import io.pinion.store.table.TableIndex;
import io.pinion.store.table.TableRows;
import java.util.function.BooleanSupplier;

/**
 * Scans, the same over what a transaction sees and over a frozen view. Hot path: no allocation once warm.
 *
 * <p>A scan first gathers pointers to all its rows and then delivers them. The pointers belong to one generation: every
 * operation begins the next, and with pointers of an earlier one a scan does not go on.
 */
abstract class RowReads implements RowSource {
    private static final int POLL_MASK = 1023;

    private final BooleanSupplier stopRequested;
    private final PointerList found;
    private int generation;

    /** @param found room for the rows that one operation finds */
    RowReads(BooleanSupplier stopRequested, PointerList found) {
        this.stopRequested = stopRequested;
        this.found = found;
    }

    final BooleanSupplier stopRequested() {
        return stopRequested;
    }

    @Override
    public final void checkStop() {
        if (stopRequested.getAsBoolean()) {
            throw new OperationStoppedException();
        }
    }

    /** Called by every operation before it touches rows. */
    final void beginOperation() {
        generation++;
    }

    final int scanTable(TableRows rows, RowSink sink) {
        int mine = generation;
        int count = 0;
        for (int row = rows.nextLive(1); row != 0; row = rows.nextLive(row + 1)) {
            poll(++count);
            deliver(rows, row, sink, mine);
        }
        return StoreCode.OK;
    }

    final int scanPoint(TableRows rows, TableIndex index, byte[] bytes, int offset, int length, RowSink sink) {
        if (!index.isUnique()) {
            int code = findPoint(index, bytes, offset, length);
            return code != StoreCode.OK ? code : emit(rows, sink);
        }
        int row = index.find(bytes, offset, length);
        if (row < 0) {
            return StoreCode.BSATN_DECODE_ERROR;
        }
        if (row != 0) {
            sink.row(rows.page(row), rows.offset(row), rows.length(row));
        }
        return StoreCode.OK;
    }

    final int scanRange(TableRows rows, TableIndex index, IndexRange range, RowSink sink) {
        int code = findRange(index, range);
        return code != StoreCode.OK ? code : emit(rows, sink);
    }

    /** Gathers in {@link #found}. */
    final int findPoint(TableIndex index, byte[] bytes, int offset, int length) {
        found.clear();
        return index.collect(bytes, offset, length, found) ? StoreCode.OK : StoreCode.BSATN_DECODE_ERROR;
    }

    /** Gathers in {@link #found}. */
    final int findRange(TableIndex index, IndexRange range) {
        if (!index.isOrdered()) {
            return StoreCode.WRONG_INDEX_ALGO;
        }
        found.clear();
        boolean isRange = index.collectRange(
                range.bytes(),
                range.prefixElements(),
                range.prefixOffset(),
                range.prefixLength(),
                range.startOffset(),
                range.startLength(),
                range.endOffset(),
                range.endLength(),
                found);
        return isRange ? StoreCode.OK : StoreCode.BSATN_DECODE_ERROR;
    }

    final PointerList found() {
        return found;
    }

    private int emit(TableRows rows, RowSink sink) {
        int mine = generation;
        for (int i = 0; i < found.count(); i++) {
            poll(i + 1);
            deliver(rows, found.get(i), sink, mine);
        }
        return StoreCode.OK;
    }

    private void deliver(TableRows rows, int row, RowSink sink, int mine) {
        sink.row(rows.page(row), rows.offset(row), rows.length(row));
        if (generation != mine) {
            throw new IllegalStateException("a row sink used the rows that it was called from");
        }
    }

    /** @param done rows so far */
    final void poll(int done) {
        if ((done & POLL_MASK) == 0) {
            checkStop();
        }
    }
}
