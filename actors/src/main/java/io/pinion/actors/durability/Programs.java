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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs in the journal, by the hash of their content; they outlive the databases that run them. One per actor system.
 * Threadsafe.
 *
 * <p>A program that is stored for a publish is held until the publish is over. If the journal is this node's alone, one that
 * was not there before goes again when everybody who held it at the same time has discarded it. When the node ends in
 * between it stays; whoever publishes it again finds it.
 */
public final class Programs {
    private static final Logger log = LoggerFactory.getLogger(Programs.class);
    private static final AtomicLong INSTANCES = new AtomicLong();

    private final ActorRef desk;

    private Programs(ActorRef desk) {
        this.desk = desk;
    }

    /** @param isJournalShared whether other nodes reach the journal, and with it what was stored by this one */
    public static Programs start(ActorSystem<?> system, String journalPluginId, boolean isJournalShared) {
        return new Programs(((ExtendedActorSystem) Adapter.toClassic(system))
                .systemActorOf(
                        Desk.props(journalPluginId, !isJournalShared),
                        "pinion-programs-" + INSTANCES.incrementAndGet()));
    }

    /** Completes when the program is in the journal for good; fails as the journal does. Twice the same is stored once. */
    public CompletionStage<Void> store(Bytes hash, Bytes program) {
        return hold(hash, program).thenAccept(Held::keep);
    }

    /**
     * As {@link #store}, for a publish that may be refused yet. If another node stores the same at the same moment, the
     * write of one of them is refused, and a second look finds that of the other.
     */
    public CompletionStage<Held> hold(Bytes hash, Bytes program) {
        return tryHold(hash, program).exceptionallyCompose(_ -> tryHold(hash, program));
    }

    private CompletionStage<Held> tryHold(Bytes hash, Bytes program) {
        String name = hash.toHex();
        CompletableFuture<ProgramLog.Outcome> stored = new CompletableFuture<>();
        tell(new Hold(name, program, stored));
        return stored.whenComplete((outcome, failure) -> {
                    if (outcome == null) {
                        tell(new Settle(name, false, false));
                    }
                })
                .thenApply(outcome -> new Held(this, name, outcome.isNew()));
    }

    /** The program, empty if it was never stored whole; fails as the journal does. */
    public CompletionStage<Optional<Bytes>> read(Bytes hash) {
        CompletableFuture<ProgramLog.Outcome> read = new CompletableFuture<>();
        tell(new Read(hash.toHex(), read));
        return read.thenApply(ProgramLog.Outcome::program);
    }

    private void tell(Object message) {
        desk.tell(message, ActorRef.noSender());
    }

    /** A program in the journal, in the hands of one publish, which says once what becomes of it. */
    public static final class Held {
        private final Programs programs;
        private final String hash;
        private final boolean isNew;

        private Held(Programs programs, String hash, boolean isNew) {
            this.programs = programs;
            this.hash = hash;
            this.isNew = isNew;
        }

        /** The database runs it. */
        public void keep() {
            programs.tell(new Settle(hash, isNew, true));
        }

        /** The publish was refused. */
        public void discard() {
            programs.tell(new Settle(hash, isNew, false));
        }
    }

    private sealed interface Request {
        String hash();
    }

    private record Read(String hash, CompletableFuture<ProgramLog.Outcome> result) implements Request {}

    private record Hold(String hash, Bytes program, CompletableFuture<ProgramLog.Outcome> result) implements Request {}

    private record Remove(String hash) implements Request {}

    /** @param isNew whether the program was stored by who held it */
    private record Settle(String hash, boolean isNew, boolean isKept) {}

    /** Who holds a program now, and what those who held it at the same time have said. */
    private static final class Holders {
        private int count;
        private boolean isNew;
        private boolean isKept;
    }

    /** Lets one actor at a time work on a program: two would write the same sequence number. */
    private static final class Desk extends AbstractActor {
        private final String journalPluginId;
        private final boolean mayRemove;
        private final Map<String, ArrayDeque<Request>> waiting = new HashMap<>();
        private final Map<ActorRef, String> working = new HashMap<>();
        private final Map<String, Holders> held = new HashMap<>();

        private Desk(String journalPluginId, boolean mayRemove) {
            this.journalPluginId = journalPluginId;
            this.mayRemove = mayRemove;
        }

        static Props props(String journalPluginId, boolean mayRemove) {
            return Props.create(Desk.class, () -> new Desk(journalPluginId, mayRemove))
                    .withDispatcher(DurabilityActor.DISPATCHER);
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .match(Request.class, this::onRequest)
                    .match(Settle.class, this::onSettle)
                    .match(Terminated.class, ended -> onEnded(ended.getActor()))
                    .build();
        }

        private void onRequest(Request request) {
            if (request instanceof Hold) {
                held.computeIfAbsent(request.hash(), _ -> new Holders()).count++;
            }
            ArrayDeque<Request> others = waiting.get(request.hash());
            if (others == null) {
                waiting.put(request.hash(), new ArrayDeque<>());
                begin(request);
            } else {
                others.add(request);
            }
        }

        /** Whoever asks for the program from now on comes after the removal, and stores it anew. */
        private void onSettle(Settle settle) {
            Holders holders = held.get(settle.hash());
            if (holders == null) {
                return;
            }
            holders.count--;
            holders.isNew |= settle.isNew();
            holders.isKept |= settle.isKept();
            if (holders.count == 0) {
                held.remove(settle.hash());
                if (mayRemove && holders.isNew && !holders.isKept) {
                    onRequest(new Remove(settle.hash()));
                }
            }
        }

        private void begin(Request request) {
            ActorRef worker = getContext().actorOf(worker(request));
            working.put(worker, request.hash());
            getContext().watch(worker);
        }

        private Props worker(Request request) {
            return switch (request) {
                case Read(String hash, var result) -> ProgramLog.props(hash, journalPluginId, null, result);
                case Hold(String hash, Bytes program, var result) ->
                    ProgramLog.props(hash, journalPluginId, program, result);
                case Remove(String hash) ->
                    LogTrimmer.props(ProgramLog.persistenceId(hash), journalPluginId, Long.MAX_VALUE, removal(hash));
            };
        }

        private static CompletableFuture<Void> removal(String hash) {
            CompletableFuture<Void> removal = new CompletableFuture<>();
            CompletableFuture<Void> _ = removal.whenComplete((_, failure) -> {
                if (failure != null) {
                    log.warn("program {}, whose publish was refused, stays in the journal", hash, failure);
                }
            });
            return removal;
        }

        private void onEnded(ActorRef worker) {
            String hash = working.remove(worker);
            @Nullable ArrayDeque<Request> others = hash == null ? null : waiting.get(hash);
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
