package io.pinion.journal;

import io.pinion.journal.StoreReader.StoredEvent;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.pekko.persistence.PersistentRepr;

/**
 * Reads the events of one persistence id in chunks. Each chunk is a task of its own on the replay dispatcher, so that
 * many replays share its threads, and none holds more of the log in memory than one chunk. Every number must have its
 * record: a gap that no deletion explains fails the replay.
 */
final class Replay {
    private final RocksDbStore store;
    private final Executor executor;
    private final String persistenceId;
    private final Range range;
    private final Consumer<PersistentRepr> receiver;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private long number;
    private long sequenceNrNext;
    private long sequenceNrLast;
    private long remaining;

    /** @param executor runs the chunks, one after the other */
    Replay(
            RocksDbStore store,
            Executor executor,
            String persistenceId,
            Range range,
            Consumer<PersistentRepr> receiver) {
        this.store = store;
        this.executor = executor;
        this.persistenceId = persistenceId;
        this.range = range;
        this.receiver = receiver;
    }

    /**
     * @param sequenceNrFirst included
     * @param sequenceNrLast included
     * @param eventsMax how many events at most
     */
    record Range(long sequenceNrFirst, long sequenceNrLast, long eventsMax) {}

    /** Completes when the last event was handed to the receiver. */
    CompletableFuture<Void> start() {
        executor.execute(() -> step(this::begin));
        return done;
    }

    private interface Step {
        /** @return whether the replay is at its end */
        boolean run();
    }

    private void step(Step step) {
        try {
            if (step.run()) {
                done.complete(null);
            } else {
                executor.execute(() -> step(this::replayChunk));
            }
        } catch (Throwable t) {
            done.completeExceptionally(t);
        }
    }

    private boolean begin() {
        number = store.reader().number(persistenceId);
        if (number == StoreReader.NO_NUMBER || range.eventsMax() <= 0) {
            return true;
        }
        WriterState state = store.reader().state(persistenceId, number);
        sequenceNrNext = Math.max(range.sequenceNrFirst(), state.deletedTo() + 1);
        sequenceNrLast = Math.min(range.sequenceNrLast(), state.highest());
        remaining = range.eventsMax();
        return sequenceNrNext > sequenceNrLast;
    }

    private boolean replayChunk() {
        List<StoredEvent> chunk = store.reader()
                .events(
                        persistenceId,
                        number,
                        sequenceNrNext,
                        sequenceNrLast,
                        store.settings().replayChunkBytes());
        for (StoredEvent event : chunk) {
            requireNoneMissingBefore(event.sequenceNr());
            sequenceNrNext = event.sequenceNr() + 1;
            if (deliver(event) && --remaining == 0) {
                return true;
            }
        }
        if (chunk.isEmpty()) {
            requireNoneMissingBefore(sequenceNrLast + 1);
            return true;
        }
        return sequenceNrNext > sequenceNrLast;
    }

    /** @return whether there was an event; the number of a rejected one has none */
    private boolean deliver(StoredEvent stored) {
        PersistentRepr event = store.codec().decodeEvent(persistenceId, stored.sequenceNr(), stored.record());
        if (event == null) {
            return false;
        }
        receiver.accept(event);
        store.counters().replayedEvents.increment();
        return true;
    }

    /** Events may be deleted while they are replayed; the mark of that is written together with the deletion. */
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
