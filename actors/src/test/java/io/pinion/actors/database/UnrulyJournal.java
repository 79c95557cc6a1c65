package io.pinion.actors.database;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.ReadJournalProvider;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.persistence.query.javadsl.ReadJournal;
import org.apache.pekko.stream.javadsl.Source;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/** A journal in memory that refuses a number that is taken, and does with the writes of databases what it is told. */
public final class UnrulyJournal extends AsyncWriteJournal {
    /** What becomes of one write. */
    enum Fate {
        DONE,
        DONE_AND_FAILED,
        FAILED,
        REJECTED,
        /** It is stored, and nobody is ever told. */
        DONE_IN_SILENCE,
        /** As little happens as is said. */
        NOTHING
    }

    /** The next writes; when there are no more, writes are done. */
    static final ConcurrentLinkedQueue<Fate> FATES = new ConcurrentLinkedQueue<>();

    static final AtomicInteger READS = new AtomicInteger();

    private static final Map<String, NavigableMap<Long, PersistentRepr>> LOGS = new ConcurrentHashMap<>();

    static void reset() {
        FATES.clear();
        LOGS.clear();
        READS.set(0);
    }

    /** Writes as somebody else. */
    static void append(String persistenceId, byte[] event) {
        NavigableMap<Long, PersistentRepr> log = log(persistenceId);
        long sequenceNr = log.isEmpty() ? 1 : log.lastKey() + 1;
        log.put(
                sequenceNr,
                PersistentRepr.apply(event, sequenceNr, persistenceId, "", false, ActorRef.noSender(), "other"));
    }

    static int eventCount(String persistenceId) {
        return log(persistenceId).size();
    }

    private static NavigableMap<Long, PersistentRepr> log(String persistenceId) {
        return LOGS.computeIfAbsent(persistenceId, _ -> new ConcurrentSkipListMap<>());
    }

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> messages) {
        AtomicWrite write = messages.iterator().next();
        Fate fate = write.persistenceId().startsWith("database-") ? FATES.poll() : Fate.DONE;
        return FutureConverters.asScala(carryOut(fate == null ? Fate.DONE : fate, write));
    }

    private static CompletableFuture<Iterable<Optional<Exception>>> carryOut(Fate fate, AtomicWrite write) {
        IllegalStateException failure = new IllegalStateException("as it was told");
        return switch (fate) {
            case DONE -> store(write, CompletableFuture.completedFuture(List.of()));
            case DONE_AND_FAILED -> store(write, CompletableFuture.failedFuture(failure));
            case FAILED -> CompletableFuture.failedFuture(failure);
            case REJECTED -> CompletableFuture.completedFuture(List.of(Optional.of(failure)));
            case DONE_IN_SILENCE -> store(write, new CompletableFuture<>());
            case NOTHING -> new CompletableFuture<>();
        };
    }

    private static CompletableFuture<Iterable<Optional<Exception>>> store(
            AtomicWrite write, CompletableFuture<Iterable<Optional<Exception>>> answer) {
        NavigableMap<Long, PersistentRepr> log = log(write.persistenceId());
        List<PersistentRepr> events = CollectionConverters.asJava(write.payload());
        long next = log.isEmpty() ? 1 : log.lastKey() + 1;
        if (events.getFirst().sequenceNr() < next) {
            return CompletableFuture.failedFuture(new IllegalStateException("number " + next + " is the next"));
        }
        events.forEach(event -> log.put(event.sequenceNr(), event));
        return answer;
    }

    @Override
    public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
        log(persistenceId).headMap(toSequenceNr, true).clear();
        return Future.successful(null);
    }

    @Override
    public Future<Void> doAsyncReplayMessages(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            long max,
            Consumer<PersistentRepr> replayCallback) {
        events(persistenceId, fromSequenceNr, toSequenceNr).stream().limit(max).forEach(replayCallback);
        return Future.successful(null);
    }

    private static List<PersistentRepr> events(String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return fromSequenceNr > toSequenceNr
                ? List.of()
                : List.copyOf(log(persistenceId)
                        .subMap(fromSequenceNr, true, toSequenceNr, true)
                        .values());
    }

    @Override
    public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
        NavigableMap<Long, PersistentRepr> log = log(persistenceId);
        return Future.successful(log.isEmpty() ? 0L : log.lastKey());
    }

    /** Its query side. */
    public static final class Reader implements ReadJournal, CurrentEventsByPersistenceIdQuery {
        @Override
        public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
                String persistenceId, long fromSequenceNr, long toSequenceNr) {
            READS.incrementAndGet();
            return Source.from(events(persistenceId, fromSequenceNr, toSequenceNr))
                    .map(event -> EventEnvelope.apply(
                            Offset.sequence(event.sequenceNr()),
                            persistenceId,
                            event.sequenceNr(),
                            event.payload(),
                            event.timestamp()));
        }
    }

    /** How Pekko finds that. */
    public static final class Provider implements ReadJournalProvider {
        @Override
        public org.apache.pekko.persistence.query.scaladsl.ReadJournal scaladslReadJournal() {
            return new org.apache.pekko.persistence.query.scaladsl.ReadJournal() {};
        }

        @Override
        public Reader javadslReadJournal() {
            return new Reader();
        }
    }
}
