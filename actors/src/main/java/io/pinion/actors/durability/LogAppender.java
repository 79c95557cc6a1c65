package io.pinion.actors.durability;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.AbstractPersistentActor;
import org.apache.pekko.persistence.Recovery;
import org.apache.pekko.persistence.RecoveryCompleted;
import scala.Option;

/** Appends a few events to a log as one atomic write, then stops. */
final class LogAppender extends AbstractPersistentActor {
    private final String persistenceId;
    private final String journalPluginId;
    private final List<byte[]> events;
    private final CompletableFuture<Long> result;
    private int left;

    private LogAppender(
            String persistenceId, String journalPluginId, List<byte[]> events, CompletableFuture<Long> result) {
        // The superclass asks for the journal while it is constructed.
        this.persistenceId = persistenceId;
        this.journalPluginId = journalPluginId;
        super();
        this.events = events;
        this.result = result;
        this.left = events.size();
    }

    /** @param result completed with the sequence number of the last event, once all are durable; fails as the journal does */
    static Props props(
            String persistenceId, String journalPluginId, List<byte[]> events, CompletableFuture<Long> result) {
        return Props.create(
                        LogAppender.class,
                        () -> new LogAppender(persistenceId, journalPluginId, List.copyOf(events), result))
                .withDispatcher(DurabilityActor.DISPATCHER);
    }

    @Override
    public String persistenceId() {
        return persistenceId;
    }

    @Override
    public String journalPluginId() {
        return journalPluginId;
    }

    @Override
    public Recovery recovery() {
        return Recovery.none();
    }

    @Override
    public Receive createReceiveRecover() {
        return receiveBuilder().match(RecoveryCompleted.class, _ -> write()).build();
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder().build();
    }

    private void write() {
        persistAll(events, _ -> {
            left--;
            if (left == 0) {
                result.complete(lastSequenceNr());
                getContext().stop(getSelf());
            }
        });
    }

    @Override
    public void onRecoveryFailure(Throwable cause, Option<Object> event) {
        result.completeExceptionally(cause);
    }

    @Override
    public void onPersistFailure(Throwable cause, Object event, long sequenceNr) {
        result.completeExceptionally(cause);
    }

    @Override
    public void onPersistRejected(Throwable cause, Object event, long sequenceNr) {
        result.completeExceptionally(cause);
        getContext().stop(getSelf());
    }

    @Override
    public void postRestart(Throwable reason) {
        getContext().stop(getSelf());
    }

    @Override
    public void postStop() {
        result.completeExceptionally(new IllegalStateException("nothing was written to " + persistenceId));
    }
}
