package io.pinion.actors.database;

import io.pinion.store.tx.Delta;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;

/** An open transaction as views see it: they read what it has changed and can change nothing, as if there were no table. */
record ReadOnlyTransaction(Transaction open) implements Transaction {
    @Override
    public int tableId(String name) {
        return open.tableId(name);
    }

    @Override
    public int indexId(String name) {
        return open.indexId(name);
    }

    @Override
    public long rowCount(int tableId) {
        return open.rowCount(tableId);
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        return open.scanTable(tableId, sink);
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        return open.scanPoint(indexId, bytes, pointOffset, pointLength, sink);
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        return open.scanRange(indexId, range, sink);
    }

    @Override
    public RowSource nested() {
        return open.nested();
    }

    @Override
    public void checkStop() {
        open.checkStop();
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
        throw new IllegalStateException("a view does not end the transaction that it reads");
    }

    @Override
    public void rollback() {
        throw new IllegalStateException("a view does not end the transaction that it reads");
    }

    @Override
    public boolean isOpen() {
        return open.isOpen();
    }
}
