package io.pinion.node.management;

import com.typesafe.config.Config;
import io.pinion.actors.durability.SideLogs;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * Whether a node can serve: it has started, and its journal takes writes. A write is tried when somebody asks, but not again
 * for as long as the last one counts, and never two at a time. Threadsafe; no method blocks.
 */
public final class Readiness implements Extension {
    private static final Id ID = new Id();
    private static final byte[] EVENT = {1};

    private final ActorSystem<?> system;
    private final SideLogs logs;
    private final String persistenceId;
    private final long intervalNanos;
    private volatile boolean hasStarted;
    private @Nullable CompletableFuture<Void> write;
    private long writtenNanos;
    private boolean isWritten;

    private Readiness(ActorSystem<?> system) {
        Config config = system.settings().config();
        this.system = system;
        this.logs = new SideLogs(system, config.getString("pinion.durability.journal-plugin-id"));
        this.persistenceId = "readiness-" + Cluster.get(system).selfMember().address();
        this.intervalNanos =
                config.getDuration("pinion.management.journal-check-interval").toNanos();
    }

    static Readiness get(ActorSystem<?> system) {
        return system.registerExtension(ID);
    }

    /** The node serves from now on. */
    void started() {
        hasStarted = true;
    }

    /** Why the node does not serve yet, if so. */
    Optional<String> problemOfStart() {
        return hasStarted ? Optional.empty() : Optional.of("the node is starting");
    }

    /** Completes when a write is in the journal, or the last one was not long ago; fails as the journal does. */
    synchronized CompletionStage<Void> journal() {
        CompletableFuture<Void> running = write;
        if (running != null) {
            return running;
        }
        if (isWritten && System.nanoTime() - writtenNanos < intervalNanos) {
            return CompletableFuture.completedStage(null);
        }
        CompletableFuture<Void> begun =
                logs.append(persistenceId, EVENT).thenAccept(this::forget).toCompletableFuture();
        write = begun;
        var _ = begun.whenComplete((_, failure) -> ended(failure));
        return begun;
    }

    private void forget(long sequenceNr) {
        var _ = logs.trim(persistenceId, sequenceNr).whenComplete((_, failure) -> {
            if (failure != null) {
                system.log().warn("checks of the journal stay in it: {}", failure.getMessage());
            }
        });
    }

    private synchronized void ended(@Nullable Throwable failure) {
        write = null;
        isWritten = failure == null;
        writtenNanos = System.nanoTime();
    }

    private static final class Id extends ExtensionId<Readiness> {
        @Override
        public Readiness createExtension(ActorSystem<?> system) {
            return new Readiness(system);
        }
    }
}
