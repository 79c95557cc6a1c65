package io.pinion.store.tx;

import java.math.BigInteger;
import java.util.List;

/**
 * What one committed transaction changed, net: per table the rows that are there and were not before, and the rows that
 * were there and are no more; and where sequences stand now that have moved. Owns its bytes; immutable once the commit
 * has returned it.
 *
 * @param tables by ascending id; the module's, and those of the system that the host writes
 * @param sequences those that moved only
 * @param views by ascending id; what became of rows of views, under the tables behind them, whose hidden first column is
 *     part of each row. For subscribers only: views can be evaluated again, so none of it belongs into a journal
 */
public record Delta(List<TableDelta> tables, List<SequencePosition> sequences, List<TableDelta> views) {
    public static final Delta EMPTY = new Delta(List.of());

    public Delta {
        tables = List.copyOf(tables);
        sequences = List.copyOf(sequences);
        views = List.copyOf(views);
    }

    public Delta(List<TableDelta> tables, List<SequencePosition> sequences) {
        this(tables, sequences, List.of());
    }

    public Delta(List<TableDelta> tables) {
        this(tables, List.of());
    }

    /** Whether there is nothing to write into a journal; rows of views may have changed all the same. */
    public boolean isEmpty() {
        return tables.isEmpty() && sequences.isEmpty();
    }

    /** What leads back: rows that came go, and rows that went come. Sequences stay where they are. */
    Delta inverse() {
        return new Delta(inverse(tables), List.of(), inverse(views));
    }

    private static List<TableDelta> inverse(List<TableDelta> tables) {
        return tables.stream()
                .map(table -> new TableDelta(table.tableId(), table.deletes(), table.inserts()))
                .toList();
    }

    /** Never with both lists empty. Rows of event tables are inserts here and nowhere else. */
    public record TableDelta(int tableId, RowList inserts, RowList deletes) {}

    /** @param next the value that the sequence of that column hands out next */
    public record SequencePosition(int tableId, int column, BigInteger next) {}
}
