package io.pinion.actors.durability;

import io.pinion.store.value.Bytes;
import java.util.List;

/** What one event of the journal holds; see {@link EventCodec} for its bytes. */
sealed interface Event {
    /** Counts the owners of the log, from 1. */
    long epoch();

    /**
     * A node took the log over; written before it answers anything.
     *
     * @param writer no other has the same
     */
    record Opened(long epoch, long timestampMicros, String writer) implements Event {}

    /** Entries of consecutive offsets. */
    record Batch(long epoch, long offsetFirst, List<LogEntry> entries) implements Event {
        public Batch {
            entries = List.copyOf(entries);
        }
    }

    /**
     * A part of a batch that is too large for one event. The parts of a train follow each other, 0 to {@code count − 1}; a
     * train that lacks one was never acknowledged and counts for nothing.
     *
     * @param train offset of the batch's first entry
     * @param trainChecksum CRC-32C of all parts together
     */
    record Chunk(long epoch, long train, int index, int count, int trainChecksum, Bytes part) implements Event {}
}
