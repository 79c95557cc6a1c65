package io.pinion.actors.subscription;

import io.pinion.store.value.ConnectionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one commit means for each connection, put together query by query. Most connections hear of one query in one set:
 * those with the same set id share the list. Used once, by one thread.
 */
final class CollectedChanges {
    private final Map<ConnectionId, List<SetChanges>> byConnection = new HashMap<>();
    /** Of connections that hear of several queries, by set. */
    private final Map<ConnectionId, Map<Integer, List<ChangedRows>>> several = new HashMap<>();

    private final Map<Integer, List<SetChanges>> bySet = new HashMap<>();
    private List<ChangedRows> rows = List.of();

    /** What follows is about the query that has changed so. */
    void begin(List<ChangedRows> changed) {
        rows = changed;
        bySet.clear();
    }

    /** A connection has the query in a set. */
    void add(ConnectionId connection, int setId) {
        List<SetChanges> only = bySet.computeIfAbsent(setId, id -> List.of(new SetChanges(id, rows)));
        List<SetChanges> earlier = byConnection.putIfAbsent(connection, only);
        if (earlier != null) {
            Map<Integer, List<ChangedRows>> sets = several.computeIfAbsent(connection, _ -> sets(earlier));
            sets.computeIfAbsent(setId, _ -> new ArrayList<>()).addAll(rows);
        }
    }

    private static Map<Integer, List<ChangedRows>> sets(List<SetChanges> changes) {
        Map<Integer, List<ChangedRows>> sets = new TreeMap<>(Integer::compareUnsigned);
        changes.forEach(set -> sets.put(set.setId(), new ArrayList<>(set.rows())));
        return sets;
    }

    /** By ascending id, unsigned; rows of one table of a set side by side. */
    Map<ConnectionId, List<SetChanges>> byConnection() {
        several.forEach((connection, sets) -> byConnection.put(connection, inOrder(sets)));
        return byConnection;
    }

    private static List<SetChanges> inOrder(Map<Integer, List<ChangedRows>> sets) {
        List<SetChanges> inOrder = new ArrayList<>(sets.size());
        sets.forEach((setId, rows) -> {
            rows.sort(Comparator.comparing(ChangedRows::table));
            inOrder.add(new SetChanges(setId, rows));
        });
        return inOrder;
    }
}
