package io.pinion.actors.database;

import java.lang.ref.SoftReference;
import org.jspecify.annotations.Nullable;

/**
 * Heap that is kept for the moment at which there is none left. It hangs on a soft reference: the JVM lets it go by itself
 * before it throws an {@link OutOfMemoryError}, and what everybody else allocates then succeeds while whoever fills the
 * heap is stopped. That it was let go says for certain that a whole collection had not helped.
 *
 * <p>Held → gone: by the JVM, seen at the next {@link #look}. Gone → held: {@link #refill}, when there is room again.
 * Used by two threads: one looks, often, and one refills.
 */
final class HeapReserve {
    private static final int HEAP_PART = 16;
    private static final long BYTES_MAX = 64 << 20;
    /** With the head of an array one mebibyte, which fills whole regions of the collector where it fills any. */
    private static final int CHUNK_BYTES = (1 << 20) - 16;

    private final int chunks;
    private volatile @Nullable SoftReference<byte[][]> held;
    private long losses;

    /** @param heapBytes the largest heap, of which a sixteenth is kept, and 64 MiB at most */
    HeapReserve(long heapBytes) {
        chunks = (int) (Math.min(heapBytes / HEAP_PART, BYTES_MAX) >> 20);
        refill();
    }

    /** What it takes now. */
    long bytes() {
        SoftReference<byte[][]> reference = held;
        return reference == null || reference.refersTo(null) ? 0 : size();
    }

    /** What it takes when it is held. */
    long size() {
        return (long) chunks << 20;
    }

    /**
     * Looks after it, and thereby tells the JVM that it is in use and not to be let go for less than need.
     *
     * @return how often it was let go
     */
    long look() {
        SoftReference<byte[][]> reference = held;
        if (reference != null && reference.get() == null) {
            held = null;
            losses++;
        }
        return losses;
    }

    /** @return whether it is held, now or still; false if there was no room after all */
    boolean refill() {
        if (held != null) {
            return true;
        }
        try {
            byte[][] fresh = new byte[chunks][];
            for (int i = 0; i < chunks; i++) {
                fresh[i] = new byte[CHUNK_BYTES];
            }
            held = new SoftReference<>(fresh);
            return true;
        } catch (OutOfMemoryError e) { // somebody was faster; a later collection tries again
            return false;
        }
    }
}
