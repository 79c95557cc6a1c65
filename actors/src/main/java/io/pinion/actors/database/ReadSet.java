package io.pinion.actors.database;

import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.ReadObserver;
import io.pinion.store.value.Bytes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What one run of a view has read: whole tables, and rows with single keys. Used by one thread at a time. */
final class ReadSet implements ReadObserver {
    private final Datastore store;
    private final Set<Integer> tables = new HashSet<>();
    private final Map<Integer, KeyColumns> indexes = new HashMap<>();
    private final Map<Integer, Set<Bytes>> points = new HashMap<>();

    /** @param store whose tables are read */
    ReadSet(Datastore store) {
        this.store = store;
    }

    @Override
    public void table(int tableId) {
        tables.add(tableId);
    }

    /** A key with bytes left over cannot be found in a row again: then it stands for the whole table. */
    @Override
    public void point(int tableId, int indexId, byte[] bytes, int offset, int length) {
        KeyColumns columns = indexes.computeIfAbsent(indexId, id -> KeyColumns.of(store, tableId, id));
        if (columns.isKey(bytes, offset, length)) {
            points.computeIfAbsent(indexId, _ -> new HashSet<>()).add(Bytes.copyOf(bytes, offset, length));
        } else {
            table(tableId);
        }
    }

    /** Tables that were read wholly. */
    Set<Integer> tables() {
        return tables;
    }

    /** Keys that were looked for, by index. */
    Map<Integer, Set<Bytes>> points() {
        return points;
    }

    /** Of an index that {@link #points} has. */
    KeyColumns columns(int indexId) {
        KeyColumns columns = indexes.get(indexId);
        if (columns == null) {
            throw new IllegalArgumentException("index " + indexId + " was not read");
        }
        return columns;
    }
}
