package io.pinion.store.table;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Runs of free units by their size. A run that is too big is split and the rest put back; runs are never joined here. */
final class FreeUnits {
    private static final PointerList[] NO_RUNS = new PointerList[0];

    private final int sizeMax;
    /** By size; as long as the greatest size so far asks for. */
    private @Nullable PointerList[] runs = NO_RUNS;

    private final BitSet sizes = new BitSet(0);
    private long units;

    FreeUnits(int sizeMax) {
        this.sizeMax = sizeMax;
    }

    /** Units in all runs. */
    long units() {
        return units;
    }

    /** The start of a run of that many units, or 0 if there is none. */
    int take(int size) {
        PointerList fitting = size < runs.length ? runs[size] : null;
        if (fitting != null && fitting.count() > 1) {
            units -= size;
            return fitting.removeLast();
        }
        int found = sizes.nextSetBit(size);
        if (found < 0) {
            return 0;
        }
        int pointer = remove(found);
        if (found > size) {
            put(pointer + size, found - size);
        }
        return pointer;
    }

    private int remove(int size) {
        PointerList list = runs[size];
        if (list == null) {
            throw new IllegalStateException("no free run of " + size + " units");
        }
        int pointer = list.removeLast();
        if (list.count() == 0) {
            sizes.clear(size);
        }
        units -= size;
        return pointer;
    }

    /** Adds a run of at most the greatest size. */
    void put(int pointer, int size) {
        if (size >= runs.length) {
            runs = Arrays.copyOf(runs, Math.min(sizeMax + 1, Math.max(size + 1, 2 * runs.length)));
        }
        PointerList list = runs[size];
        if (list == null) {
            list = new PointerList();
            runs[size] = list;
        }
        list.add(pointer);
        sizes.set(size);
        units += size;
    }

    /** Adds a run of any size, in as many pieces as it takes. */
    void putAny(int pointer, int size) {
        int position = pointer;
        int rest = size;
        while (rest > 0) {
            int piece = Math.min(rest, sizeMax);
            put(position, piece);
            position += piece;
            rest -= piece;
        }
    }

    void clear() {
        Arrays.fill(runs, null);
        sizes.clear();
        units = 0;
    }
}
