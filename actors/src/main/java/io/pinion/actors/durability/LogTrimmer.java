package io.pinion.actors.durability;

import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.DeleteMessagesFailure;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.Recovery;
import org.apache.pekko.persistence.RecoveryCompleted;
import scala.Option;

/** Deletes the oldest events of a log, whoever writes it, then stops. */
final class LogTrimmer extends LogActor {
    private final long sequenceNrLast;
    private final CompletableFuture<Void> result;

    private LogTrimmer(
            String persistenceId, String journalPluginId, long sequenceNrLast, CompletableFuture<Void> result) {
        super(persistenceId, journalPluginId);
        this.sequenceNrLast = sequenceNrLast;
        this.result = result;
    }

    /**
     * @param sequenceNrLast of the events that go, included
     * @param result completed when they are gone, or as the journal fails
     */
    static Props props(
            String persistenceId, String journalPluginId, long sequenceNrLast, CompletableFuture<Void> result) {
        return Props.create(
                        LogTrimmer.class, () -> new LogTrimmer(persistenceId, journalPluginId, sequenceNrLast, result))
                .withDispatcher(DurabilityActor.DISPATCHER);
    }

    @Override
    public Recovery recovery() {
        return Recovery.none();
    }

    @Override
    public Receive createReceiveRecover() {
        return receiveBuilder()
                .match(RecoveryCompleted.class, _ -> deleteMessages(sequenceNrLast))
                .build();
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder()
                .match(DeleteMessagesSuccess.class, _ -> {
                    result.complete(null);
                    getContext().stop(getSelf());
                })
                .match(DeleteMessagesFailure.class, failure -> {
                    result.completeExceptionally(failure.cause());
                    getContext().stop(getSelf());
                })
                .build();
    }

    @Override
    public void onRecoveryFailure(Throwable cause, Option<Object> event) {
        result.completeExceptionally(cause);
    }

    @Override
    public void postStop() {
        result.completeExceptionally(new IllegalStateException("nothing was deleted from " + persistenceId()));
    }
}
