package io.pinion.journal;

import io.pinion.journal.StoreReader.StoredEvent;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.persistence.PersistentRepr;

/**
 * Reads the events of one persistence id chunk by chunk, so that never more of the log than one chunk is in memory. Every
 * number must have its record: a gap that no deletion explains fails the reading, and so does a record whose checksum is
 * wrong. What is written after the cursor was opened is not seen. One thread at a time.
 */
final class EventCursor {
    private final RocksDbStore store;
    private final String persistenceId;
    private final long number;
    private long sequenceNrNext;
    private long sequenceNrLast;
    private long remaining;

    private EventCursor(RocksDbStore store, String persistenceId, Range range) {
        this.store = store;
        this.persistenceId = persistenceId;
        this.number = store.reader().number(persistenceId);
        if (number != StoreReader.NO_NUMBER) {
            WriterState state = store.reader().state(persistenceId, number);
            sequenceNrNext = Math.max(range.sequenceNrFirst(), state.deletedTo() + 1);
            sequenceNrLast = Math.min(range.sequenceNrLast(), state.highest());
            remaining = range.eventsMax();
        }
    }

    /**
     * @param sequenceNrFirst included
     * @param sequenceNrLast included
     * @param eventsMax how many events at most
     */
    record Range(long sequenceNrFirst, long sequenceNrLast, long eventsMax) {}

    static EventCursor open(RocksDbStore store, String persistenceId, Range range) {
        return new EventCursor(store, persistenceId, range);
    }

    boolean isAtEnd() {
        return number == StoreReader.NO_NUMBER || remaining <= 0 || sequenceNrNext > sequenceNrLast;
    }

    /**
     * The next events, up to the first that is damaged; none where all numbers of a chunk belong to rejected events.
     *
     * @throws CorruptRecordException that names the first event that is damaged or missing
     */
    List<PersistentRepr> next() {
        List<StoredEvent> chunk = store.reader()
                .events(
                        persistenceId,
                        number,
                        sequenceNrNext,
                        sequenceNrLast,
                        store.settings().replayChunkBytes());
        List<PersistentRepr> events = new ArrayList<>(chunk.size());
        try {
            chunk.forEach(stored -> take(stored, events));
        } catch (CorruptRecordException e) {
            if (events.isEmpty()) {
                throw e;
            }
            return events; // what comes before the damage; the next call begins with it
        }
        if (chunk.isEmpty()) {
            requireNoneMissingBefore(sequenceNrLast + 1);
            sequenceNrNext = sequenceNrLast + 1;
        }
        return events;
    }

    private void take(StoredEvent stored, List<PersistentRepr> events) {
        if (remaining == 0) {
            return;
        }
        requireNoneMissingBefore(stored.sequenceNr());
        PersistentRepr event = store.codec().decodeEvent(persistenceId, stored.sequenceNr(), stored.record());
        sequenceNrNext = stored.sequenceNr() + 1;
        if (event != null) {
            events.add(event);
            store.counters().replayedEvents.increment();
            remaining--;
        }
    }

    /** Events may be deleted while they are read; the mark of that is written together with the deletion. */
    private void requireNoneMissingBefore(long found) {
        if (found == sequenceNrNext) {
            return;
        }
        long deletedTo = store.reader().state(persistenceId, number).deletedTo();
        if (found - 1 > deletedTo) {
            throw new CorruptRecordException("event " + Math.max(sequenceNrNext, deletedTo + 1) + " of persistence id "
                    + persistenceId + " is missing");
        }
    }
}
