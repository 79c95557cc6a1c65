package io.pinion.store.tx;

import io.pinion.store.table.RowLayout;
import io.pinion.store.value.BsatnReader;

/** Steps through the rows of a BSATN array: a u32 count, then rows. Bytes after the last row are ignored. */
final class RowArray {
    /** Rows that take no bytes could claim any count in four bytes. */
    private static final long EMPTY_ROWS_MAX = 65_536;

    private static final int COUNT_BYTES = 4;

    private final RowLayout layout;
    private final byte[] bytes;
    private final int start;
    private final int end;
    private final long count;
    private long read;
    private int rowOffset;
    private int rowLength;

    RowArray(RowLayout layout, byte[] bytes, int offset, int length) {
        this.layout = layout;
        this.bytes = bytes;
        this.start = offset + COUNT_BYTES;
        this.end = offset + length;
        this.count = length < COUNT_BYTES ? -1 : new BsatnReader(bytes, offset, length).readCount();
        rewind();
    }

    /** Whether all of it can be read; reading then starts again. */
    boolean isValid() {
        if (count < 0 || (layout.fixedSize() == 0 && count > EMPTY_ROWS_MAX)) {
            return false;
        }
        while (read < count) {
            next();
            if (rowLength < 0) {
                return false;
            }
        }
        rewind();
        return true;
    }

    /** Moves to the next row; false if there is none. */
    boolean next() {
        if (read == count) {
            return false;
        }
        rowOffset += rowLength;
        rowLength = layout.checkPrefix(bytes, rowOffset, end);
        read++;
        return true;
    }

    int rowOffset() {
        return rowOffset;
    }

    int rowLength() {
        return rowLength;
    }

    private void rewind() {
        read = 0;
        rowOffset = start;
        rowLength = 0;
    }
}
