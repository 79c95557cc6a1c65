package io.pinion.actors.database;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/** A journal in memory that writes only while it is not held. One test uses it at a time. */
public final class HeldJournal extends AsyncWriteJournal {
    private static final Map<String, NavigableMap<Long, PersistentRepr>> LOGS = new ConcurrentHashMap<>();

    private static final Set<String> HELD = ConcurrentHashMap.newKeySet();

    private static volatile CompletableFuture<Boolean> gate = CompletableFuture.completedFuture(true);

    /** Forgets everything, and writes. */
    static void reset() {
        gate.complete(true);
        LOGS.clear();
        HELD.clear();
    }

    static void hold() {
        gate = new CompletableFuture<>();
    }

    static void letGo() {
        gate.complete(true);
    }

    /** What it holds back is lost, as in a crash; what is written from now on is not. */
    static void drop() {
        CompletableFuture<Boolean> held = gate;
        gate = CompletableFuture.completedFuture(true);
        held.completeExceptionally(new IllegalStateException("the node has crashed"));
    }

    /** Whether a write to a log that is named so is held, or was. */
    static boolean hasHeld(String prefix) {
        return HELD.stream().anyMatch(persistenceId -> persistenceId.startsWith(prefix));
    }

    private static NavigableMap<Long, PersistentRepr> log(String persistenceId) {
        return LOGS.computeIfAbsent(persistenceId, _ -> new ConcurrentSkipListMap<>());
    }

    static List<PersistentRepr> events(String persistenceId, long fromSequenceNr, long toSequenceNr) {
        return fromSequenceNr > toSequenceNr
                ? List.of()
                : List.copyOf(log(persistenceId)
                        .subMap(fromSequenceNr, true, toSequenceNr, true)
                        .values());
    }

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> messages) {
        if (!gate.isDone()) {
            messages.forEach(write -> HELD.add(write.persistenceId()));
        }
        return FutureConverters.asScala(gate.thenApply(_ -> {
            for (AtomicWrite write : messages) {
                CollectionConverters.asJava(write.payload())
                        .forEach(event -> log(event.persistenceId()).put(event.sequenceNr(), event));
            }
            return List.of();
        }));
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

    @Override
    public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
        NavigableMap<Long, PersistentRepr> log = log(persistenceId);
        return Future.successful(log.isEmpty() ? 0L : log.lastKey());
    }
}
