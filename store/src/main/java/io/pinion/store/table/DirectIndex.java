package io.pinion.store.table;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A unique index on one unsigned number, at most 64 bits, or a plain enum: an array from the number to the row pointer.
 * Numbers too far above the number of rows live in a tree, so that a single great number costs no memory; as the array
 * grows with the rows, it takes over what it then reaches, so that all numbers in the tree are above those in the array.
 * The array lies in pieces of 1,024, each of which is copied before its first change after a freeze.
 */
final class DirectIndex extends Index {
    private static final int DENSE_MIN = 256;
    private static final int DENSE_PER_ROW = 8;

    private static final int DENSE_FIRST = 8;
    private static final int PIECE_SHIFT = 10;
    private static final int PIECE_SIZE = 1 << PIECE_SHIFT;

    /** Made for the first number that lives there. */
    private @Nullable OrderedIndex sparse;
    /** Room for the rows that move from the tree into the array. */
    private final PointerList moving = new PointerList();

    /** All of full size, unless there is but one. */
    private int[][] dense;

    private int denseSize;
    private int denseCount;
    private int sparseCount;
    private long listEpoch;
    /** By piece. */
    private long[] pieceEpochs;

    DirectIndex(KeyShape shape, RowPages rows, Epochs epochs) {
        super(shape, rows, epochs);
        dense = new int[1][DENSE_FIRST];
        denseSize = DENSE_FIRST;
        listEpoch = epochs.now();
        pieceEpochs = new long[] {listEpoch};
    }

    private DirectIndex(DirectIndex other, RowPages rows) {
        super(other.shape, rows, other.epochs);
        sparse = other.sparse == null ? null : other.sparse.frozen(rows);
        dense = other.dense;
        denseSize = other.denseSize;
        denseCount = other.denseCount;
        sparseCount = other.sparseCount;
        pieceEpochs = other.pieceEpochs;
    }

    @Override
    Index frozen(RowPages pages) {
        return new DirectIndex(this, pages);
    }

    @Override
    void join(Epochs other) {
        super.join(other);
        if (sparse != null) {
            sparse.join(other);
        }
    }

    @Override
    int find(Probe key) {
        long number = shape.number(key);
        if (isInside(number)) {
            return get((int) number);
        }
        return sparseCount == 0 ? 0 : sparse().find(key);
    }

    @Override
    void insert(Probe key, int pointer) {
        long number = shape.number(key);
        if (makeInside(number)) {
            set((int) number, pointer);
            denseCount++;
        } else {
            sparse().insert(key, pointer);
            sparseCount++;
        }
    }

    @Override
    void remove(Probe key, int pointer) {
        long number = shape.number(key);
        if (isInside(number)) {
            requireEntry((int) number, pointer);
            set((int) number, 0);
            denseCount--;
        } else {
            sparse().remove(key, pointer);
            sparseCount--;
        }
    }

    @Override
    void replace(Probe key, int from, int to) {
        long number = shape.number(key);
        if (isInside(number)) {
            requireEntry((int) number, from);
            set((int) number, to);
        } else {
            sparse().replace(key, from, to);
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
        int start = isInside(first) ? (int) first : denseSize;
        if (lower != null && lowerTie == OrderedIndex.AFTER && start < denseSize) {
            start++;
        }
        long last = upper == null ? -1L : shape.number(upper);
        boolean isLastInside = upper == null || upperTie == OrderedIndex.AFTER;
        for (int number = start; number < denseSize; number++) {
            int order = Long.compareUnsigned(number, last);
            if (order > 0 || (order == 0 && !isLastInside)) {
                break;
            }
            int pointer = get(number);
            if (pointer != 0) {
                target.add(pointer);
            }
        }
        if (sparseCount != 0) {
            sparse().collect(lower, lowerTie, upper, upperTie, target);
        }
    }

    @Override
    void clear() {
        dense = new int[1][DENSE_FIRST];
        denseSize = DENSE_FIRST;
        listEpoch = epochs.now();
        pieceEpochs = new long[] {listEpoch};
        denseCount = 0;
        sparse = null;
        sparseCount = 0;
    }

    private OrderedIndex sparse() {
        OrderedIndex tree = sparse;
        if (tree == null) {
            tree = new OrderedIndex(shape, rows, epochs, true);
            sparse = tree;
        }
        return tree;
    }

    private void requireEntry(int number, int pointer) {
        if (get(number) != pointer) {
            throw new IllegalStateException("row " + pointer + " is not in its direct index");
        }
    }

    private boolean isInside(long number) {
        return Long.compareUnsigned(number, denseSize) < 0;
    }

    private boolean makeInside(long number) {
        if (isInside(number)) {
            return true;
        }
        long rowCount = (long) denseCount + sparseCount;
        long allowed = Math.min(DENSE_MIN + DENSE_PER_ROW * rowCount, Integer.MAX_VALUE - PIECE_SIZE);
        if (Long.compareUnsigned(number, allowed) >= 0) {
            return false;
        }
        growTo((int) Math.min(Math.max(number + 1, denseSize + (long) (denseSize >> 1)), allowed));
        takeOver();
        return true;
    }

    /** Moves the rows from the tree that the array now reaches. */
    private void takeOver() {
        if (sparseCount == 0) {
            return;
        }
        moving.clear();
        sparse().collectBelow(denseSize, moving);
        for (int i = 0; i < moving.count(); i++) {
            int pointer = moving.get(i);
            aimAt(other, pointer);
            sparse().remove(other, pointer);
            set((int) shape.number(other), pointer);
        }
        sparseCount -= moving.count();
        denseCount += moving.count();
    }

    private void growTo(int size) {
        int first = Math.min(size, PIECE_SIZE);
        if (dense[0].length < first) {
            own(0);
            dense[0] = Arrays.copyOf(dense[0], first);
        }
        int before = dense.length;
        int after = Math.max(1, (size + PIECE_SIZE - 1) >>> PIECE_SHIFT);
        int[][] more = Arrays.copyOf(dense, after);
        for (int i = before; i < after; i++) {
            more[i] = new int[PIECE_SIZE];
        }
        long[] moreEpochs = Arrays.copyOf(pieceEpochs, after);
        Arrays.fill(moreEpochs, before, after, epochs.now());
        dense = more;
        pieceEpochs = moreEpochs;
        denseSize = after == 1 ? dense[0].length : after << PIECE_SHIFT;
    }

    private int get(int number) {
        return dense[number >>> PIECE_SHIFT][number & (PIECE_SIZE - 1)];
    }

    private void set(int number, int pointer) {
        int piece = number >>> PIECE_SHIFT;
        if (epochs.isShared(pieceEpochs[piece])) {
            own(piece);
        }
        dense[piece][number & (PIECE_SIZE - 1)] = pointer;
    }

    private void own(int piece) {
        if (epochs.isShared(listEpoch)) {
            dense = dense.clone();
            listEpoch = epochs.now();
        }
        dense[piece] = dense[piece].clone();
        pieceEpochs[piece] = epochs.now();
    }
}
