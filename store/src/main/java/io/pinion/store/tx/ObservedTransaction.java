package io.pinion.store.tx;

import io.pinion.store.value.BsatnWriter;

/**
 * A datastore's open transaction, and an observer that is told what is read through this. A range of which every column of
 * the index is pinned to one value counts as that point; a table or index that does not exist is not told of. Deletes by
 * range or point are not reads here.
 */
public final class ObservedTransaction implements Transaction {
    private final ObservedReads reads;
    private final Transaction observed;

    /** @param observed the open transaction of that datastore */
    public ObservedTransaction(Datastore store, Transaction observed, ReadObserver observer) {
        this.reads = new ObservedReads(store, observed, observer);
        this.observed = observed;
    }

    @Override
    public int tableId(String name) {
        return reads.tableId(name);
    }

    @Override
    public int indexId(String name) {
        return reads.indexId(name);
    }

    @Override
    public long rowCount(int tableId) {
        return reads.rowCount(tableId);
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        return reads.scanTable(tableId, sink);
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        return reads.scanPoint(indexId, bytes, pointOffset, pointLength, sink);
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        return reads.scanRange(indexId, range, sink);
    }

    @Override
    public RowSource nested() {
        return reads.nested();
    }

    @Override
    public void checkStop() {
        observed.checkStop();
    }

    @Override
    public long deletePoint(int indexId, byte[] bytes, int pointOffset, int pointLength) {
        return observed.deletePoint(indexId, bytes, pointOffset, pointLength);
    }

    @Override
    public long deleteRange(int indexId, IndexRange range) {
        return observed.deleteRange(indexId, range);
    }

    @Override
    public long deleteAllByEq(int tableId, byte[] bytes, int offset, int length) {
        return observed.deleteAllByEq(tableId, bytes, offset, length);
    }

    @Override
    public long clear(int tableId) {
        return observed.clear(tableId);
    }

    @Override
    public int insert(int tableId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        return observed.insert(tableId, bytes, offset, length, generated);
    }

    @Override
    public int update(int tableId, int indexId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        return observed.update(tableId, indexId, bytes, offset, length, generated);
    }

    @Override
    public Delta commit() {
        return observed.commit();
    }

    @Override
    public void rollback() {
        observed.rollback();
    }

    @Override
    public boolean isOpen() {
        return observed.isOpen();
    }
}
