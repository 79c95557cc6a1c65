package io.pinion.actors.durability;

/** What is written about a log beside it, under {@link LogNames#index}; see {@link IndexCodec} for the bytes. */
public sealed interface IndexEntry {
    /**
     * An operator has cut the log: its events from one number to another do not count, both included. They stay in the
     * journal until the log is deleted beyond them.
     *
     * @param offset of the last entry before the cut; the log goes on after it
     * @param epoch no event that was cut has a newer one; the next is newer
     */
    record Cut(long timestampMicros, long sequenceNrFirst, long sequenceNrLast, long offset, long epoch)
            implements IndexEntry {}
}
