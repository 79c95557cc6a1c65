package io.pinion.actors.durability;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.Recovery;
import org.apache.pekko.persistence.RecoveryCompleted;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.jspecify.annotations.Nullable;
import scala.Option;

/** Reads the last event of a short log, then stops. */
final class NewestEvent extends LogActor {
    private final CompletableFuture<Optional<byte[]>> result;
    private byte @Nullable [] newest;
    private long sequenceNr;

    private NewestEvent(String persistenceId, String journalPluginId, CompletableFuture<Optional<byte[]>> result) {
        super(persistenceId, journalPluginId);
        this.result = result;
    }

    /** @param result completed with the event, or as the journal fails */
    static Props props(String persistenceId, String journalPluginId, CompletableFuture<Optional<byte[]>> result) {
        return Props.create(NewestEvent.class, () -> new NewestEvent(persistenceId, journalPluginId, result))
                .withDispatcher(DurabilityActor.DISPATCHER);
    }

    @Override
    public Recovery recovery() {
        return Recovery.create(SnapshotSelectionCriteria.none());
    }

    @Override
    public Receive createReceiveRecover() {
        return receiveBuilder()
                .match(byte[].class, event -> {
                    newest = event;
                    sequenceNr = lastSequenceNr();
                })
                .match(RecoveryCompleted.class, _ -> end())
                .build();
    }

    /** The highest number is the journal's now, whatever it has given. */
    private void end() {
        try {
            IncompleteLogException.requireEnd(sequenceNr, lastSequenceNr());
            result.complete(Optional.ofNullable(newest));
        } catch (IncompleteLogException e) {
            result.completeExceptionally(e);
        }
        getContext().stop(getSelf());
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder().build();
    }

    @Override
    public void onRecoveryFailure(Throwable cause, Option<Object> event) {
        result.completeExceptionally(cause);
    }

    @Override
    public void postStop() {
        result.completeExceptionally(new IllegalStateException("nothing was read from " + persistenceId()));
    }
}
