package io.pinion.store.tx;

import io.pinion.store.table.Epochs;
import io.pinion.store.table.PointerList;
import io.pinion.store.table.TableRows;
import io.pinion.store.tx.Schema.IndexPlace;
import io.pinion.store.tx.TableInfo.TableKind;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads what the open transaction sees from within a scan of it. Used by the writer's thread. */
final class NestedReads extends RowReads {
    private final Datastore store;

    NestedReads(Datastore store, BooleanSupplier stopRequested) {
        super(stopRequested, new PointerList());
        this.store = store;
    }

    @Override
    public int tableId(String name) {
        return store.tableId(name);
    }

    @Override
    public int indexId(String name) {
        return store.indexId(name);
    }

    @Override
    public long rowCount(int tableId) {
        TableRows rows = rows(tableId);
        return rows == null ? -StoreCode.NO_SUCH_TABLE : rows.rowCount();
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        TableRows rows = rows(tableId);
        return rows == null ? StoreCode.NO_SUCH_TABLE : scanTable(rows, sink);
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        IndexPlace place = store.catalog().schema().index(indexId);
        TableRows rows = place == null ? null : rows(place.table().id());
        return place == null || rows == null
                ? StoreCode.NO_SUCH_INDEX
                : scanPoint(rows, rows.index(place.position()), bytes, pointOffset, pointLength, sink);
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        IndexPlace place = store.catalog().schema().index(indexId);
        TableRows rows = place == null ? null : rows(place.table().id());
        return place == null || rows == null
                ? StoreCode.NO_SUCH_INDEX
                : scanRange(rows, rows.index(place.position()), range, sink);
    }

    @Override
    public RowSource nested() {
        return new NestedReads(store, stopRequested());
    }

    private @Nullable TableRows rows(int tableId) {
        store.openTransaction();
        beginOperation();
        TableState state = store.tableState(tableId);
        state = state != null ? state : store.catalog().hostTable(tableId);
        if (state != null) {
            requireWhole(state);
            return state.table;
        }
        TableSchema table = store.catalog().schema().table(tableId);
        return table == null || table.kind() == TableKind.SYSTEM
                ? store.systemRows().rows(tableId)
                : table.newTable(new Epochs());
    }

    private static void requireWhole(TableState state) {
        if (state.table.isBroken()) {
            throw new IllegalStateException("a change of table " + state.def.name()
                    + " was interrupted; the transaction can only be rolled back");
        }
    }
}
