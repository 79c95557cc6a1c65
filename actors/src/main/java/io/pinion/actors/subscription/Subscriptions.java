package io.pinion.actors.subscription;

import io.pinion.store.query.Caller;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SqlPlanner;
import io.pinion.store.query.SubscriptionPlan;
import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.query.SubscriptionSet;
import io.pinion.store.query.SubscriptionSet.Evaluated;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.RowSource;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who subscribes to what in one database. A query is planned for everybody who asks for it, but kept and evaluated once
 * for all whose plan is the same:
 *
 * <pre>
 *   connection ─ set ─ query ─┐
 *   connection ─ set ─ query ─┴─ plan ── a commit ──► rows changed, one object ──► each set of each connection
 * </pre>
 *
 * <p>Used by one thread, the database's.
 */
public final class Subscriptions {
    /** The id under which changes are told to a connection whose queries count together. */
    private static final int TOGETHER = 0;

    private final Map<ConnectionId, Subscriber> subscribers = new HashMap<>();
    private SubscriptionSet plans = new SubscriptionSet();
    private final Map<SubscriptionPlan.Key, Set<Use>> uses = new HashMap<>();
    /** Instances of views, and how many plans read each. */
    private final Map<ViewInstance, Integer> views = new HashMap<>();

    private final Map<ConnectionId, Subscriber.Registered> legacy = new HashMap<>();

    /** A set that has a plan; 0 for all sets of a connection whose queries count together. */
    private record Use(ConnectionId connection, int setId) {}

    /**
     * What is subscribed to is seen with these tables, by these rights.
     *
     * @param isKept whether the rows of a view are there to be read
     */
    public record View(DatastoreCatalog catalog, Predicate<Identity> isOwner, Predicate<ViewInstance> isKept) {
        private Caller caller(Subscriber subscriber) {
            return new Caller(subscriber.identity(), isOwner.test(subscriber.identity()));
        }
    }

    /** @param setId null if it goes for all sets of the connection */
    public record Failure(ConnectionId connection, @Nullable Integer setId, String reason) {}

    /**
     * What a commit means for connections.
     *
     * @param failures sets that are gone
     */
    public record Outcome(List<Failure> failures, Map<ConnectionId, List<SetChanges>> changes) {
        public static final Outcome NOTHING = new Outcome(List.of(), Map.of());

        public Outcome {
            failures = List.copyOf(failures);
            changes = Map.copyOf(changes);
        }
    }

    /** @param countsTogether whether queries count for the whole connection, in however many sets they are */
    public void connect(ConnectionId connection, Identity identity, boolean countsTogether) {
        subscribers.put(connection, new Subscriber(connection, identity, countsTogether));
    }

    /** Forgets a connection and its sets. */
    public void disconnect(ConnectionId connection) {
        Subscriber subscriber = subscribers.remove(connection);
        if (subscriber != null) {
            dropAll(subscriber);
        }
    }

    private void dropAll(Subscriber subscriber) {
        subscriber.sets().forEach((setId, set) -> drop(subscriber, setId, set));
        Subscriber.Registered nameless = legacy.remove(subscriber.connection());
        if (nameless != null) {
            drop(subscriber, TOGETHER, nameless);
        }
        subscriber.loseAll();
    }

    public boolean isConnected(ConnectionId connection) {
        return subscribers.containsKey(connection);
    }

    /** Different plans that are evaluated. */
    public int planCount() {
        return plans.size();
    }

    /** How often a plan was evaluated for a commit, since the tables were made or changed. */
    public long evaluations() {
        return plans.evaluations();
    }

    /** Checks and plans a set; nothing is registered yet. */
    public NewSet prepare(ConnectionId connection, int setId, SetKind kind, List<String> queries, View view)
            throws SubscriptionRefusedException {
        Subscriber subscriber = find(connection);
        if (kind != SetKind.LEGACY && subscriber.sets().containsKey(setId)) {
            throw new SubscriptionRefusedException(
                    "the query set " + Integer.toUnsignedString(setId) + " exists already");
        }
        Caller caller = view.caller(subscriber);
        List<SubscriptionPlan> wanted = compile(queries, kind, view, caller);
        List<SubscriptionPlan> shown = kind == SetKind.SINGLE || kind == SetKind.MULTI
                ? wanted.stream().filter(plan -> subscriber.count(plan) == 0).toList()
                : wanted;
        RowsReading reading = RowsReading.of(shown, view.catalog(), caller);
        return new NewSet(subscriber, setId, kind, queries, wanted, reading);
    }

    /** Commits from the next one on are evaluated for a set that was prepared since the last commit. */
    public void register(NewSet set) {
        Subscriber subscriber = set.subscriber;
        if (set.kind == SetKind.LEGACY) {
            Subscriber.Registered before = legacy.remove(subscriber.connection());
            if (before != null) {
                drop(subscriber, TOGETHER, before);
            }
            set.registered = register(subscriber, TOGETHER, set.kind, set.queries, set.wanted);
            legacy.put(subscriber.connection(), set.registered);
        } else {
            set.registered = register(subscriber, set.setId, set.kind, set.queries, set.wanted);
            subscriber.sets().put(set.setId, set.registered);
        }
    }

    /**
     * Takes a registered set back whose rows could not be read; a connection whose queries count together loses all, as
     * other sets may count on these rows.
     *
     * @return what the connection loses, null if it has not got the set any more
     */
    public @Nullable Failure withdraw(NewSet set, String reason) {
        Subscriber subscriber = set.subscriber;
        Subscriber.Registered registered = Objects.requireNonNull(set.registered, "not registered");
        boolean isThere = isConnected(subscriber.connection())
                && (registered.equals(subscriber.sets().get(set.setId))
                        || registered.equals(legacy.get(subscriber.connection())));
        return isThere ? fail(subscriber, set.setId, reason) : null;
    }

    private Subscriber find(ConnectionId connection) throws SubscriptionRefusedException {
        Subscriber subscriber = subscribers.get(connection);
        if (subscriber == null) {
            throw new SubscriptionRefusedException("the connection is not open");
        }
        return subscriber;
    }

    private static List<SubscriptionPlan> compile(List<String> queries, SetKind kind, View view, Caller caller)
            throws SubscriptionRefusedException {
        try {
            List<SubscriptionPlan> compiled = SubscriptionPlan.compileSet(queries, view.catalog(), caller);
            for (SubscriptionPlan plan : compiled) {
                requireSupported(plan, kind, view);
            }
            return compiled;
        } catch (SqlException e) {
            throw new SubscriptionRefusedException(String.valueOf(e.getMessage()));
        }
    }

    private static void requireSupported(SubscriptionPlan plan, SetKind kind, View view)
            throws SubscriptionRefusedException {
        if (plan.isEvent() && kind != SetKind.SET) {
            throw new SubscriptionRefusedException("the event table " + plan.tableName()
                    + " can be subscribed to with version 2 of the WebSocket protocol only");
        }
        requireViews(plan.tableName(), plan.views(), view);
    }

    private static void requireViews(String table, Set<ViewInstance> views, View view)
            throws SubscriptionRefusedException {
        if (!views.stream().allMatch(view.isKept())) {
            throw new SubscriptionRefusedException("a view that " + table + " reads has to be evaluated first");
        }
    }

    /**
     * The instances of views that have to be evaluated before a set can be served. What does not compile asks for none.
     */
    public static Set<ViewInstance> missingViews(Identity identity, List<String> queries, View view) {
        Caller caller = new Caller(identity, view.isOwner().test(identity));
        try {
            return missing(
                    SubscriptionPlan.compileSet(queries, view.catalog(), caller).stream()
                            .map(SubscriptionPlan::views),
                    view);
        } catch (SqlException _) {
            return Set.of();
        }
    }

    /** The same for a query that is run once. */
    public static Set<ViewInstance> missingViews(Identity identity, String query, View view) {
        Caller caller = new Caller(identity, view.isOwner().test(identity));
        try {
            return missing(
                    Stream.of(SqlPlanner.planWholeRows(query, view.catalog(), caller)
                            .views()),
                    view);
        } catch (SqlException _) {
            return Set.of();
        }
    }

    private static Set<ViewInstance> missing(Stream<Set<ViewInstance>> views, View view) {
        return views.flatMap(Set::stream)
                .filter(view.isKept().negate())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Checks and plans a query that is run once. It may read any number of tables, indexed or not. */
    public RowsReading ask(Identity identity, String query, View view) throws SubscriptionRefusedException {
        if (query.isBlank()) {
            throw new SubscriptionRefusedException("Empty string");
        }
        Caller caller = new Caller(identity, view.isOwner().test(identity));
        try {
            SelectPlan plan = SqlPlanner.planWholeRows(query, view.catalog(), caller);
            requireViews(plan.tableName(), plan.views(), view);
            return RowsReading.once(plan, caller);
        } catch (SqlException e) {
            throw new SubscriptionRefusedException(String.valueOf(e.getMessage()));
        }
    }

    private Subscriber.Registered register(
            Subscriber subscriber, int setId, SetKind kind, List<String> queries, List<SubscriptionPlan> wanted) {
        List<SubscriptionPlan> kept = new ArrayList<>();
        for (SubscriptionPlan plan : wanted) {
            kept.add(add(plan));
            if (!subscriber.countsTogether() || subscriber.countUp(plan)) {
                uses.computeIfAbsent(plan.key(), _ -> new LinkedHashSet<>()).add(use(subscriber, setId));
            }
        }
        return new Subscriber.Registered(kind, queries, kept);
    }

    private SubscriptionPlan add(SubscriptionPlan plan) {
        boolean isNew = plans.find(plan.key()) == null;
        SubscriptionPlan known = plans.add(plan);
        if (isNew) {
            plan.views().forEach(instance -> views.merge(instance, 1, Integer::sum));
        }
        return known;
    }

    private static Use use(Subscriber subscriber, int setId) {
        return new Use(subscriber.connection(), subscriber.countsTogether() ? TOGETHER : setId);
    }

    /** @return the plans that the connection does not have any more */
    private List<SubscriptionPlan> drop(Subscriber subscriber, int setId, Subscriber.Registered set) {
        List<SubscriptionPlan> gone = new ArrayList<>();
        for (SubscriptionPlan plan : set.plans()) {
            if (!subscriber.countsTogether() || subscriber.countDown(plan)) {
                gone.add(plan);
                release(plan, use(subscriber, setId));
            }
        }
        return gone;
    }

    private void release(SubscriptionPlan plan, Use use) {
        Set<Use> users = uses.get(plan.key());
        if (users != null && users.remove(use) && users.isEmpty()) {
            uses.remove(plan.key());
            SubscriptionPlan kept = plans.find(plan.key());
            if (kept != null) {
                plans.remove(kept);
                kept.views()
                        .forEach(instance ->
                                views.computeIfPresent(instance, (_, count) -> count == 1 ? null : count - 1));
            }
        }
    }

    /**
     * Removes a set.
     *
     * @return the rows that the connection loses by it
     */
    public RowsReading unsubscribe(ConnectionId connection, int setId, View view) throws SubscriptionRefusedException {
        Subscriber subscriber = find(connection);
        Subscriber.Registered set = subscriber.sets().remove(setId);
        if (set == null) {
            throw new SubscriptionRefusedException("there is no query set " + Integer.toUnsignedString(setId));
        }
        List<SubscriptionPlan> gone = drop(subscriber, setId, set);
        // The rows were seen already, so that a limit set since does not matter.
        return RowsReading.of(gone, view.catalog(), new Caller(subscriber.identity(), true));
    }

    /** The instances of views that plans read. */
    public Set<ViewInstance> views() {
        return Set.copyOf(views.keySet());
    }

    /** Whether the rows of a view are among what a connection subscribes to. */
    public boolean readsViews(ConnectionId connection) {
        Subscriber subscriber = subscribers.get(connection);
        if (subscriber == null || views.isEmpty()) {
            return false;
        }
        Subscriber.Registered nameless = legacy.get(connection);
        return readsViews(subscriber.sets().values()) || (nameless != null && readsViews(List.of(nameless)));
    }

    private static boolean readsViews(Collection<Subscriber.Registered> sets) {
        return sets.stream()
                .flatMap(set -> set.plans().stream())
                .anyMatch(plan -> !plan.views().isEmpty());
    }

    private List<Failure> failOfLostViews(Predicate<ViewInstance> isKept) {
        if (views.isEmpty() || views.keySet().stream().allMatch(isKept)) {
            return List.of();
        }
        List<Failure> failures = new ArrayList<>();
        for (SubscriptionPlan.Key key : List.copyOf(uses.keySet())) {
            SubscriptionPlan plan = plans.find(key);
            if (plan != null && !plan.views().stream().allMatch(isKept)) {
                failures.addAll(fail(plan, "a view that " + plan.tableName() + " reads is not kept any more"));
            }
        }
        return failures;
    }

    /**
     * Evaluates what a commit means for whom.
     *
     * @param reads the tables after it
     * @param isKept whether the rows of a view are still kept up to date; sets that read others are removed
     */
    public Outcome onCommit(Delta delta, RowSource reads, Predicate<ViewInstance> isKept) {
        if (plans.size() == 0) {
            return Outcome.NOTHING;
        }
        List<Failure> failures = new ArrayList<>(failOfLostViews(isKept));
        CollectedChanges changes = new CollectedChanges();
        for (Evaluated evaluated : plans.onCommit(delta, reads)) {
            switch (evaluated) {
                case Evaluated.Failed(SubscriptionPlan plan, String message) -> failures.addAll(fail(plan, message));
                case Evaluated.Changed changed -> collect(changed, changes);
            }
        }
        return new Outcome(failures, changes.byConnection());
    }

    private void collect(Evaluated.Changed changed, CollectedChanges changes) {
        SubscriptionPlan plan = changed.plan();
        List<ChangedRows> rows = changed.changes().stream()
                .filter(change -> !change.isEmpty())
                .map(change -> new ChangedRows(
                        plan.tableId(),
                        plan.tableName(),
                        plan.rowType(),
                        plan.isEvent(),
                        change.inserts(),
                        change.deletes()))
                .toList();
        changes.begin(rows);
        for (Use use : uses.getOrDefault(plan.key(), Set.of())) {
            changes.add(use.connection(), use.setId());
        }
    }

    /** Removes every set that has the plan; a connection whose queries count together loses all. */
    private List<Failure> fail(SubscriptionPlan plan, String reason) {
        List<Failure> failures = new ArrayList<>();
        for (Use use : List.copyOf(uses.getOrDefault(plan.key(), Set.of()))) {
            Subscriber subscriber = subscribers.get(use.connection());
            if (subscriber != null) {
                failures.add(fail(subscriber, use.setId(), reason));
            }
        }
        return failures;
    }

    private Failure fail(Subscriber subscriber, int setId, String reason) {
        if (subscriber.countsTogether()) {
            dropAll(subscriber);
            return new Failure(subscriber.connection(), null, reason);
        }
        Subscriber.Registered set = subscriber.sets().remove(setId);
        if (set != null) {
            drop(subscriber, setId, set);
        }
        return new Failure(subscriber.connection(), setId, reason);
    }

    /** Gives a connection sets of which it knows the rows as of now; those that do not compile any more are left out. */
    public List<Failure> resume(ConnectionId connection, List<HeldSet> held, View view) {
        Subscriber subscriber = Objects.requireNonNull(subscribers.get(connection), "not connected");
        Map<Integer, Subscriber.Registered> sets = new TreeMap<>(Integer::compareUnsigned);
        Subscriber.Registered nameless = null;
        for (HeldSet set : held) {
            Subscriber.Registered known = new Subscriber.Registered(set.kind(), set.queries(), List.of());
            if (set.kind() == SetKind.LEGACY) {
                nameless = known;
            } else {
                sets.put(set.setId(), known);
            }
        }
        List<Failure> failures = new ArrayList<>();
        planAgain(subscriber, sets, nameless, view, failures);
        return failures;
    }

    /** Plans everything again for other tables or rights; sets that do not compile any more are removed. */
    public List<Failure> planAgain(View view) {
        plans = new SubscriptionSet();
        uses.clear();
        views.clear();
        List<Failure> failures = new ArrayList<>();
        for (Subscriber subscriber : subscribers.values()) {
            Map<Integer, Subscriber.Registered> before = new TreeMap<>(Integer::compareUnsigned);
            before.putAll(subscriber.sets());
            Subscriber.Registered nameless = legacy.remove(subscriber.connection());
            subscriber.clear();
            planAgain(subscriber, before, nameless, view, failures);
        }
        return failures;
    }

    private void planAgain(
            Subscriber subscriber,
            Map<Integer, Subscriber.Registered> sets,
            Subscriber.@Nullable Registered nameless,
            View view,
            List<Failure> failures) {
        Caller caller = view.caller(subscriber);
        for (Map.Entry<Integer, Subscriber.Registered> set : sets.entrySet()) {
            Subscriber.Registered before = set.getValue();
            try {
                List<SubscriptionPlan> wanted = compile(before.queries(), before.kind(), view, caller);
                subscriber
                        .sets()
                        .put(set.getKey(), register(subscriber, set.getKey(), before.kind(), before.queries(), wanted));
            } catch (SubscriptionRefusedException e) {
                failures.add(fail(subscriber, set.getKey(), e.reason()));
                if (subscriber.countsTogether()) {
                    return;
                }
            }
        }
        if (nameless != null) {
            try {
                List<SubscriptionPlan> wanted = compile(nameless.queries(), SetKind.LEGACY, view, caller);
                legacy.put(
                        subscriber.connection(),
                        register(subscriber, TOGETHER, SetKind.LEGACY, nameless.queries(), wanted));
            } catch (SubscriptionRefusedException e) {
                failures.add(fail(subscriber, TOGETHER, e.reason()));
            }
        }
    }
}
