package io.pinion.actors.database;

import io.pinion.testing.journal.MemoryJournal;
import io.pinion.testing.journal.MemoryLogs;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.persistence.AtomicWrite;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/** A journal in memory that writes only while it is not held. One test uses it at a time. */
public final class HeldJournal extends MemoryJournal {
    static final MemoryLogs LOGS = MemoryLogs.named("held");

    private static final Set<String> HELD = ConcurrentHashMap.newKeySet();

    private static volatile CompletableFuture<Boolean> gate = CompletableFuture.completedFuture(true);

    /** Called by Pekko. */
    public HeldJournal() {
        super(LOGS);
    }

    /** Forgets everything, and writes. */
    static void reset() {
        gate.complete(true);
        LOGS.reset();
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

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> messages) {
        if (!gate.isDone()) {
            messages.forEach(write -> HELD.add(write.persistenceId()));
        }
        return FutureConverters.asScala(gate.thenApply(_ -> {
            for (AtomicWrite write : messages) {
                CollectionConverters.asJava(write.payload()).forEach(LOGS::put);
            }
            return List.of();
        }));
    }
}
