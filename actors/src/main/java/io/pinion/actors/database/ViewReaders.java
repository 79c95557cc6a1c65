package io.pinion.actors.database;

import io.pinion.actors.database.Views.Materialised;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.RowSink;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who has read what: from changed rows to the instances of views that are stale. Used by one thread at a time. */
final class ViewReaders {
    private final Map<Integer, Set<Materialised>> byTable = new HashMap<>();
    private final Map<Integer, Map<Integer, OfIndex>> byIndex = new HashMap<>();

    private record OfIndex(KeyColumns columns, Map<Bytes, Set<Materialised>> byKey) {}

    void add(Materialised reader, ReadSet reads) {
        for (int table : reads.tables()) {
            byTable.computeIfAbsent(table, _ -> new HashSet<>()).add(reader);
        }
        reads.points().forEach((index, keys) -> {
            KeyColumns columns = reads.columns(index);
            OfIndex readers = byIndex.computeIfAbsent(columns.tableId(), _ -> new HashMap<>())
                    .computeIfAbsent(index, _ -> new OfIndex(columns, new HashMap<>()));
            keys.forEach(key ->
                    readers.byKey().computeIfAbsent(key, _ -> new HashSet<>()).add(reader));
        });
    }

    void remove(Materialised reader, ReadSet reads) {
        for (int table : reads.tables()) {
            remove(byTable, table, reader);
        }
        reads.points().forEach((index, keys) -> {
            int table = reads.columns(index).tableId();
            Map<Integer, OfIndex> indexes = byIndex.getOrDefault(table, Map.of());
            OfIndex readers = indexes.get(index);
            if (readers == null) {
                return;
            }
            keys.forEach(key -> remove(readers.byKey(), key, reader));
            if (readers.byKey().isEmpty()) {
                indexes.remove(index);
            }
            if (indexes.isEmpty()) {
                byIndex.remove(table);
            }
        });
    }

    private static <K> void remove(Map<K, Set<Materialised>> readers, K key, Materialised reader) {
        Set<Materialised> ofKey = readers.get(key);
        if (ofKey != null && ofKey.remove(reader) && ofKey.isEmpty()) {
            readers.remove(key);
        }
    }

    void clear() {
        byTable.clear();
        byIndex.clear();
    }

    /** Adds those that have read what the open transaction has changed so far. */
    void collectStale(Datastore store, Set<Materialised> target) {
        store.forEachChange(table -> {
            target.addAll(byTable.getOrDefault(table, Set.of()));
            return sink(table, target);
        });
    }

    private @Nullable RowSink sink(int table, Set<Materialised> target) {
        Map<Integer, OfIndex> indexes = byIndex.get(table);
        if (indexes == null) {
            return null;
        }
        List<OfIndex> readers = new ArrayList<>(indexes.values());
        return (bytes, offset, length) -> {
            for (OfIndex reader : readers) {
                Bytes key = reader.columns().keyOf(bytes, offset, length);
                target.addAll(reader.byKey().getOrDefault(key, Set.of()));
            }
        };
    }
}
