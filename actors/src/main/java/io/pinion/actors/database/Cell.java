package io.pinion.actors.database;

import io.pinion.actors.core.CoreBoundDispatcher;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.LogLines;
import io.pinion.actors.database.Database.LogOutcome;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.DurabilityActor;
import io.pinion.actors.durability.DurabilityNotice;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.pool.InstancePool;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.ModuleLog;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/** What the phases of one database actor have in common: its surroundings, and what does not depend on the phase. */
final class Cell {
    private final Identity database;
    private final DatabaseServices services;
    private final ActorContext<DatabaseMessage> context;
    private final TimerScheduler<DatabaseMessage> timers;
    private final DatabaseEnvironment environment;
    private final Vitals vitals;
    private final InstanceHost instanceHost;
    private final Admission admission;
    private final ActorRef<DurabilityNotice> durabilityAdapter;
    private final ActorRef<InstancePool.Answer> poolAdapter;
    private final Map<ActorRef<?>, Consumer<List<String>>> followers = new HashMap<>();
    private final ConcurrentMap<ConnectionId, String> claims = new ConcurrentHashMap<>();
    private @Nullable ActorRef<InstancePool.Answer> procedurePoolAdapter;
    private RequestWindow requests;
    private int childCount;
    private long publicationCount;

    Cell(
            Identity database,
            DatabaseServices services,
            ActorContext<DatabaseMessage> context,
            TimerScheduler<DatabaseMessage> timers) {
        this.database = database;
        this.services = services;
        this.requests = new RequestWindow(services.settings().durability().requests());
        this.context = context;
        this.timers = timers;
        this.admission = Admissions.get(context.getSystem()).of(context);
        ModuleLog log = services.logs().of(database);
        this.vitals = new Vitals(
                database,
                log,
                services.clock(),
                services.settings().callLimits(),
                new PastItsThread(context, admission));
        this.environment = new DatabaseEnvironment(
                database,
                services.clock(),
                services.monitor(),
                vitals,
                log,
                services.settings(),
                services.modules()::program);
        services.monitor().databases().add(vitals);
        this.instanceHost = new Host(database, log, context.getSelf(), claims);
        admission.onOwnCallDropped(this::ownCallDropped);
        this.durabilityAdapter = context.messageAdapter(DurabilityNotice.class, Cell::note);
        this.poolAdapter = context.messageAdapter(InstancePool.Answer.class, Note.FromPool::new);
    }

    /**
     * How a phase ends the handling of a signal that it has looked at: it goes on. What sharding stops an entity with is
     * no signal of ours, and has an effect only if it is left unhandled.
     */
    static Behavior<DatabaseMessage> after(Signal signal, Behavior<DatabaseMessage> phase) {
        return signal instanceof PostStop || signal instanceof Terminated ? phase : Behaviors.unhandled();
    }

    private static Note note(DurabilityNotice notice) {
        return switch (notice) {
            case DurabilityNotice.LogIsLong _ -> Note.LogIsLong.INSTANCE;
            case DurabilityNotice.Settled _ -> Note.JournalSettled.INSTANCE;
            case DurabilityNotice.Foreign(String reason) -> new Note.JournalForeign(reason);
            case DurabilityNotice.Behind _, DurabilityNotice.Recovered _, DurabilityNotice.RecoveryFailed _ ->
                new Note.FromDurability(notice);
        };
    }

    Identity database() {
        return database;
    }

    DatabaseServices services() {
        return services;
    }

    DatabaseSettings settings() {
        return services.settings();
    }

    ActorContext<DatabaseMessage> context() {
        return context;
    }

    TimerScheduler<DatabaseMessage> timers() {
        return timers;
    }

    ActorRef<DatabaseMessage> self() {
        return context.getSelf();
    }

    DatabaseEnvironment environment() {
        return environment;
    }

    /** What others may see of it. */
    Vitals vitals() {
        return vitals;
    }

    /** What became of calls that may be repeated. */
    RequestWindow requests() {
        return requests;
    }

    /** The log says it otherwise. */
    void requests(RequestWindow recovered) {
        requests = recovered;
    }

    /** The mailbox of this actor. */
    Admission admission() {
        return admission;
    }

    InstanceHost instanceHost() {
        return instanceHost;
    }

    /** For an instance of a program that is being published. */
    UnpublishedHost unpublishedHost() {
        return new UnpublishedHost(instanceHost, admission.ownCallsBound(), this::ownCallDropped);
    }

    /** What a child that writes the log works with. */
    DurabilityActor.Surroundings durability() {
        return new DurabilityActor.Surroundings(
                settings().durability(), services.clock()::epochMicros, services.recoveries(), durabilityAdapter);
    }

    /** Where the pool answers. */
    ActorRef<InstancePool.Answer> poolAdapter() {
        return poolAdapter;
    }

    /** What open connections authenticated with, by connection. Threadsafe. */
    ConcurrentMap<ConnectionId, String> claims() {
        return claims;
    }

    /** Where the pool answers about instances for procedures: a child, as an actor has but one adapter for a type. */
    ActorRef<InstancePool.Answer> procedurePoolAdapter() {
        ActorRef<InstancePool.Answer> adapter = procedurePoolAdapter;
        if (adapter == null) {
            ActorRef<DatabaseMessage> self = self();
            adapter = context.spawn(
                    Behaviors.receiveMessage(answer -> {
                        self.tell(new Note.FromPoolForProcedure(answer));
                        return Behaviors.same();
                    }),
                    "borrower-for-procedures",
                    DispatcherSelector.defaultDispatcher());
            procedurePoolAdapter = adapter;
        }
        return adapter;
    }

    /** Has a procedure end as soon as it can. */
    void cancel(ProcedureRun run) {
        if (!services.monitor().execute(run::cancel)) {
            context.getLog()
                    .warn(
                            "{} goes on until its time limit: nobody is free to stop it",
                            run.work().functionName());
        }
    }

    /** A name that no child had before. */
    String childName(String kind) {
        return kind + "-" + ++childCount;
    }

    /** A number that no publish had before: notes of one before a fence reach none after it. */
    long nextPublication() {
        return ++publicationCount;
    }

    /** Closes an instance that is in no pool. */
    void close(Instance instance) {
        services.workers().close(instance);
    }

    /** A call that the module asked for is not made. Any thread. */
    void ownCallDropped(Note.CallImmediately call, String reason) {
        environment.say(Level.ERROR, call.function() + " was not called: " + reason);
    }

    void rebind(Command.Rebind rebind) {
        try {
            CoreBoundDispatcher.of(context).rebind(rebind.core());
        } catch (IllegalArgumentException e) {
            context.getLog().warn("database {} stays on its core: {}", database, e.getMessage());
        }
    }

    void setWeight(Command.SetWeight weight) {
        try {
            CoreBoundDispatcher.of(context).weight(weight.weight());
        } catch (IllegalArgumentException e) {
            context.getLog().warn("database {} keeps its weight: {}", database, e.getMessage());
        }
    }

    /** The database serves: its core knows it by the digits of its identity. */
    void enterCore() {
        CoreBoundDispatcher dispatcher = CoreBoundDispatcher.of(context);
        dispatcher.cores().register(database.toHex(), dispatcher);
    }

    void leaveCore() {
        CoreBoundDispatcher dispatcher = CoreBoundDispatcher.of(context);
        dispatcher.cores().unregister(database.toHex(), dispatcher);
    }

    void readLog(Command.ReadLog read) {
        ActorRef<? super LogOutcome> replyTo = read.replyTo();
        services.logs().read(database, read.lineCountMax(), lines -> replyTo.tell(new LogLines(lines)));
    }

    void followLog(Command.FollowLog follow) {
        ActorRef<? super LogOutcome> replyTo = follow.replyTo();
        Consumer<List<String>> follower = lines -> replyTo.tell(new LogLines(lines));
        unfollow(replyTo);
        if (followers.size() >= settings().log().followersMax()) {
            replyTo.tell(Outcomes.TOO_MANY_FOLLOWERS);
            return;
        }
        followers.put(replyTo, follower);
        context.watchWith(replyTo, new Note.FollowerGone(replyTo));
        services.logs().follow(database, follow.lineCountMax(), follower);
    }

    boolean hasFollowers() {
        return !followers.isEmpty();
    }

    /** A receiver of log lines has stopped, or asks anew. */
    void unfollow(ActorRef<?> receiver) {
        Consumer<List<String>> follower = followers.remove(receiver);
        if (follower != null) {
            context.unwatch(receiver);
            services.logs().unfollow(database, follower);
        }
    }

    /** The actor stops. */
    void stopped() {
        services.monitor().databases().remove(vitals);
        followers.values().forEach(follower -> services.logs().unfollow(database, follower));
        followers.clear();
    }

    /** Threadsafe. */
    private static final class PastItsThread implements Vitals.Handle {
        private final ActorRef<DatabaseMessage> self;
        private final CoreBoundDispatcher dispatcher;
        private final Admission admission;

        PastItsThread(ActorContext<DatabaseMessage> context, Admission admission) {
            this.self = context.getSelf();
            this.dispatcher = CoreBoundDispatcher.of(context);
            this.admission = admission;
        }

        @Override
        public void refuseCalls(Database.Refusal refusal) {
            admission.refuseCalls(refusal);
        }

        @Override
        public void acceptCalls() {
            admission.acceptCalls();
        }

        @Override
        public void noteStop() {
            dispatcher.noteStop();
        }

        @Override
        public void discardInstance() {
            self.tell(Note.DiscardInstance.INSTANCE);
        }

        @Override
        public int waiting() {
            return admission.numberOfMessages();
        }
    }

    private record Host(
            Identity databaseIdentity,
            ModuleLog log,
            ActorRef<DatabaseMessage> self,
            ConcurrentMap<ConnectionId, String> claims)
            implements InstanceHost {
        @Override
        public void scheduleImmediate(String functionName, Bytes arguments) {
            self.tell(new Note.CallImmediately(functionName, arguments));
        }

        /** Calls without an open connection have none. */
        @Override
        public @Nullable String jwtClaims(ConnectionId connectionId) {
            return claims.get(connectionId);
        }
    }
}
