package io.pinion.actors.durability;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.Recovery;
import org.jspecify.annotations.Nullable;
import scala.Option;

/** Appends events to a log one by one, each answered when it is durable. Stops with the first that fails. */
final class SideLog extends LogActor {
    private final ArrayDeque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private boolean isClosing;
    private @Nullable Throwable failure;

    private SideLog(String persistenceId, String journalPluginId) {
        super(persistenceId, journalPluginId);
    }

    static Props props(String persistenceId, String journalPluginId) {
        return Props.create(SideLog.class, () -> new SideLog(persistenceId, journalPluginId))
                .withDispatcher(DurabilityActor.DISPATCHER);
    }

    /** One event; handed over for good. */
    static final class Append {
        private final byte[] event;
        private final CompletableFuture<Long> result;

        /** @param result completed with the event's sequence number */
        Append(byte[] event, CompletableFuture<Long> result) {
            this.event = event;
            this.result = result;
        }
    }

    /** Stop when everything is written. */
    enum Close {
        INSTANCE
    }

    @Override
    public Recovery recovery() {
        return Recovery.none();
    }

    @Override
    public Receive createReceiveRecover() {
        return receiveBuilder().build();
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder()
                .match(Append.class, this::append)
                .match(Close.class, _ -> close())
                .build();
    }

    private void close() {
        isClosing = true;
        if (waiting.isEmpty()) {
            getContext().stop(getSelf());
        }
    }

    private void append(Append append) {
        waiting.add(append.result);
        persistAsync(append.event, _ -> {
            waiting.remove().complete(lastSequenceNr());
            if (isClosing) {
                close();
            }
        });
    }

    @Override
    public void onRecoveryFailure(Throwable cause, Option<Object> event) {
        failure = cause;
    }

    @Override
    public void onPersistFailure(Throwable cause, Object event, long sequenceNr) {
        failure = cause;
    }

    @Override
    public void onPersistRejected(Throwable cause, Object event, long sequenceNr) {
        failure = cause;
        getContext().stop(getSelf());
    }

    @Override
    public void postStop() {
        Throwable cause =
                failure == null ? new IllegalStateException("nothing was written to " + persistenceId()) : failure;
        waiting.forEach(result -> result.completeExceptionally(cause));
    }
}
