package io.pinion.store.tx;

import io.pinion.store.table.PointerList;
import io.pinion.store.table.TableIndex;
import io.pinion.store.table.TableRows;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads a frozen view. Used by one thread at a time. */
final class FrozenReader extends RowReads {
    private final FrozenView view;
    private final Catalog catalog;
    private final List<Optional<TableRows>> shared;
    /** Those asked for so far: indexes keep their place, so every reader has its own. */
    private final @Nullable TableRows[] tables;

    FrozenReader(FrozenView view, BooleanSupplier stopRequested, Catalog catalog, List<Optional<TableRows>> shared) {
        super(stopRequested, new PointerList());
        this.view = view;
        this.catalog = catalog;
        this.shared = shared;
        this.tables = new TableRows[shared.size()];
    }

    @Override
    public int tableId(String name) {
        return catalog.tableId(name);
    }

    @Override
    public int indexId(String name) {
        return catalog.indexId(name);
    }

    @Override
    public long rowCount(int tableId) {
        view.enter();
        try {
            TableRows rows = rows(tableId);
            return rows == null ? -StoreCode.NO_SUCH_TABLE : rows.rowCount();
        } finally {
            view.leave();
        }
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        view.enter();
        try {
            TableRows rows = rows(tableId);
            return rows == null ? StoreCode.NO_SUCH_TABLE : scanTable(rows, sink);
        } finally {
            view.leave();
        }
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        view.enter();
        try {
            IndexState index = catalog.index(indexId);
            TableRows rows = index == null ? null : rows(index.owner().id);
            return index == null || rows == null
                    ? StoreCode.NO_SUCH_INDEX
                    : scanPoint(rows, frozen(index, rows), bytes, pointOffset, pointLength, sink);
        } finally {
            view.leave();
        }
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        view.enter();
        try {
            IndexState index = catalog.index(indexId);
            TableRows rows = index == null ? null : rows(index.owner().id);
            return index == null || rows == null
                    ? StoreCode.NO_SUCH_INDEX
                    : scanRange(rows, frozen(index, rows), range, sink);
        } finally {
            view.leave();
        }
    }

    private static TableIndex frozen(IndexState index, TableRows rows) {
        return rows.index(index.position());
    }

    private @Nullable TableRows rows(int tableId) {
        beginOperation();
        int at = tableId - Datastore.FIRST_ID;
        if (at < 0 || at >= tables.length) {
            return null;
        }
        if (tables[at] == null) {
            tables[at] = shared.get(at).map(TableRows::frozen).orElse(null);
        }
        return tables[at];
    }
}
