package io.pinion.actors.database;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.AbstractPersistentActor;
import org.apache.pekko.persistence.RecoveryCompleted;

/** Reads the events of a log as they stand in the journal, and appends others. */
final class RawLogActor extends AbstractPersistentActor {
    private static final AtomicLong COUNT = new AtomicLong();

    private final String persistenceId;
    private final List<byte[]> toAppend;
    private final CompletableFuture<List<byte[]>> result;
    private final List<byte[]> events = new ArrayList<>();

    private RawLogActor(String persistenceId, List<byte[]> toAppend, CompletableFuture<List<byte[]>> result) {
        this.persistenceId = persistenceId;
        this.toAppend = toAppend;
        super();
        this.result = result;
    }

    /** What the log holds after the given events were appended to it. */
    static CompletableFuture<List<byte[]>> append(ActorSystem system, String persistenceId, List<byte[]> events) {
        CompletableFuture<List<byte[]>> result = new CompletableFuture<>();
        ((ExtendedActorSystem) system)
                .systemActorOf(
                        Props.create(RawLogActor.class, () -> new RawLogActor(persistenceId, events, result)),
                        "raw-log-" + COUNT.incrementAndGet());
        return result;
    }

    @Override
    public String persistenceId() {
        return persistenceId;
    }

    @Override
    public Receive createReceiveRecover() {
        return receiveBuilder()
                .match(byte[].class, events::add)
                .match(RecoveryCompleted.class, _ -> appendAll())
                .build();
    }

    private void appendAll() {
        int total = events.size() + toAppend.size();
        if (toAppend.isEmpty()) {
            end();
        } else {
            persistAll(toAppend, event -> {
                events.add(event);
                if (events.size() == total) {
                    end();
                }
            });
        }
    }

    private void end() {
        result.complete(List.copyOf(events));
        getContext().stop(getSelf());
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder().build();
    }
}
