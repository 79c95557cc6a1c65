package io.pinion.store.tx;

import java.util.List;

/**
 * What one committed transaction changed, net: per table the rows that are there and were not before, and the rows that
 * were there and are no more. Owns its bytes; immutable once the commit has returned it.
 */
public record Delta(List<TableDelta> tables) {
    public static final Delta EMPTY = new Delta(List.of());

    public Delta {
        tables = List.copyOf(tables);
    }

    public boolean isEmpty() {
        return tables.isEmpty();
    }

    /** Never with both lists empty. */
    public record TableDelta(int tableId, RowList inserts, RowList deletes) {}
}
