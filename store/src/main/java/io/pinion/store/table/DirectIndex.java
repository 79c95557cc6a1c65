package io.pinion.store.table;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A unique index on one unsigned number, at most 64 bits, or a plain enum: an array from the number to the row pointer.
 * Numbers too far above the number of rows live in a tree, so that a single great number costs no memory.
 */
final class DirectIndex extends Index {
    private static final int DENSE_MIN = 256;
    private static final int DENSE_PER_ROW = 8;

    private final OrderedIndex sparse;
    private int[] dense = new int[8];
    private int denseCount;
    private int sparseCount;

    DirectIndex(KeyShape shape, RowPages rows) {
        super(shape, rows);
        sparse = new OrderedIndex(shape, rows, true);
    }

    @Override
    int find(Probe key) {
        long number = shape.number(key);
        int pointer = isInside(number) ? dense[(int) number] : 0;
        return pointer != 0 || sparseCount == 0 ? pointer : sparse.find(key);
    }

    @Override
    void insert(Probe key, int pointer) {
        long number = shape.number(key);
        if (makeInside(number)) {
            dense[(int) number] = pointer;
            denseCount++;
        } else {
            sparse.insert(key, pointer);
            sparseCount++;
        }
    }

    @Override
    void remove(Probe key, int pointer) {
        if (isDense(key, pointer)) {
            dense[(int) shape.number(key)] = 0;
            denseCount--;
        } else {
            sparse.remove(key, pointer);
            sparseCount--;
        }
    }

    @Override
    void replace(Probe key, int from, int to) {
        if (isDense(key, from)) {
            dense[(int) shape.number(key)] = to;
        } else {
            sparse.replace(key, from, to);
        }
    }

    @Override
    void collect(Probe key, PointerList target) {
        int pointer = find(key);
        if (pointer != 0) {
            target.add(pointer);
        }
    }

    @Override
    void collect(@Nullable Probe lower, int lowerTie, @Nullable Probe upper, int upperTie, PointerList target) {
        long first = lower == null ? 0 : shape.number(lower);
        int start = isInside(first) ? (int) first : dense.length;
        if (lower != null && lowerTie == OrderedIndex.AFTER && start < dense.length) {
            start++;
        }
        long last = upper == null ? -1L : shape.number(upper);
        boolean isLastInside = upper == null || upperTie == OrderedIndex.AFTER;
        for (int number = start; number < dense.length; number++) {
            int order = Long.compareUnsigned(number, last);
            if (order > 0 || (order == 0 && !isLastInside)) {
                break;
            }
            if (dense[number] != 0) {
                target.add(dense[number]);
            }
        }
        if (sparseCount != 0) {
            sparse.collect(lower, lowerTie, upper, upperTie, target);
        }
    }

    @Override
    void clear() {
        dense = new int[8];
        denseCount = 0;
        sparse.clear();
        sparseCount = 0;
    }

    private boolean isDense(Probe key, int pointer) {
        long number = shape.number(key);
        return isInside(number) && dense[(int) number] == pointer;
    }

    private boolean isInside(long number) {
        return Long.compareUnsigned(number, dense.length) < 0;
    }

    private boolean makeInside(long number) {
        if (isInside(number)) {
            return true;
        }
        long allowed = Math.min(DENSE_MIN + (long) DENSE_PER_ROW * denseCount, Integer.MAX_VALUE - 8);
        if (Long.compareUnsigned(number, allowed) >= 0) {
            return false;
        }
        long size = Math.min(Math.max(number + 1, dense.length + (long) (dense.length >> 1)), allowed);
        dense = Arrays.copyOf(dense, (int) size);
        return true;
    }
}
