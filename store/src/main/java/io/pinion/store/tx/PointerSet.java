package io.pinion.store.tx;

/**
 * Row pointers, each once: open addressing with linear probing, at most half full. Takes memory for what is in it, however
 * large the table is. Hot path: no allocation but for growth.
 *
 * <p>It is emptied by naming what is in it, since that may be little, and the room large that an earlier transaction needed.
 */
final class PointerSet {
    private static final int CAPACITY_FIRST = 8;
    private static final int KEPT_MAX = 8192;
    private static final int SPREAD = 0x9e37_79b9;

    private static final int[] NONE = new int[0];

    /** 0 is empty. */
    private int[] slots = NONE;
    /** Leaves as many leading bits as it takes to number the slots. */
    private int shift;

    private int count;

    /** Makes room, so that {@link #add} needs no memory so many times. */
    void reserve(int more) {
        if ((long) count + more > slots.length / 2) {
            grow();
        }
    }

    private void grow() {
        int[] smaller = slots;
        int capacity = Math.max(CAPACITY_FIRST, Math.multiplyExact(smaller.length, 2));
        int[] larger = new int[capacity];
        int largerShift = 1 + Integer.numberOfLeadingZeros(capacity);
        for (int pointer : smaller) {
            if (pointer != 0) {
                place(larger, largerShift, pointer);
            }
        }
        slots = larger;
        shift = largerShift;
    }

    private static void place(int[] target, int targetShift, int pointer) {
        int slot = (pointer * SPREAD) >>> targetShift;
        while (target[slot] != 0) {
            slot = (slot + 1) & (target.length - 1);
        }
        target[slot] = pointer;
    }

    boolean contains(int pointer) {
        if (count == 0) {
            return false;
        }
        int[] in = slots;
        int slot = (pointer * SPREAD) >>> shift;
        while (in[slot] != 0 && in[slot] != pointer) {
            slot = (slot + 1) & (in.length - 1);
        }
        return in[slot] == pointer;
    }

    /** Adds a pointer that is not there, for which there is room. */
    void add(int pointer) {
        place(slots, shift, pointer);
        count++;
    }

    /**
     * Begins to empty the set, or goes on with it. Nothing else may be asked until every pointer has been named, and then
     * {@link #emptied}.
     *
     * <p>Empties all slots from where the pointer belongs up to the next empty one. A pointer that stands before them still
     * has its way from where it belongs; one that stands among them or behind, up to there, is gone. Nothing is called in
     * between: an error leaves the set before one pointer or after it.
     */
    void empty(int pointer) {
        if (count == 0) {
            return;
        }
        int[] in = slots;
        for (int slot = (pointer * SPREAD) >>> shift; in[slot] != 0; slot = (slot + 1) & (in.length - 1)) {
            in[slot] = 0;
        }
    }

    /** Says that every pointer has been named, and gives back the memory of an unusually large set. */
    void emptied() {
        count = 0;
        if (slots.length > KEPT_MAX) {
            slots = NONE;
        }
    }
}
