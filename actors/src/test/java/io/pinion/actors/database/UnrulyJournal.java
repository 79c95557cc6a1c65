package io.pinion.actors.database;

import io.pinion.testing.journal.MemoryJournal;
import io.pinion.testing.journal.MemoryLogs;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/** A journal in memory that refuses a number that is taken, and does with the writes of databases what it is told. */
public final class UnrulyJournal extends MemoryJournal {
    static final MemoryLogs LOGS = MemoryLogs.named("unruly");

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

    /** Called by Pekko. */
    public UnrulyJournal() {
        super(LOGS);
    }

    static void reset() {
        FATES.clear();
        LOGS.reset();
    }

    /** Writes as somebody else. */
    static void append(String persistenceId, byte[] event) {
        long sequenceNr = LOGS.highest(persistenceId) + 1;
        LOGS.put(PersistentRepr.apply(event, sequenceNr, persistenceId, "", false, ActorRef.noSender(), "other"));
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
        List<PersistentRepr> events = CollectionConverters.asJava(write.payload());
        long next = LOGS.highest(write.persistenceId()) + 1;
        if (events.getFirst().sequenceNr() < next) {
            return CompletableFuture.failedFuture(new IllegalStateException("number " + next + " is the next"));
        }
        events.forEach(LOGS::put);
        return answer;
    }
}
