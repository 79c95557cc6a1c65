package io.pinion.store.query;

import io.pinion.store.tx.Delta;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** One table as a list of rows, with point scans that compare bytes; counts how it was read. Nothing else is allowed. */
final class ListTransaction implements Transaction {
    private final Catalog.Table table;
    private final List<Bytes> rows;
    int tableScans;
    int pointScans;
    int rowCounts;

    ListTransaction(Catalog.Table table, List<Bytes> rows) {
        this.table = table;
        this.rows = List.copyOf(rows);
    }

    @Override
    public long rowCount(int tableId) {
        rowCounts++;
        return tableId == table.id() ? rows.size() : -StoreCode.NO_SUCH_TABLE;
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        tableScans++;
        if (tableId != table.id()) {
            return StoreCode.NO_SUCH_TABLE;
        }
        return scan(_ -> true, sink);
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        pointScans++;
        Bytes point = Bytes.copyOf(bytes, pointOffset, pointLength);
        for (Catalog.Index index : table.indexes()) {
            if (index.id() == indexId) {
                return scan(row -> key(row, index).equals(point), sink);
            }
        }
        return StoreCode.NO_SUCH_INDEX;
    }

    private int scan(Predicate<Bytes> filter, RowSink sink) {
        // Rows lie inside larger arrays, as they do in pages.
        rows.stream().filter(filter).forEach(row -> {
            byte[] page = new byte[row.length() + 7];
            System.arraycopy(row.unsafeArray(), 0, page, 3, row.length());
            sink.row(page, 3, row.length());
        });
        return StoreCode.OK;
    }

    private Bytes key(Bytes row, Catalog.Index index) {
        List<Bytes> columns = new ArrayList<>();
        int at = 0;
        for (Catalog.Column column : table.columns()) {
            AlgebraicType type = column.type();
            int end = BsatnLayout.of(type).skip(row.unsafeArray(), at, row.length());
            columns.add(Bytes.copyOf(row.unsafeArray(), at, end - at));
            at = end;
        }
        BsatnWriter key = new BsatnWriter();
        index.columns().forEach(column -> key.writeRaw(columns.get(column)));
        return key.toBytes();
    }

    @Override
    public int tableId(String name) {
        throw new AssertionError(name);
    }

    @Override
    public int indexId(String name) {
        throw new AssertionError(name);
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        throw new AssertionError("range scan");
    }

    @Override
    public RowSource nested() {
        return this;
    }

    @Override
    public void checkStop() {}

    @Override
    public long deletePoint(int indexId, byte[] bytes, int pointOffset, int pointLength) {
        throw new AssertionError("change");
    }

    @Override
    public long deleteRange(int indexId, IndexRange range) {
        throw new AssertionError("change");
    }

    @Override
    public long deleteAllByEq(int tableId, byte[] bytes, int offset, int length) {
        throw new AssertionError("change");
    }

    @Override
    public long clear(int tableId) {
        throw new AssertionError("change");
    }

    @Override
    public int insert(int tableId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        throw new AssertionError("change");
    }

    @Override
    public int update(int tableId, int indexId, byte[] bytes, int offset, int length, BsatnWriter generated) {
        throw new AssertionError("change");
    }

    @Override
    public Delta commit() {
        throw new AssertionError("change");
    }

    @Override
    public void rollback() {
        throw new AssertionError("change");
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
