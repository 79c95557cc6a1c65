package io.pinion.store.tx;

import io.pinion.store.value.Bytes;
import java.util.Arrays;

/**
 * An append-only list of rows, BSATN bytes back to back, that owns its bytes. After it has been handed to another thread
 * it is never changed.
 */
public final class RowList implements RowSink {
    private byte[] bytes;
    private int[] ends;
    private int count;

    public RowList() {
        this(64, 4);
    }

    /** Makes room for that many bytes and rows; more may be added. */
    public RowList(int byteCapacity, int rowCapacity) {
        bytes = new byte[byteCapacity];
        ends = new int[rowCapacity];
    }

    @Override
    public void row(byte[] source, int offset, int length) {
        int start = length();
        int end = Math.addExact(start, length);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length + (bytes.length >> 1) + 16));
        }
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, (count << 1) + 2);
        }
        System.arraycopy(source, offset, bytes, start, length);
        ends[count++] = end;
    }

    /** Number of rows. */
    public int count() {
        return count;
    }

    /** Bytes of all rows together. */
    public int length() {
        return count == 0 ? 0 : ends[count - 1];
    }

    public int start(int row) {
        return row == 0 ? 0 : ends[row - 1];
    }

    public int end(int row) {
        return ends[row];
    }

    /** All rows back to back in the first {@link #length()} bytes; not a copy. */
    public byte[] unsafeArray() {
        return bytes;
    }

    public Bytes get(int row) {
        return Bytes.copyOf(bytes, start(row), end(row) - start(row));
    }
}
