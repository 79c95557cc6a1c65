package io.pinion.balancer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/** A journal that all systems of this JVM share, as they would a database server: a number is written once. */
public final class SharedJournal extends AsyncWriteJournal {
    static final String SETTINGS = """
            test.shared-journal.class = "io.pinion.balancer.SharedJournal"
            pekko.persistence.journal.plugin = test.shared-journal
            pinion.durability.journal-plugin-id = test.shared-journal
            pinion.durability.fencing-journals = ["io.pinion.balancer.SharedJournal"]
            pinion.durability.read-journal-id = test.shared-read-journal
            test.shared-read-journal.class = "io.pinion.balancer.SharedReadJournal$Provider"
            """;

    private static final ConcurrentMap<String, List<PersistentRepr>> EVENTS = new ConcurrentHashMap<>();

    static void clear() {
        EVENTS.clear();
    }

    static List<PersistentRepr> events(String persistenceId, long from, long to) {
        return EVENTS.getOrDefault(persistenceId, List.of()).stream()
                .filter(event -> event.sequenceNr() >= from && event.sequenceNr() <= to)
                .toList();
    }

    /** What is in it for somebody. */
    static List<Object> payloads(String persistenceId) {
        return EVENTS.getOrDefault(persistenceId, List.of()).stream()
                .map(PersistentRepr::payload)
                .toList();
    }

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> writes) {
        for (AtomicWrite write : writes) {
            for (PersistentRepr event : CollectionConverters.asJava(write.payload())) {
                try {
                    add(event);
                } catch (IllegalStateException e) {
                    return FutureConverters.asScala(CompletableFuture.failedStage(e));
                }
            }
        }
        return Future.successful(List.of());
    }

    private static void add(PersistentRepr event) {
        EVENTS.compute(event.persistenceId(), (id, before) -> {
            List<PersistentRepr> events = before == null ? List.of() : before;
            if (event.sequenceNr() != events.size() + 1) {
                throw new IllegalStateException(
                        id + " is at " + events.size() + ", so another owner has written " + event.sequenceNr());
            }
            List<PersistentRepr> longer = new ArrayList<>(events);
            longer.add(event);
            return List.copyOf(longer);
        });
    }

    @Override
    public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
        return FutureConverters.asScala(
                CompletableFuture.failedStage(new UnsupportedOperationException("nothing is deleted here")));
    }

    @Override
    public Future<Void> doAsyncReplayMessages(
            String persistenceId, long from, long to, long max, Consumer<PersistentRepr> callback) {
        events(persistenceId, from, to).stream().limit(max).forEach(callback);
        return Future.successful(null);
    }

    @Override
    public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long from) {
        return Future.successful(
                (long) EVENTS.getOrDefault(persistenceId, List.of()).size());
    }
}
