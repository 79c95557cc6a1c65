package io.pinion.modules.wasm;

import io.pinion.store.value.Bytes;
import java.util.Arrays;

/**
 * What the guest reads through handles during one call: its arguments, credentials. Handles count up from 1; empty content
 * is handle 0, which stands for no source.
 */
final class BytesSources {
    private Bytes[] contents = new Bytes[4];
    private int[] positions = new int[4];
    private int count;

    int open(Bytes content) {
        if (content.isEmpty()) {
            return 0;
        }
        if (count == contents.length) {
            contents = Arrays.copyOf(contents, count << 1);
            positions = Arrays.copyOf(positions, count << 1);
        }
        contents[count] = content;
        positions[count] = 0;
        return ++count;
    }

    /** Bytes left to read; 0 for a handle that is unknown or exhausted. */
    int remaining(int handle) {
        return handle <= 0 || handle > count ? 0 : contents[handle - 1].length() - positions[handle - 1];
    }

    /** Copies up to {@code capacity} bytes; how many. The handle is freed with the last of them. */
    int read(int handle, byte[] target, int offset, int capacity) {
        int slot = handle - 1;
        int length = Math.min(capacity, remaining(handle));
        System.arraycopy(contents[slot].unsafeArray(), positions[slot], target, offset, length);
        positions[slot] += length;
        if (positions[slot] == contents[slot].length()) {
            contents[slot] = Bytes.EMPTY;
            positions[slot] = 0;
        }
        return length;
    }

    void reset() {
        Arrays.fill(contents, 0, count, Bytes.EMPTY);
        count = 0;
    }
}
