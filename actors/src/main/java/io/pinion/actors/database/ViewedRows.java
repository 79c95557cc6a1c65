package io.pinion.actors.database;

import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import java.util.Map;

/**
 * Rows of views beside those of tables. Views have no indexes.
 *
 * @param views by the table id that {@link StoreCatalog} gave them
 */
record ViewedRows(RowSource tables, Map<Integer, RowList> views) implements RowSource {
    ViewedRows {
        views = Map.copyOf(views);
    }

    @Override
    public int tableId(String name) {
        return tables.tableId(name);
    }

    @Override
    public int indexId(String name) {
        return tables.indexId(name);
    }

    @Override
    public long rowCount(int tableId) {
        RowList rows = views.get(tableId);
        return rows == null ? tables.rowCount(tableId) : rows.count();
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        RowList rows = views.get(tableId);
        if (rows == null) {
            return tables.scanTable(tableId, sink);
        }
        for (int row = 0; row < rows.count(); row++) {
            sink.row(rows.unsafeArray(), rows.start(row), rows.end(row) - rows.start(row));
        }
        return StoreCode.OK;
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        return tables.scanPoint(indexId, bytes, pointOffset, pointLength, sink);
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        return tables.scanRange(indexId, range, sink);
    }

    @Override
    public RowSource nested() {
        return new ViewedRows(tables.nested(), views);
    }

    @Override
    public void checkStop() {
        tables.checkStop();
    }
}
