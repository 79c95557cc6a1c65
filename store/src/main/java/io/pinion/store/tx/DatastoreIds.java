package io.pinion.store.tx;

import java.util.Map;

/**
 * The ids that a datastore has given out: with them, its definition and its rows it can be made again. Immutable.
 *
 * @param tables by canonical name
 * @param indexes by canonical name
 * @param nextTable that the next new table gets
 * @param nextIndex that the next new index gets
 */
public record DatastoreIds(Map<String, Integer> tables, Map<String, Integer> indexes, int nextTable, int nextIndex) {
    public DatastoreIds {
        tables = Map.copyOf(tables);
        indexes = Map.copyOf(indexes);
    }
}
