package io.pinion.actors.database;

import io.pinion.store.tx.Delta;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;

/** The rows of one view as the only table of a transaction that cannot change anything. */
record ViewTransaction(RowList rows) implements Transaction {
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
        return tableId == StoreCatalog.VIEW_ID ? rows.count() : -StoreCode.NO_SUCH_TABLE;
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        if (tableId != StoreCatalog.VIEW_ID) {
            return StoreCode.NO_SUCH_TABLE;
        }
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
    public long deletePoint(int indexId, byte[] bytes, int pointOffset, int pointLength) {
        return -StoreCode.NO_SUCH_INDEX;
    }

    @Override
    public long deleteRange(int indexId, IndexRange range) {
        return -StoreCode.NO_SUCH_INDEX;
    }

    @Override
    public long deleteAllByEq(int tableId, byte[] bytes, int offset, int length) {
        return -StoreCode.NO_SUCH_TABLE;
    }

    @Override
    public long clear(int tableId) {
        return -StoreCode.NO_SUCH_TABLE;
    }

    @Override
    public int insert(int tableId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        return StoreCode.NO_SUCH_TABLE;
    }

    @Override
    public int update(int tableId, int indexId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        return StoreCode.NO_SUCH_TABLE;
    }

    @Override
    public Delta commit() {
        return Delta.EMPTY;
    }

    @Override
    public void rollback() {}

    @Override
    public boolean isOpen() {
        return true;
    }
}
