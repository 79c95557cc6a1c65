package io.pinion.store.query;

import io.pinion.store.tx.RowList;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who waits for rows of a table with some value in one column. Used by one thread. */
final class ValueWatch<T> {
    private final int column;
    private final RowCursor cursor;
    private final Map<Bytes, List<T>> watchers = new HashMap<>();

    ValueWatch(Catalog.Table table, int column) {
        this.column = column;
        this.cursor = new RowCursor(table.columns().stream()
                .limit(column + 1L)
                .map(each -> BsatnLayout.of(each.type()))
                .toList());
    }

    interface Match<T> {
        /** @param row position in the list */
        void found(T watcher, int row);
    }

    /** @param value BSATN */
    void add(Bytes value, T watcher) {
        watchers.computeIfAbsent(value, _ -> new ArrayList<>(1)).add(watcher);
    }

    /** Whether that was the last. */
    boolean remove(Bytes value, T watcher) {
        watchers.computeIfPresent(value, (_, all) -> {
            all.remove(watcher);
            return all.isEmpty() ? null : all;
        });
        return watchers.isEmpty();
    }

    void forEachMatch(RowList rows, Match<T> action) {
        for (int row = 0; row < rows.count(); row++) {
            cursor.moveTo(rows.unsafeArray(), rows.start(row), rows.end(row) - rows.start(row));
            Bytes value = Bytes.copyOf(cursor.bytes(), cursor.start(column), cursor.length(column));
            for (T watcher : watchers.getOrDefault(value, List.of())) {
                action.found(watcher, row);
            }
        }
    }
}
