package io.pinion.store.table;

import java.util.Arrays;

/** A u32 count and the elements; ordered element by element, then the shorter first. */
final class ArrayShape extends Shape {
    /** Elements that take no bytes could claim any count in four bytes. */
    static final int EMPTY_ELEMENTS_MAX = 65_536;

    private final Shape element;
    private final boolean isByteString;

    ArrayShape(Shape element) {
        super(-1, false, element.hasFloat, 0);
        this.element = element;
        this.isByteString = element.fixedSize == 1 && element.anyBytes && element.leading(new byte[] {-1}, 0) < 0;
    }

    @Override
    int check(byte[] bytes, int at, int end) {
        if (end - at < 4) {
            return -1;
        }
        long count = Words.getInt(bytes, at) & 0xffff_ffffL;
        return element.fixedSize < 0 || !element.anyBytes
                ? checkEach(bytes, at + 4, end, count)
                : checkFixed(at + 4, end, count);
    }

    private int checkFixed(int start, int end, long count) {
        if (element.fixedSize == 0) {
            return count <= EMPTY_ELEMENTS_MAX ? start : -1;
        }
        long size = count * element.fixedSize;
        return size <= end - start ? start + (int) size : -1;
    }

    private int checkEach(byte[] bytes, int start, int end, long count) {
        int position = start;
        for (long i = 0; i < count; i++) {
            position = element.check(bytes, position, end);
            if (position < 0) {
                return -1;
            }
        }
        return position;
    }

    @Override
    int skip(byte[] bytes, int at) {
        int count = Words.getInt(bytes, at);
        int position = at + 4;
        if (element.fixedSize >= 0) {
            return position + count * element.fixedSize;
        }
        for (int i = 0; i < count; i++) {
            position = element.skip(bytes, position);
        }
        return position;
    }

    @Override
    int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
        int leftCount = Words.getInt(left, leftAt);
        int rightCount = Words.getInt(right, rightAt);
        int leftPosition = leftAt + 4;
        int rightPosition = rightAt + 4;
        if (isByteString) {
            return Arrays.compareUnsigned(
                    left, leftPosition, leftPosition + leftCount, right, rightPosition, rightPosition + rightCount);
        }
        int common = element.fixedSize == 0 ? 0 : Math.min(leftCount, rightCount);
        for (int i = 0; i < common; i++) {
            int order = element.compare(left, leftPosition, right, rightPosition);
            if (order != 0) {
                return order;
            }
            leftPosition = element.skip(left, leftPosition);
            rightPosition = element.skip(right, rightPosition);
        }
        return Integer.compare(leftCount, rightCount);
    }

    @Override
    long leading(byte[] bytes, int at) {
        return isByteString ? Words.leadingBytes(bytes, at + 4, Words.getInt(bytes, at)) : 0;
    }

    @Override
    long hash(byte[] bytes, int at, long seed) {
        if (!hasFloat) {
            return super.hash(bytes, at, seed);
        }
        int count = Words.getInt(bytes, at);
        long hash = Words.mix(seed ^ count);
        int position = at + 4;
        for (int i = 0; i < count; i++) {
            hash = element.hash(bytes, position, hash);
            position = element.skip(bytes, position);
        }
        return hash;
    }
}
