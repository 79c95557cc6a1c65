package io.pinion.journal;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.CurrentLastSequenceNumberByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.CurrentPersistenceIdsQuery;
import org.apache.pekko.persistence.query.javadsl.PagedPersistenceIdsQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.javadsl.Source;
import org.jspecify.annotations.Nullable;

/**
 * The query side of the journal, {@code pinion.journal.query}; what is there now, as back-pressured streams. A stream reads
 * one chunk ahead of its consumer and holds no resource while it waits. It sees every write that was asked for before it
 * was started, fails like a replay where the log is damaged, and fails by name when the store has stopped.
 *
 * <p>Instances are threadsafe; sources may be run any number of times.
 */
public final class RocksDbReadJournal
        implements ReadJournal,
                CurrentEventsByPersistenceIdQuery,
                CurrentLastSequenceNumberByPersistenceIdQuery,
                CurrentPersistenceIdsQuery,
                PagedPersistenceIdsQuery {
    /** Where its settings are. */
    public static final String IDENTIFIER = "pinion.journal.query";

    private static final int IDS_PER_PAGE = 1000;

    private final RocksDbStore store;
    private final Executor executor;

    RocksDbReadJournal(ExtendedActorSystem system, Config config) {
        this.store = RocksDbStore.get(system);
        this.executor = system.dispatchers().lookup(config.getString("read-dispatcher"));
    }

    /**
     * The events that are there when the stream starts, those of rejected writes left out; the offset of each is its
     * sequence number.
     *
     * @param fromSequenceNr included
     * @param toSequenceNr included
     */
    @Override
    public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
            String persistenceId, long fromSequenceNr, long toSequenceNr) {
        EventCursor.Range range = new EventCursor.Range(fromSequenceNr, toSequenceNr, Long.MAX_VALUE);
        return Source.unfoldAsync(Optional.<EventCursor>empty(), cursor -> nextEvents(cursor, persistenceId, range))
                .mapConcat(events -> events)
                .map(RocksDbReadJournal::envelope);
    }

    private CompletionStage<Optional<Pair<Optional<EventCursor>, List<PersistentRepr>>>> nextEvents(
            Optional<EventCursor> opened, String persistenceId, EventCursor.Range range) {
        return opened.map(cursor -> Futures.read(executor, () -> nextEvents(cursor)))
                .orElseGet(() -> afterWrites(() -> nextEvents(EventCursor.open(store, persistenceId, range))));
    }

    private static Optional<Pair<Optional<EventCursor>, List<PersistentRepr>>> nextEvents(EventCursor cursor) {
        return cursor.isAtEnd() ? Optional.empty() : Optional.of(Pair.create(Optional.of(cursor), cursor.next()));
    }

    private static EventEnvelope envelope(PersistentRepr event) {
        return EventEnvelope.apply(
                Offset.sequence(event.sequenceNr()),
                event.persistenceId(),
                event.sequenceNr(),
                event.payload(),
                event.timestamp(),
                event.metadata());
    }

    /** The highest number ever given out, that of a deleted or rejected event too; empty if there never was one. */
    @Override
    public CompletionStage<Optional<Long>> currentLastSequenceNumberByPersistenceId(String persistenceId) {
        return afterWrites(
                () -> Optional.of(store.reader().state(persistenceId).highest()).filter(highest -> highest > 0));
    }

    /** Ids that have events, in the order of their bytes in UTF-8. */
    @Override
    public Source<String, NotUsed> currentPersistenceIds() {
        return currentPersistenceIds(Optional.empty(), Long.MAX_VALUE);
    }

    /**
     * A page of them.
     *
     * @param afterId where the page before ended, empty for the first page
     * @param limit how many at most
     */
    @Override
    public Source<String, NotUsed> currentPersistenceIds(Optional<String> afterId, long limit) {
        return Source.unfoldAsync(Page.first(afterId.orElse(null)), this::nextIds)
                .mapConcat(ids -> ids)
                .take(limit);
    }

    /** @param after where the page begins, null for the very first */
    private record Page(@Nullable String after, boolean isFirst, boolean isBeyondEnd) {
        static Page first(@Nullable String after) {
            return new Page(after, true, false);
        }
    }

    private CompletionStage<Optional<Pair<Page, List<String>>>> nextIds(Page page) {
        if (page.isBeyondEnd()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return page.isFirst()
                ? afterWrites(() -> Optional.of(readIds(page)))
                : Futures.read(executor, () -> Optional.of(readIds(page)));
    }

    private Pair<Page, List<String>> readIds(Page page) {
        List<String> known = store.reader().persistenceIds(page.after(), IDS_PER_PAGE);
        Page next = known.size() < IDS_PER_PAGE ? new Page(null, false, true) : new Page(known.getLast(), false, false);
        return Pair.create(next, known.stream().filter(this::hasEvents).toList());
    }

    private boolean hasEvents(String persistenceId) {
        WriterState state = store.reader().state(persistenceId);
        return state.highest() > state.deletedTo();
    }

    private <T> CompletableFuture<T> afterWrites(Supplier<T> read) {
        Operation.Barrier barrier = new Operation.Barrier(new CompletableFuture<>());
        store.submit(barrier);
        return Futures.readAfter(barrier.done(), executor, read);
    }
}
