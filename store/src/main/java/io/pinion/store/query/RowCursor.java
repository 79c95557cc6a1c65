package io.pinion.store.query;

import io.pinion.store.value.BsatnLayout;
import java.util.List;

/**
 * Finds the columns of one row after another. Hot path: no allocation per row. Used by one thread at a time; the rows
 * are those of a table, so their bytes have been checked.
 */
final class RowCursor {
    private final BsatnLayout[] columns;
    /** How many columns come before the first whose place depends on the row. */
    private final int fixedCount;
    /** By column up to {@link #fixedCount}, from the row's start. */
    private final int[] fixedStarts;

    private final int[] starts;
    private byte[] bytes = new byte[0];
    private int offset;
    private int end;

    /** @param columns those up to the last that will be asked for */
    RowCursor(List<BsatnLayout> columns) {
        this.columns = columns.toArray(BsatnLayout[]::new);
        this.fixedStarts = new int[columns.size() + 1];
        this.starts = new int[columns.size() + 1];
        int fixed = 0;
        while (fixed < columns.size() && columns.get(fixed).isFixedSize()) {
            fixedStarts[fixed + 1] =
                    fixedStarts[fixed] + columns.get(fixed).fixedSize().orElseThrow();
            fixed++;
        }
        this.fixedCount = fixed;
    }

    void moveTo(byte[] row, int rowOffset, int length) {
        bytes = row;
        offset = rowOffset;
        end = rowOffset + length;
        int at = rowOffset + fixedStarts[fixedCount];
        for (int i = fixedCount; i < columns.length; i++) {
            at = columns[i].skip(row, at, end);
            starts[i + 1] = at;
        }
    }

    byte[] bytes() {
        return bytes;
    }

    /** Of the row. */
    int offset() {
        return offset;
    }

    /** Of the row. */
    int end() {
        return end;
    }

    /** Of a column, or of what follows the last. */
    int start(int column) {
        return column <= fixedCount ? offset + fixedStarts[column] : starts[column];
    }

    int length(int column) {
        return start(column + 1) - start(column);
    }
}
