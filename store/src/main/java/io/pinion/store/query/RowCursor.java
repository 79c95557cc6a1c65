package io.pinion.store.query;

import io.pinion.store.value.BsatnLayout;
import java.util.List;

/**
 * Finds the columns of one row after another. Hot path: no allocation per row. Used by one thread at a time; the rows
 * are those of a table, so their bytes have been checked.
 */
final class RowCursor {
    private final BsatnLayout[] columns;
    private final int[] starts;
    private byte[] bytes = new byte[0];

    /** @param columns those up to the last that will be asked for */
    RowCursor(List<BsatnLayout> columns) {
        this.columns = columns.toArray(BsatnLayout[]::new);
        this.starts = new int[columns.size() + 1];
    }

    void moveTo(byte[] row, int offset, int length) {
        bytes = row;
        int at = offset;
        int end = offset + length;
        starts[0] = at;
        for (int i = 0; i < columns.length; i++) {
            at = columns[i].skip(row, at, end);
            starts[i + 1] = at;
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int start(int column) {
        return starts[column];
    }

    int length(int column) {
        return starts[column + 1] - starts[column];
    }
}
