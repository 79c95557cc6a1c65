package io.pinion.modules.host;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The row iterators of one instance by handle: from 1, the handle freed last is given out first. Freed iterators keep
 * their buffers, so that a scan allocates nothing once warm.
 */
final class RowIterators {
    /** A guest that never closes its iterators is stopped here, before it fills the heap with them. */
    private static final int OPEN_MAX = 1 << 16;

    private @Nullable RowIterator[] slots = new RowIterator[8];
    private RowIterator[] spares = new RowIterator[8];
    private int[] freeHandles = new int[8];
    private int freeCount;
    private int spareCount;
    private int handleMax;
    private int openCount;

    /** An iterator with no rows, not yet open. Given back with {@link #open} or {@link #discard}. */
    RowIterator take() {
        if (openCount >= OPEN_MAX) {
            throw new HostTrap("more than " + OPEN_MAX + " row iterators are open");
        }
        return spareCount == 0 ? new RowIterator() : spares[--spareCount];
    }

    /** Makes the iterator known to the guest; its handle. */
    int open(RowIterator iterator) {
        int handle = freeCount == 0 ? ++handleMax : freeHandles[--freeCount];
        if (handle >= slots.length) {
            slots = Arrays.copyOf(slots, slots.length << 1);
        }
        slots[handle] = iterator;
        openCount++;
        return handle;
    }

    @Nullable
    RowIterator find(int handle) {
        return handle > 0 && handle <= handleMax ? slots[handle] : null;
    }

    /** Frees the handle; false if it is unknown. */
    boolean close(int handle) {
        RowIterator iterator = find(handle);
        if (iterator == null) {
            return false;
        }
        slots[handle] = null;
        openCount--;
        if (freeCount == freeHandles.length) {
            freeHandles = Arrays.copyOf(freeHandles, freeCount << 1);
        }
        freeHandles[freeCount++] = handle;
        discard(iterator);
        return true;
    }

    void discard(RowIterator iterator) {
        iterator.reset();
        if (spareCount < spares.length) {
            spares[spareCount++] = iterator;
        }
    }

    int closeAll() {
        int closed = 0;
        for (int handle = 1; openCount > 0 && handle <= handleMax; handle++) {
            if (close(handle)) {
                closed++;
            }
        }
        return closed;
    }
}
