package io.pinion.store.table;

import java.util.Arrays;

/** A growing list of row pointers, reused from scan to scan. */
public final class PointerList {
    private static final int KEPT_MAX = 65_536;

    private static final int CAPACITY_MIN = 8;
    private static final int[] NONE = new int[0];

    private int[] pointers = NONE;
    private int count;

    /** Makes room, so that the next {@link #add} needs no memory. */
    public void reserve() {
        if (count == pointers.length) {
            pointers = Arrays.copyOf(pointers, Math.max(CAPACITY_MIN, Math.multiplyExact(count, 2)));
        }
    }

    public void add(int pointer) {
        reserve();
        pointers[count++] = pointer;
    }

    public int get(int index) {
        return pointers[index];
    }

    public int count() {
        return count;
    }

    public int removeLast() {
        return pointers[--count];
    }

    /** Empties the list, and gives back the memory of an unusually long one. */
    public void clear() {
        count = 0;
        if (pointers.length > KEPT_MAX) {
            pointers = NONE;
        }
    }
}
