package io.pinion.store.table;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A unique index without order: open addressing with linear probing, at most three quarters full.
 *
 * <pre>
 *   entry, 64 bits:   | upper half of the key's hash | row pointer |     0 is empty
 * </pre>
 *
 * <p>The entries lie in pieces of 1,024, each of which is copied before its first change after a freeze. Removal shifts later entries back, so there are no tombstones. Hot path: no allocation but for growth.
 */
final class HashIndex extends Index {
    private static final int CAPACITY_MIN = 8;
    private static final int PIECE_SHIFT = 10;
    private static final int PIECE_MASK = (1 << PIECE_SHIFT) - 1;

    private long[][] pieces;
    /** Capacity less one. */
    private int mask;

    private int homeShift;
    private int count;
    private long listEpoch;
    /** By piece. */
    private long[] pieceEpochs;

    HashIndex(KeyShape shape, RowPages rows, Epochs epochs) {
        super(shape, rows, epochs);
        pieces = piecesFor(CAPACITY_MIN);
        mask = CAPACITY_MIN - 1;
        homeShift = homeShift(CAPACITY_MIN);
        listEpoch = epochs.now();
        pieceEpochs = new long[] {listEpoch};
    }

    private HashIndex(HashIndex other, RowPages rows) {
        super(other.shape, rows, other.epochs);
        pieces = other.pieces;
        mask = other.mask;
        homeShift = other.homeShift;
        count = other.count;
        pieceEpochs = other.pieceEpochs;
    }

    @Override
    Index frozen(RowPages pages) {
        return new HashIndex(this, pages);
    }

    @Override
    int find(Probe key) {
        long[][] table = pieces;
        int last = mask;
        int hash = shape.hash(key);
        for (int slot = home(hash); ; slot = (slot + 1) & last) {
            long entry = table[slot >>> PIECE_SHIFT][slot & PIECE_MASK];
            if (entry == 0) {
                return 0;
            }
            if ((int) (entry >>> 32) == hash && equalsRow(key, (int) entry)) {
                return (int) entry;
            }
        }
    }

    @Override
    void insert(Probe key, int pointer) {
        int capacity = mask + 1;
        if (count + 1 > capacity - (capacity >> 2)) {
            grow();
        }
        place(entry(shape.hash(key), pointer));
        count++;
    }

    @Override
    void remove(Probe key, int pointer) {
        int slot = slotOf(key, pointer);
        set(slot, 0);
        count--;
        shiftBack(slot);
    }

    @Override
    void replace(Probe key, int from, int to) {
        set(slotOf(key, from), entry(shape.hash(key), to));
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
        throw new IllegalStateException("a hash index has no order");
    }

    @Override
    void clear() {
        take(piecesFor(CAPACITY_MIN), CAPACITY_MIN);
        count = 0;
    }

    private static long[][] piecesFor(int capacity) {
        return new long[Math.max(1, capacity >>> PIECE_SHIFT)][Math.min(capacity, 1 << PIECE_SHIFT)];
    }

    private static int homeShift(int capacity) {
        return 1 + Integer.numberOfLeadingZeros(capacity);
    }

    private void take(long[][] fresh, int capacity) {
        long[] freshEpochs = new long[fresh.length];
        Arrays.fill(freshEpochs, epochs.now());
        pieces = fresh;
        mask = capacity - 1;
        homeShift = homeShift(capacity);
        pieceEpochs = freshEpochs;
        listEpoch = epochs.now();
    }

    /** Where a search begins: the leading bits of the hash, which keep ids that count up apart from each other. */
    private int home(int hash) {
        return hash >>> homeShift;
    }

    private static long entry(int hash, int pointer) {
        return ((long) hash << 32) | pointer;
    }

    private long get(int slot) {
        return pieces[slot >>> PIECE_SHIFT][slot & PIECE_MASK];
    }

    private void set(int slot, long entry) {
        int piece = slot >>> PIECE_SHIFT;
        if (epochs.isShared(pieceEpochs[piece])) {
            own(piece);
        }
        pieces[piece][slot & PIECE_MASK] = entry;
    }

    private void own(int piece) {
        if (epochs.isShared(listEpoch)) {
            pieces = pieces.clone();
            listEpoch = epochs.now();
        }
        pieces[piece] = pieces[piece].clone();
        pieceEpochs[piece] = epochs.now();
    }

    private int slotOf(Probe key, int pointer) {
        int slot = home(shape.hash(key));
        for (long entry = get(slot); (int) entry != pointer; entry = get(slot)) {
            if (entry == 0) {
                throw new IllegalStateException("row " + pointer + " is not in its hash index");
            }
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int capacity = Math.multiplyExact(mask + 1, 2);
        long[][] smaller = pieces;
        take(piecesFor(capacity), capacity);
        for (long[] piece : smaller) {
            for (long entry : piece) {
                if (entry != 0) {
                    place(entry);
                }
            }
        }
    }

    private void place(long entry) {
        int slot = home((int) (entry >>> 32));
        while (get(slot) != 0) {
            slot = (slot + 1) & mask;
        }
        set(slot, entry);
    }

    /** Moves entries that were pushed past the emptied slot back towards where they belong. */
    private void shiftBack(int emptied) {
        int hole = emptied;
        int slot = (hole + 1) & mask;
        for (long entry = get(slot); entry != 0; entry = get(slot)) {
            int home = home((int) (entry >>> 32));
            if (((slot - home) & mask) >= ((slot - hole) & mask)) {
                set(hole, entry);
                set(slot, 0);
                hole = slot;
            }
            slot = (slot + 1) & mask;
        }
    }
}
