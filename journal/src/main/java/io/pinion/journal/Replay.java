package io.pinion.journal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.pekko.persistence.PersistentRepr;

/**
 * Hands the events of one persistence id to a recovering actor. Each chunk is a task of its own on the replay dispatcher,
 * so that many replays share its threads.
 */
final class Replay {
    private final RocksDbStore store;
    private final Executor executor;
    private final String persistenceId;
    private final EventCursor.Range range;
    private final Consumer<PersistentRepr> receiver;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** @param executor runs the chunks, one after the other */
    Replay(
            RocksDbStore store,
            Executor executor,
            String persistenceId,
            EventCursor.Range range,
            Consumer<PersistentRepr> receiver) {
        this.store = store;
        this.executor = executor;
        this.persistenceId = persistenceId;
        this.range = range;
        this.receiver = receiver;
    }

    /** Completes when the last event was handed to the receiver. */
    CompletableFuture<Void> start() {
        executor.execute(() -> step(this::open));
        return done;
    }

    private interface Step {
        EventCursor run();
    }

    private void step(Step step) {
        try {
            EventCursor cursor = step.run();
            if (cursor.isAtEnd()) {
                done.complete(null);
            } else {
                executor.execute(() -> step(() -> deliver(cursor)));
            }
        } catch (Throwable t) {
            done.completeExceptionally(t);
        }
    }

    private EventCursor open() {
        return EventCursor.open(store, persistenceId, range);
    }

    private EventCursor deliver(EventCursor cursor) {
        cursor.next().forEach(receiver);
        return cursor;
    }
}
