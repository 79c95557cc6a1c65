package io.pinion.actors.cluster;

import io.pinion.actors.cluster.Directory.Command;
import io.pinion.actors.cluster.Directory.Event;
import io.pinion.actors.cluster.Directory.NameAnswer;
import io.pinion.actors.durability.SideLogs;
import io.pinion.actors.durability.WholeLog;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EffectBuilder;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * One partition of the directory, persistent; answers when its change is in the journal. When the log has become long, all
 * that it says is written down in one event, and what is older is deleted: that needs nothing but a journal. One that is not
 * given its whole log answers nothing and is started again.
 */
final class DirectoryPartition extends EventSourcedBehavior<Command, Event, DirectoryPartition.State> {
    /** Never changed: after a failed write, which has changed the state already, recovery begins with it again. */
    private static final State BEFORE_ANYTHING = new State();

    private final ActorContext<Command> context;
    private final Settings settings;
    private final SideLogs logs;
    private final WholeLog whole = new WholeLog();

    /**
     * @param reservationTimeout after which a reservation that was not settled may be taken over
     * @param wholeAfter changes, from 1
     */
    record Settings(String journalPluginId, Duration reservationTimeout, int wholeAfter) {}

    private DirectoryPartition(
            ActorContext<Command> context, PersistenceId persistenceId, Settings settings, SideLogs logs) {
        super(
                persistenceId,
                SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.1));
        this.context = context;
        this.settings = settings;
        this.logs = logs;
    }

    /** Where the databases' logs are, whatever the application's own journal is. */
    @Override
    public String journalPluginId() {
        return settings.journalPluginId();
    }

    static Behavior<Command> create(String partition, Settings settings, SideLogs logs) {
        return Behaviors.setup(context -> new DirectoryPartition(context, persistenceId(partition), settings, logs));
    }

    static PersistenceId persistenceId(String partition) {
        return PersistenceId.ofUniqueId("directory-" + partition);
    }

    private record NameEntry(Identity database, Identity owner, long reservedAtMillis, boolean confirmed) {
        NameAnswer answer() {
            return confirmed
                    ? new Directory.NameBound(database, owner)
                    : new Directory.NameReserved(database, owner, reservedAtMillis);
        }

        Directory.KnownName known(String name) {
            return new Directory.KnownName(name, database, owner, reservedAtMillis, confirmed);
        }

        static NameEntry of(Directory.KnownName known) {
            return new NameEntry(known.database(), known.owner(), known.reservedAtMillis(), known.confirmed());
        }
    }

    private static final class DatabaseEntry {
        Identity owner = Identity.ZERO;
        boolean exists;
        boolean locked;
        final TreeSet<String> names = new TreeSet<>();

        Directory.KnownDatabase known(Identity database) {
            return new Directory.KnownDatabase(database, owner, exists, locked, List.copyOf(names));
        }

        static DatabaseEntry of(Directory.KnownDatabase known) {
            DatabaseEntry entry = new DatabaseEntry();
            entry.owner = known.owner();
            entry.exists = known.exists();
            entry.locked = known.locked();
            entry.names.addAll(known.names());
            return entry;
        }
    }

    static final class State {
        private final Map<String, NameEntry> names = new HashMap<>();
        private final Map<Identity, DatabaseEntry> databases = new HashMap<>();
        /** Microseconds since the Unix epoch, of databases that have any. */
        private final Map<Identity, Long> wakes = new HashMap<>();
        /** Since all of it was written down. */
        private int changes;

        private Directory.PartitionWas whole() {
            return new Directory.PartitionWas(
                    names.entrySet().stream()
                            .map(entry -> entry.getValue().known(entry.getKey()))
                            .toList(),
                    databases.entrySet().stream()
                            .map(entry -> entry.getValue().known(entry.getKey()))
                            .toList(),
                    wakes.entrySet().stream()
                            .map(wake -> new Directory.WakeWasSet(wake.getKey(), wake.getValue()))
                            .toList());
        }

        private void replace(Directory.PartitionWas whole) {
            names.clear();
            databases.clear();
            wakes.clear();
            whole.names().forEach(known -> names.put(known.name(), NameEntry.of(known)));
            whole.databases().forEach(known -> databases.put(known.database(), DatabaseEntry.of(known)));
            whole.wakes().forEach(wake -> wakes.put(wake.database(), wake.atMicros()));
            changes = 0;
        }

        private NameAnswer name(String name) {
            NameEntry entry = names.get(name);
            return entry == null ? new Directory.NameFree() : entry.answer();
        }
    }

    @Override
    public State emptyState() {
        return BEFORE_ANYTHING;
    }

    @Override
    public SignalHandler<State> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.class, (_, _) -> whole.recovered(lastSequenceNumber(context)))
                .onSignal(PreRestart.class, (_, _) -> whole.restarts())
                .build();
    }

    @Override
    public CommandHandler<Command, Event, State> commandHandler() {
        return this::onCommand;
    }

    private Effect<Event, State> onCommand(State state, Command command) {
        return switch (command) {
            case Command.FindName(String name, var replyTo) ->
                Effect().none().thenReply(replyTo, after -> after.name(name));
            case Command.ReserveName reserve -> onReserve(state, reserve);
            case Command.ConfirmName(String name, Identity database, var replyTo) ->
                isReservedFor(state, name, database)
                        ? persist(state, new Directory.NameWasConfirmed(name), name, replyTo)
                        : Effect().none().thenReply(replyTo, after -> after.name(name));
            case Command.ReleaseName(String name, Identity database, var replyTo) ->
                isReservedFor(state, name, database)
                        ? persist(state, new Directory.NameWasReleased(name), name, replyTo)
                        : Effect().none().thenReply(replyTo, after -> after.name(name));
            case Command.RegisterDatabase register -> onRegister(state, register);
            case Command.UnregisterDatabase(Identity database, var replyTo) ->
                exists(state, database)
                        ? persist(state, new Directory.DatabaseWasUnregistered(database))
                                .thenReply(replyTo, _ -> new Directory.Done())
                        : Effect().none().thenReply(replyTo, _ -> new Directory.Done());
            case Command.UnbindName(String name, Identity database, var replyTo) ->
                isBoundTo(state, name, database)
                        ? persist(state, new Directory.NameWasReleased(name), name, replyTo)
                        : Effect().none().thenReply(replyTo, after -> after.name(name));
            case Command.SetNames(Identity database, List<String> names, var replyTo) ->
                persist(state, new Directory.DatabaseWasRenamed(database, names))
                        .thenReply(replyTo, _ -> new Directory.Done());
            case Command.LockDatabase(Identity database, boolean locked, var replyTo) ->
                isLocked(state, database) == locked
                        ? Effect().none().thenReply(replyTo, _ -> new Directory.Lock(locked))
                        : persist(state, new Directory.DatabaseWasLocked(database, locked))
                                .thenReply(replyTo, _ -> new Directory.Lock(locked));
            case Command.FindLock(Identity database, var replyTo) ->
                Effect().none().thenReply(replyTo, after -> new Directory.Lock(isLocked(after, database)));
            case Command.SetWake set -> onSetWake(state, set);
            case Command.ListDue(long nowMicros, var replyTo) ->
                Effect().none().thenReply(replyTo, after -> due(after, nowMicros));
            case Command.ListNames(Identity database, var replyTo) ->
                Effect().none().thenReply(replyTo, after -> namesOf(after, database));
            case Command.ListOwned(Identity owner, var replyTo) ->
                Effect().none().thenReply(replyTo, after -> ownedBy(after, owner));
        };
    }

    private Effect<Event, State> onReserve(State state, Command.ReserveName reserve) {
        NameEntry entry = state.names.get(reserve.name());
        boolean free = entry == null
                || (!entry.confirmed()
                        && reserve.nowMillis() - entry.reservedAtMillis()
                                > settings.reservationTimeout().toMillis());
        if (!free) {
            return Effect().none().thenReply(reserve.replyTo(), after -> after.name(reserve.name()));
        }
        return persist(
                state,
                new Directory.NameWasReserved(reserve.name(), reserve.database(), reserve.owner(), reserve.nowMillis()),
                reserve.name(),
                reserve.replyTo());
    }

    private Effect<Event, State> onRegister(State state, Command.RegisterDatabase register) {
        DatabaseEntry entry = state.databases.get(register.database());
        boolean known = entry != null
                && entry.exists
                && entry.owner.equals(register.owner())
                && (register.name().isEmpty() || entry.names.contains(register.name()));
        if (known) {
            return Effect().none().thenReply(register.replyTo(), _ -> new Directory.Done());
        }
        return persist(
                        state,
                        new Directory.DatabaseWasRegistered(register.database(), register.owner(), register.name()))
                .thenReply(register.replyTo(), _ -> new Directory.Done());
    }

    /** A time that has passed says the same as any other that has. */
    private Effect<Event, State> onSetWake(State state, Command.SetWake set) {
        long before = state.wakes.getOrDefault(set.database(), Long.MAX_VALUE);
        boolean isSame = before == set.atMicros() || (before <= set.nowMicros() && set.atMicros() <= set.nowMicros());
        return isSame
                ? Effect().none().thenReply(set.replyTo(), _ -> new Directory.Done())
                : persist(state, new Directory.WakeWasSet(set.database(), set.atMicros()))
                        .thenReply(set.replyTo(), _ -> new Directory.Done());
    }

    private static Directory.Owned due(State state, long nowMicros) {
        return new Directory.Owned(state.wakes.entrySet().stream()
                .filter(wake -> wake.getValue() <= nowMicros)
                .map(Map.Entry::getKey)
                .toList());
    }

    private Effect<Event, State> persist(State state, Event event, String name, ActorRef<NameAnswer> replyTo) {
        return persist(state, event).thenReply(replyTo, after -> after.name(name));
    }

    /** Now and then with all that was true before it; what is older goes then. */
    private EffectBuilder<Event, State> persist(State state, Event event) {
        return state.changes < settings.wholeAfter()
                ? Effect().persist(event)
                : Effect().persist(List.of(state.whole(), event)).thenRun((State _) -> forget());
    }

    /** What was written before the last two events. */
    private void forget() {
        String id = persistenceId().id();
        var log = context.getLog();
        var _ = logs.trim(id, lastSequenceNumber(context) - 2).whenComplete((_, failure) -> {
            if (failure != null) {
                log.warn("older events of {} stay in the journal: {}", id, failure.getMessage());
            }
        });
    }

    private static boolean isReservedFor(State state, String name, Identity database) {
        NameEntry entry = state.names.get(name);
        return entry != null && !entry.confirmed() && entry.database().equals(database);
    }

    private static boolean isBoundTo(State state, String name, Identity database) {
        NameEntry entry = state.names.get(name);
        return entry != null && entry.confirmed() && entry.database().equals(database);
    }

    private static boolean isLocked(State state, Identity database) {
        DatabaseEntry entry = state.databases.get(database);
        return entry != null && entry.locked;
    }

    private static boolean exists(State state, Identity database) {
        DatabaseEntry entry = state.databases.get(database);
        return entry != null && entry.exists;
    }

    private static Directory.Names namesOf(State state, Identity database) {
        DatabaseEntry entry = state.databases.get(database);
        return new Directory.Names(entry == null ? List.of() : List.copyOf(entry.names));
    }

    private static Directory.Owned ownedBy(State state, Identity owner) {
        return new Directory.Owned(state.databases.entrySet().stream()
                .filter(entry ->
                        entry.getValue().exists && entry.getValue().owner.equals(owner))
                .map(Map.Entry::getKey)
                .sorted()
                .toList());
    }

    @Override
    public EventHandler<State, Event> eventHandler() {
        return (before, event) -> {
            State state = before == BEFORE_ANYTHING ? new State() : before;
            whole.event(() -> lastSequenceNumber(context), event instanceof Directory.PartitionWas);
            return onEvent(state, event);
        };
    }

    private static State onEvent(State state, Event event) {
        state.changes++;
        switch (event) {
            case Directory.NameWasReserved(String name, Identity database, Identity owner, long atMillis) ->
                state.names.put(name, new NameEntry(database, owner, atMillis, false));
            case Directory.NameWasConfirmed(String name) ->
                state.names.computeIfPresent(
                        name,
                        (_, entry) -> new NameEntry(entry.database(), entry.owner(), entry.reservedAtMillis(), true));
            case Directory.NameWasReleased(String name) -> state.names.remove(name);
            case Directory.DatabaseWasRegistered(Identity database, Identity owner, String name) -> {
                DatabaseEntry entry = state.databases.computeIfAbsent(database, _ -> new DatabaseEntry());
                entry.owner = owner;
                entry.exists = true;
                if (!name.isEmpty()) {
                    entry.names.add(name);
                }
            }
            case Directory.DatabaseWasRenamed(Identity database, List<String> names) -> {
                DatabaseEntry entry = state.databases.computeIfAbsent(database, _ -> new DatabaseEntry());
                entry.names.clear();
                entry.names.addAll(names);
            }
            case Directory.DatabaseWasLocked(Identity database, boolean locked) ->
                state.databases.computeIfAbsent(database, _ -> new DatabaseEntry()).locked = locked;
            case Directory.DatabaseWasUnregistered(Identity database) -> {
                Objects.requireNonNull(state.databases.get(database)).exists = false;
                state.wakes.remove(database);
            }
            case Directory.WakeWasSet(Identity database, long atMicros) -> {
                if (atMicros == Long.MAX_VALUE) {
                    state.wakes.remove(database);
                } else {
                    state.wakes.put(database, atMicros);
                }
            }
            case Directory.PartitionWas whole -> state.replace(whole);
        }
        return state;
    }
}
