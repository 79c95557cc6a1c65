package io.pinion.store.table;

import io.pinion.store.value.AlgebraicType;
import java.util.Arrays;

/**
 * A row type compiled for the hot path: checks rows and finds columns in them. Immutable and threadsafe.
 *
 * <p>Columns that only fixed-size columns precede are found by adding an offset; others by stepping over what lies
 * between.
 */
public final class RowLayout {
    private final Shape[] columns;
    /** From the start of the row, or −1 where it depends on the row. */
    private final int[] fixedOffsets;

    private final int fixedSize;
    private final boolean anyBytes;
    /** Leading columns of which any bytes of their size are values: there is nothing to check but that these are there. */
    private final int anyColumns;

    private final int anySize;

    /** @param rowType with every reference inlined */
    public RowLayout(AlgebraicType.Product rowType) {
        columns = Shape.shapes(rowType.elements());
        fixedSize = ProductShape.sizeOf(columns);
        anyBytes = ProductShape.anyBytes(columns);
        anyColumns = countAny(columns);
        anySize = ProductShape.sizeOf(Arrays.copyOf(columns, anyColumns));
        fixedOffsets = new int[columns.length];
        int offset = 0;
        for (int i = 0; i < columns.length; i++) {
            fixedOffsets[i] = offset;
            int size = columns[i].fixedSize;
            offset = offset < 0 || size < 0 ? -1 : offset + size;
        }
    }

    private static int countAny(Shape[] columns) {
        int count = 0;
        while (count < columns.length && columns[count].fixedSize >= 0 && columns[count].anyBytes) {
            count++;
        }
        return count;
    }

    /** Encoded size of every row in bytes, or −1 if rows differ. */
    public int fixedSize() {
        return fixedSize;
    }

    public int columnCount() {
        return columns.length;
    }

    /**
     * Checks that the bytes are a row. A row of fixed size must have exactly its size; after another one more bytes may
     * follow, and do not belong to it.
     *
     * @return the row's length in bytes, or −1 if the bytes are not a row
     */
    public int check(byte[] bytes, int offset, int length) {
        if (fixedSize >= 0 && length != fixedSize) {
            return -1;
        }
        return anyBytes ? fixedSize : checkPrefix(bytes, offset, offset + length);
    }

    /** As {@link #check}, but bytes may follow a row of fixed size too. */
    public int checkPrefix(byte[] bytes, int offset, int end) {
        if (end - offset < anySize) {
            return -1;
        }
        int position = offset + anySize;
        for (int i = anyColumns; i < columns.length; i++) {
            position = columns[i].check(bytes, position, end);
            if (position < 0) {
                return -1;
            }
        }
        return position - offset;
    }

    /** Position of a column's first byte in a checked row. */
    public int columnStart(byte[] row, int rowOffset, int column) {
        int fixed = fixedOffsets[column];
        return fixed >= 0 ? rowOffset + fixed : walk(row, rowOffset, column);
    }

    /** Position after a column's last byte in a checked row. */
    public int columnEnd(byte[] row, int rowOffset, int column) {
        return columns[column].skip(row, columnStart(row, rowOffset, column));
    }

    /** Of a column from the start of the row, or −1 where it depends on the row. */
    int fixedOffset(int column) {
        return fixedOffsets[column];
    }

    private int walk(byte[] row, int rowOffset, int column) {
        int known = column;
        while (fixedOffsets[known] < 0) {
            known--;
        }
        int position = rowOffset + fixedOffsets[known];
        for (int i = known; i < column; i++) {
            position = columns[i].skip(row, position);
        }
        return position;
    }

    Shape column(int column) {
        return columns[column];
    }
}
