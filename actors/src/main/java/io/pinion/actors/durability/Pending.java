package io.pinion.actors.durability;

import org.jspecify.annotations.Nullable;

/**
 * Something that waits for the journal: an answer, a commit, or both. It is released when the journal is durable up to
 * its place in the order of commits, or lost when that will not be known. Exactly one of the two happens, once.
 */
public abstract class Pending {
    /** The object itself, the caller and the fixed fields of a transaction. */
    private static final int OVERHEAD_BYTES = 160;

    private final long offset;
    private final @Nullable LogEntry entry;
    private final int bytes;

    /** The one appended after this; written once, by the appending thread. */
    @Nullable
    Pending next;

    /**
     * @param offset of the state that the answer was read from; that of the entry, if there is one
     * @param entry what is to be written, null if this only waits
     * @param payloadBytes about what it holds in memory and writes
     */
    protected Pending(long offset, @Nullable LogEntry entry, int payloadBytes) {
        this.offset = offset;
        this.entry = entry;
        this.bytes = Math.addExact(payloadBytes, OVERHEAD_BYTES);
    }

    public final long offset() {
        return offset;
    }

    /** What is to be written; null if this only waits. */
    public final @Nullable LogEntry entry() {
        return entry;
    }

    final int bytes() {
        return bytes;
    }

    /** The journal is durable up to the offset. Called on the durability child's thread; must not throw or block. */
    protected abstract void release();

    /** Whether the journal has it is not known. Called on the database's thread; must not throw or block. */
    protected abstract void lose();
}
