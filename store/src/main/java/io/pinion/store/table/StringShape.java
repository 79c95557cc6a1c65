package io.pinion.store.table;

import io.pinion.store.value.Utf8;
import java.util.Arrays;

/** A u32 byte count and strict UTF-8; ordered by bytes, unsigned. */
final class StringShape extends Shape {
    StringShape() {
        super(-1, false, false, 0);
    }

    @Override
    int check(byte[] bytes, int at, int end) {
        if (end - at < 4) {
            return -1;
        }
        int length = Words.getInt(bytes, at);
        int start = at + 4;
        boolean fits = length >= 0 && length <= end - start;
        return fits && Utf8.isValid(bytes, start, start + length) ? start + length : -1;
    }

    @Override
    int skip(byte[] bytes, int at) {
        return at + 4 + Words.getInt(bytes, at);
    }

    @Override
    int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
        return Arrays.compareUnsigned(left, leftAt + 4, skip(left, leftAt), right, rightAt + 4, skip(right, rightAt));
    }

    @Override
    long leading(byte[] bytes, int at) {
        return Words.leadingBytes(bytes, at + 4, Words.getInt(bytes, at));
    }
}
