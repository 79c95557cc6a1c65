package io.pinion.store.tx;

import io.pinion.store.table.Epochs;
import io.pinion.store.table.PointerList;
import io.pinion.store.table.TableRows;
import io.pinion.store.tx.Schema.IndexPlace;
import io.pinion.store.tx.TableInfo.TableKind;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads a frozen view. Used by one thread at a time. */
final class FrozenReader extends RowReads {
    private final FrozenView view;
    private final FrozenView.Contents contents;
    private final RunningRows system;
    /** Those asked for so far: indexes keep their place, so every reader has its own. */
    private final Map<Integer, TableRows> tables = new HashMap<>();

    FrozenReader(FrozenView view, BooleanSupplier stopRequested, FrozenView.Contents contents) {
        super(stopRequested, new PointerList());
        this.view = view;
        this.contents = contents;
        this.system = new RunningRows(contents.schema(), contents.facts(), contents::nextValue);
    }

    @Override
    public int tableId(String name) {
        return contents.schema().tableId(name);
    }

    @Override
    public int indexId(String name) {
        return contents.schema().indexId(name);
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
            IndexPlace place = contents.schema().index(indexId);
            TableRows rows = place == null ? null : rows(place.table().id());
            return place == null || rows == null
                    ? StoreCode.NO_SUCH_INDEX
                    : scanPoint(rows, rows.index(place.position()), bytes, pointOffset, pointLength, sink);
        } finally {
            view.leave();
        }
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        view.enter();
        try {
            IndexPlace place = contents.schema().index(indexId);
            TableRows rows = place == null ? null : rows(place.table().id());
            return place == null || rows == null
                    ? StoreCode.NO_SUCH_INDEX
                    : scanRange(rows, rows.index(place.position()), range, sink);
        } finally {
            view.leave();
        }
    }

    @Override
    public RowSource nested() {
        return new FrozenReader(view, stopRequested(), contents);
    }

    private @Nullable TableRows rows(int tableId) {
        beginOperation();
        TableRows rows = tables.get(tableId);
        if (rows == null) {
            rows = open(tableId);
            if (rows != null) {
                tables.put(tableId, rows);
            }
        }
        return rows;
    }

    private @Nullable TableRows open(int tableId) {
        TableRows shared = contents.rows().get(tableId);
        if (shared != null) {
            return shared.frozen();
        }
        TableSchema table = contents.schema().table(tableId);
        if (table == null || table.kind() == TableKind.SYSTEM) {
            return system.rows(tableId);
        }
        return table.newTable(new Epochs());
    }
}
