package io.pinion.actors.durability;

import io.pinion.store.value.Bytes;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.Terminated;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.jspecify.annotations.Nullable;

/**
 * Programs in the journal, by the hash of their content; they outlive the databases that run them. One per actor system.
 * Threadsafe.
 */
public final class Programs {
    private static final AtomicLong INSTANCES = new AtomicLong();

    private final ActorRef desk;

    private Programs(ActorRef desk) {
        this.desk = desk;
    }

    public static Programs start(ActorSystem<?> system, String journalPluginId) {
        return new Programs(((ExtendedActorSystem) Adapter.toClassic(system))
                .systemActorOf(Desk.props(journalPluginId), "pinion-programs-" + INSTANCES.incrementAndGet()));
    }

    /**
     * Completes when the program is in the journal; fails as the journal does. Twice the same is stored once: if another
     * node stores it at the same moment, the write of one of them is refused, and a second look finds that of the other.
     */
    public CompletionStage<Void> store(Bytes hash, Bytes program) {
        return ask(hash, program).exceptionallyCompose(_ -> ask(hash, program)).thenAccept(_ -> {});
    }

    /** The program, empty if it was never stored whole; fails as the journal does. */
    public CompletionStage<Optional<Bytes>> read(Bytes hash) {
        return ask(hash, null);
    }

    private CompletableFuture<Optional<Bytes>> ask(Bytes hash, @Nullable Bytes program) {
        CompletableFuture<Optional<Bytes>> result = new CompletableFuture<>();
        desk.tell(new Request(hash.toHex(), program, result), ActorRef.noSender());
        return result;
    }

    private record Request(String hash, @Nullable Bytes program, CompletableFuture<Optional<Bytes>> result) {}

    /** Lets one actor at a time work on a program: two would write the same sequence number. */
    private static final class Desk extends AbstractActor {
        private final String journalPluginId;
        private final Map<String, ArrayDeque<Request>> waiting = new HashMap<>();
        private final Map<ActorRef, String> working = new HashMap<>();

        private Desk(String journalPluginId) {
            this.journalPluginId = journalPluginId;
        }

        static Props props(String journalPluginId) {
            return Props.create(Desk.class, () -> new Desk(journalPluginId)).withDispatcher(DurabilityActor.DISPATCHER);
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .match(Request.class, this::onRequest)
                    .match(Terminated.class, ended -> onEnded(ended.getActor()))
                    .build();
        }

        private void onRequest(Request request) {
            ArrayDeque<Request> others = waiting.get(request.hash());
            if (others == null) {
                waiting.put(request.hash(), new ArrayDeque<>());
                begin(request);
            } else {
                others.add(request);
            }
        }

        private void begin(Request request) {
            ActorRef worker = getContext()
                    .actorOf(ProgramLog.props(request.hash(), journalPluginId, request.program(), request.result()));
            working.put(worker, request.hash());
            getContext().watch(worker);
        }

        private void onEnded(ActorRef worker) {
            String hash = working.remove(worker);
            ArrayDeque<Request> others = hash == null ? null : waiting.get(hash);
            if (others == null) {
                return;
            }
            Request next = others.poll();
            if (next == null) {
                waiting.remove(hash);
            } else {
                begin(next);
            }
        }
    }
}
