package io.pinion.actors.durability;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/**
 * Writes the logs beside those of databases: indexes, chunks of snapshots, orders. One per actor system; whoever writes to
 * a log sees to it that nobody else does, or one of the two fails. Threadsafe.
 */
public final class SideLogs {
    private static final AtomicLong ACTORS = new AtomicLong();

    private final ExtendedActorSystem system;
    private final String journalPluginId;

    public SideLogs(ActorSystem<?> system, String journalPluginId) {
        this.system = (ExtendedActorSystem) Adapter.toClassic(system);
        this.journalPluginId = journalPluginId;
    }

    /** Appends to one log until it is closed. Threadsafe. */
    public static final class Writer implements AutoCloseable {
        private final ActorRef actor;

        private Writer(ActorRef actor) {
            this.actor = actor;
        }

        /**
         * Appends an event, which is handed over for good.
         *
         * @return its sequence number, when it is durable; fails as the journal does. After a failure nothing else is
         *     written, and what is appended then may never be answered.
         */
        public CompletableFuture<Long> append(byte[] event) {
            CompletableFuture<Long> result = new CompletableFuture<>();
            actor.tell(new SideLog.Append(event, result), ActorRef.noSender());
            return result;
        }

        /** What was appended before is still written. */
        @Override
        public void close() {
            actor.tell(SideLog.Close.INSTANCE, ActorRef.noSender());
        }
    }

    public Writer open(String persistenceId) {
        return new Writer(start(SideLog.props(persistenceId, journalPluginId)));
    }

    /** Appends a single event. */
    public CompletionStage<Long> append(String persistenceId, byte[] event) {
        Writer writer = open(persistenceId);
        return writer.append(event).whenComplete((_, _) -> writer.close());
    }

    /**
     * Deletes the oldest events of a log, whoever writes it.
     *
     * @param sequenceNrLast of those that go, included
     * @return completes when they are gone, fails as the journal does
     */
    public CompletionStage<Void> trim(String persistenceId, long sequenceNrLast) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        ActorRef _ = start(LogTrimmer.props(persistenceId, journalPluginId, sequenceNrLast, result));
        return result;
    }

    /**
     * The newest event of a log, for short ones.
     *
     * @return fails as the journal does, or with an {@link IncompleteLogException}
     */
    public CompletionStage<Optional<byte[]>> newest(String persistenceId) {
        CompletableFuture<Optional<byte[]>> result = new CompletableFuture<>();
        ActorRef _ = start(NewestEvent.props(persistenceId, journalPluginId, result));
        return result;
    }

    private ActorRef start(Props props) {
        return system.systemActorOf(props, "pinion-side-log-" + ACTORS.incrementAndGet());
    }
}
