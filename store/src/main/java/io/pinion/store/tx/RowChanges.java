package io.pinion.store.tx;

import io.pinion.store.tx.Delta.TableDelta;
import java.util.BitSet;

/**
 * Rows that went and came in one table, one after the other as transactions committed them, in little more memory than
 * their bytes. First filled by one thread, then read by one.
 */
final class RowChanges {
    /** Filled up to here, or by one transaction that has more. */
    private static final int ROWS_MAX = 512;

    /** What a row costs besides its bytes, and all of them together do. */
    private static final int ROW_BYTES = 5;

    private static final int FIXED_BYTES = 200;

    final int tableId;
    private final RowList rows = new RowList();
    private final BitSet came = new BitSet();

    RowChanges(int tableId) {
        this.tableId = tableId;
    }

    boolean hasRoom(int count) {
        return rows.count() + count <= ROWS_MAX;
    }

    void add(TableDelta delta) {
        addAll(delta.deletes());
        int first = rows.count();
        addAll(delta.inserts());
        came.set(first, rows.count());
    }

    private void addAll(RowList source) {
        for (int i = 0; i < source.count(); i++) {
            rows.row(source.unsafeArray(), source.start(i), source.end(i) - source.start(i));
        }
    }

    int count() {
        return rows.count();
    }

    /** About what it takes in memory. */
    long bytes() {
        return FIXED_BYTES + rows.length() + (long) ROW_BYTES * rows.count();
    }

    /** Whether the row came; else it went. */
    boolean hasCome(int row) {
        return came.get(row);
    }

    /** Those that went and those that came. */
    RowList rows() {
        return rows;
    }
}
