package io.pinion.store.tx;

import java.math.BigInteger;
import java.util.List;

/**
 * What one committed transaction changed, net: per table the rows that are there and were not before, and the rows that
 * were there and are no more; and where sequences stand now that have moved. Owns its bytes; immutable once the commit
 * has returned it.
 *
 * @param tables by ascending id
 * @param sequences those that moved only
 */
public record Delta(List<TableDelta> tables, List<SequencePosition> sequences) {
    public static final Delta EMPTY = new Delta(List.of());

    public Delta {
        tables = List.copyOf(tables);
        sequences = List.copyOf(sequences);
    }

    public Delta(List<TableDelta> tables) {
        this(tables, List.of());
    }

    public boolean isEmpty() {
        return tables.isEmpty() && sequences.isEmpty();
    }

    /** Never with both lists empty. Rows of event tables are inserts here and nowhere else. */
    public record TableDelta(int tableId, RowList inserts, RowList deletes) {}

    /** @param next the value that the sequence of that column hands out next */
    public record SequencePosition(int tableId, int column, BigInteger next) {}
}
