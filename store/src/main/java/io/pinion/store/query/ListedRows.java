package io.pinion.store.query;

import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;

/**
 * A list of rows in the place of a table, whatever its id, without indexes.
 *
 * @param stop the source that says when to stop
 */
record ListedRows(RowList rows, RowSource stop) implements RowSource {
    @Override
    public int tableId(String name) {
        return -StoreCode.NO_SUCH_TABLE;
    }

    @Override
    public int indexId(String name) {
        return -StoreCode.NO_SUCH_INDEX;
    }

    @Override
    public long rowCount(int tableId) {
        return rows.count();
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        for (int row = 0; row < rows.count(); row++) {
            sink.row(rows.unsafeArray(), rows.start(row), rows.end(row) - rows.start(row));
        }
        return StoreCode.OK;
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        return StoreCode.NO_SUCH_INDEX;
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        return StoreCode.NO_SUCH_INDEX;
    }

    @Override
    public RowSource nested() {
        return this;
    }

    @Override
    public void checkStop() {
        stop.checkStop();
    }
}
