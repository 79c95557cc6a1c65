package io.pinion.actors.database;

import io.pinion.actors.database.Views.Materialised;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.value.Bytes;

/** The rows of one instance of a view as the only table there is, under {@link StoreCatalog#VIEW_ID}. */
final class ViewInstanceRows implements RowSource {
    private static final int HIDDEN_BYTES = 32;

    private final RowSource rows;
    private final int argHashIndex;
    private final Bytes argHash;

    /** @param rows what is to be read: the open transaction of the datastore */
    ViewInstanceRows(Datastore store, RowSource rows, Materialised instance) {
        this.rows = rows;
        this.argHash = instance.argHash();
        this.argHashIndex = store.table(instance.tableId())
                .map(table -> table.indexes().getFirst())
                .map(TableInfo.IndexInfo::id)
                .orElseThrow(() -> new IllegalStateException("there is no table " + instance.tableId()));
    }

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
        if (tableId != StoreCatalog.VIEW_ID) {
            return -StoreCode.NO_SUCH_TABLE;
        }
        long[] count = new long[1];
        int code = scanTable(tableId, (_, _, _) -> count[0]++);
        return code == StoreCode.OK ? count[0] : -code;
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        if (tableId != StoreCatalog.VIEW_ID) {
            return StoreCode.NO_SUCH_TABLE;
        }
        return rows.scanPoint(
                argHashIndex,
                argHash.unsafeArray(),
                0,
                argHash.length(),
                (bytes, offset, length) -> sink.row(bytes, offset + HIDDEN_BYTES, length - HIDDEN_BYTES));
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        return StoreCode.NO_SUCH_INDEX;
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        return StoreCode.NO_SUCH_INDEX;
    }
}
