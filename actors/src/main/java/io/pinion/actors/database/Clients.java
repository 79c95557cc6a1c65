package io.pinion.actors.database;

import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Deliveries.Told;
import io.pinion.actors.durability.CommitSink;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.Pending;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.NewSet;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.RowsReading;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SubscriptionRefusedException;
import io.pinion.actors.subscription.Subscriptions;
import io.pinion.actors.subscription.Subscriptions.Failure;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a database, and what each of them hears. It stands before the queue to the journal: what a commit
 * means for connections is evaluated when the tables have changed, and told when the commit has been put into the queue.
 *
 * <pre>
 *   commit ── evaluated ──► put into the queue, and behind it what confirmed connections hear
 *                 │         └── at once: what unconfirmed connections hear
 *                 └── the caller's own rows go with the answer to its call
 * </pre>
 *
 * So each connection hears of commits in their order, and a confirmed one of none before it is durable. Used by the
 * database's thread.
 */
final class Clients implements CommitSink {
    private static final int FIXED_BYTES = 64;
    /** What looks at more rows than about that many is not read on the core. */
    private static final double ROWS_ON_CORE_MAX = 10_000;
    /** Each keeps a frozen view of the tables open. */
    private static final int READINGS_MAX = 16;

    private final CommitSink journal;
    private final DatabaseEnvironment environment;
    private final Views views;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Map<ConnectionId, Open> open = new HashMap<>();
    private Subscriptions.Outcome untold = Subscriptions.Outcome.NOTHING;
    private @Nullable ConnectionId answered;
    private Client.@Nullable Cause caused;
    /** What workers read, begun or not. */
    private final Set<LongReading> readings = new HashSet<>();

    private final Deque<LongReading> unstarted = new ArrayDeque<>();
    /** Requests that wait until fewer are read, and those of the same connections after them. */
    private final SequencedMap<ConnectionId, Deque<Client.Request>> waiting = new LinkedHashMap<>();

    private Client.@Nullable Request released;
    private long tickets;
    /** Of the commit that is not told yet, if anybody subscribes to anything. */
    private @Nullable FanOutEvent fanOut;

    private long epoch;
    private long offsetRecovered;
    /** Of those who come back; null if nobody will. */
    private @Nullable RecentCommits recent;

    private long offsetNoted;
    /** Connections that are told of commits which rows of views are still to follow. */
    private final Set<ConnectionId> lacking = new HashSet<>();

    private record Open(boolean confirmed, ActorRef<? super Delivery> client) {}

    /** @param journal where commits go on to */
    Clients(CommitSink journal, DatabaseEnvironment environment, Views views) {
        this.journal = journal;
        this.environment = environment;
        this.views = views;
    }

    /**
     * The database begins to serve.
     *
     * @param newEpoch of its log from now on
     * @param offset of the newest commit
     * @param commits up to that, for connections that come back; null if none will
     */
    void begin(long newEpoch, long offset, @Nullable RecentCommits commits) {
        epoch = newEpoch;
        offsetRecovered = offset;
        recent = commits;
    }

    /** Nobody comes back any more. */
    void forgetRecent() {
        recent = null;
    }

    @Override
    public boolean isFull() {
        return journal.isFull();
    }

    /** Takes a commit, and tells what it means. */
    @Override
    public void append(Pending pending) {
        journal.append(pending);
        if (pending.entry() instanceof LogEntry.Transaction transaction) {
            Client.Cause cause = caused;
            caused = null;
            RecentCommits following = recent;
            if (following != null) {
                following.add(pending.offset(), transaction);
            }
            if (hasMore()) {
                tell(pending.offset(), cause == null ? cause(transaction) : cause);
            }
        }
    }

    /** Most commits of most databases mean nothing to any connection, which is found out without allocating. */
    @SuppressWarnings("ReferenceEquality") // the one object for nothing
    private boolean hasMore() {
        return untold != Subscriptions.Outcome.NOTHING || answered != null;
    }

    /** What is known of a commit that {@link #caused} has said nothing of. */
    private static Client.Cause cause(LogEntry.Transaction transaction) {
        return new Client.Cause(
                transaction.timestampMicros(), transaction.caller(), transaction.connectionId(), "", 0, null);
    }

    /**
     * Says which reducer made the commit that is appended next.
     *
     * @param clientNumber of the call, 0 if there is none
     */
    void caused(FunctionCall function, int clientNumber, long executionNanos, Program program) {
        if (subscriptions.planCount() == 0 && !isOpen(function.connectionId())) {
            return;
        }
        Reducer reducer = program.hidesCalls() ? null : program.reducer(function.functionName());
        Client.Details details = reducer == null
                ? null
                : new Client.Details(reducer.id(), function.arguments(), reducer.parameterTypes(), executionNanos);
        caused = new Client.Cause(
                function.timestampMicros(),
                function.sender(),
                function.connectionId(),
                function.functionName(),
                clientNumber,
                details);
    }

    /** Tells what a commit of rows of views means, for which no entry of the log stands. */
    void viewsChanged(Identity database, long offset) {
        tell(offset, new Client.Cause(environment.clock().epochMicros(), database, ConnectionId.NONE, "", 0, null));
        if (!views.areOutdated()) {
            lacking.forEach(connection -> deliver(connection, new Client.Reached(offset), offset, FIXED_BYTES));
            lacking.clear();
        }
    }

    /** Said before it is told of a commit that is not all it will be told of that. */
    private void noteLacking(ConnectionId connection, long offsetBefore) {
        if (views.areOutdated() && subscriptions.readsViews(connection) && lacking.add(connection)) {
            deliver(connection, Client.Reached.NOT_ALL, offsetBefore, FIXED_BYTES);
        }
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    boolean areAllGone() {
        return open.isEmpty();
    }

    boolean isOpen(ConnectionId connection) {
        return open.containsKey(connection);
    }

    /** Whether what was noticed of a client is the end of its connection, which may have come back with another since. */
    boolean isOver(ConnectionId connection, @Nullable ActorRef<?> client) {
        Open known = open.get(connection);
        return known == null || known.client().equals(client);
    }

    /** Whether a request was made before its connection came back, and is made again after that. */
    boolean isOutdated(Client.Request request) {
        return !isOver(request.caller().connectionId(), request.client());
    }

    /** The connection is open from now on, and hears that first. */
    void opened(Client.Open request, boolean hidesCalls, long offset) {
        Caller caller = request.caller();
        open.put(caller.connectionId(), new Open(request.confirmed(), request.client()));
        subscriptions.connect(caller.connectionId(), caller.identity(), request.countsTogether());
        deliver(caller.connectionId(), new Client.Opened(hidesCalls, epoch, offset), offset, FIXED_BYTES);
    }

    /**
     * What a connection has missed that wants to come back.
     *
     * @throws SubscriptionRefusedException if it cannot go on from where it was
     */
    List<Client.Missed> missed(Client.Resume request, Program program, Datastore store, long offset)
            throws SubscriptionRefusedException {
        Client.Position position = request.position();
        boolean isBefore = position.epoch() == epoch - 1 && position.offset() <= offsetRecovered;
        boolean isOurs = position.isDurable() || position.epoch() == epoch || isBefore;
        if (!isOurs || position.offset() > offset) {
            throw new SubscriptionRefusedException("it was told of what may not have become durable");
        }
        if (position.offset() == offset || request.sets().isEmpty()) {
            return List.of();
        }
        RecentCommits commits = recent;
        if (commits == null || !commits.reachBackTo(position.offset())) {
            throw new SubscriptionRefusedException("what it has missed is not known any more");
        }
        Subscriptions.View view = new Subscriptions.View(new DatastoreCatalog(store), program::isOwner, _ -> true);
        return new MissedCommits(request, view, store).of(commits.after(position.offset()));
    }

    /** The connection is open again; it hears what it has missed, and what of its sets does not fit any more. */
    void resumed(Client.Resume request, List<Client.Missed> missed, Program program, Datastore store, long offset) {
        ConnectionId connection = request.caller().connectionId();
        open.put(connection, new Open(request.confirmed(), request.client()));
        subscriptions.connect(connection, request.caller().identity(), request.countsTogether());
        for (Client.Missed each : missed) {
            deliver(connection, each, offset, bytes(List.of(each.update().sets())));
        }
        for (Failure failure : subscriptions.resume(connection, request.sets(), view(program, store))) {
            deliver(connection, failure(failure), offset, FIXED_BYTES);
        }
        deliver(connection, new Client.Resumed(program.hidesCalls(), epoch, offset), offset, FIXED_BYTES);
        views.keepFor(subscriptions.views());
    }

    /** Tells connections that subscribe to something how far they were told everything, if they do not know. */
    void noteOffset(long offset) {
        if (offset == offsetNoted || subscriptions.planCount() == 0 || views.areOutdated()) {
            return;
        }
        offsetNoted = offset;
        Delivery reached = new Client.Reached(offset);
        List<Told> confirmed = new ArrayList<>();
        open.keySet().forEach(connection -> tell(connection, reached, confirmed));
        if (!confirmed.isEmpty()) {
            journal.append(new Deliveries(offset, confirmed, FIXED_BYTES));
        }
    }

    /** The connection hears nothing more. */
    void left(ConnectionId connection) {
        open.remove(connection);
        waiting.remove(connection);
        lacking.remove(connection);
        subscriptions.disconnect(connection);
        views.keepFor(subscriptions.views());
    }

    /** Every connection hears that it has ended, and nothing more. */
    void endAll(String reason, long offset) {
        for (ConnectionId connection : List.copyOf(open.keySet())) {
            deliver(connection, new Client.Ended(reason), offset, FIXED_BYTES);
            left(connection);
        }
    }

    /**
     * The database moves or recovers: every connection hears that, to go on where it serves next, and nothing more.
     *
     * @param isSettled whether nothing was committed that is not told
     */
    void moveAll(boolean isSettled, long offset) {
        if (isSettled && views.areOutdated()) {
            endAll("its views are not up to date", offset);
            return;
        }
        Client.Moving moving = isSettled ? new Client.Moving(offset) : Client.Moving.UNSETTLED;
        List<Told> told = new ArrayList<>();
        open.values().forEach(to -> told.add(new Told(to.client(), moving)));
        if (!told.isEmpty()) {
            journal.append(new Deliveries(offset, told, FIXED_BYTES));
        }
        List.copyOf(open.keySet()).forEach(this::left);
    }

    /** Evaluates a commit; what comes of it is told with {@link #append}. */
    void committed(Delta delta, Datastore store) {
        if (subscriptions.planCount() == 0) {
            return;
        }
        FanOutEvent event = new FanOutEvent();
        event.begin();
        long evaluationsBefore = subscriptions.evaluations();
        Transaction reads = store.begin();
        try {
            untold = subscriptions.onCommit(delta, reads, views::isKept);
            if (!untold.failures().isEmpty()) {
                views.keepFor(subscriptions.views());
            }
        } finally {
            reads.rollback();
        }
        event.evaluations = (int) (subscriptions.evaluations() - evaluationsBefore);
        fanOut = event;
    }

    /**
     * The answer to a call that has just been committed and is not told yet: with rows, if an open connection made it.
     * {@link #caused} has been told of it.
     */
    Database.CallOutcome outcome(Caller caller, Database.Committed committed) {
        ConnectionId connection = caller.connectionId();
        Client.Cause cause = caused;
        if (cause == null || !isOpen(connection)) {
            return committed;
        }
        noteLacking(connection, committed.offset() - 1);
        answered = connection;
        List<SetChanges> sets = untold.changes().getOrDefault(connection, List.of());
        return new Database.CommittedForClient(committed, cause, sets);
    }

    private void tell(long offset, Client.Cause cause) {
        Subscriptions.Outcome outcome = untold;
        ConnectionId caller = answered;
        untold = Subscriptions.Outcome.NOTHING;
        answered = null;
        List<Told> confirmed = new ArrayList<>();
        outcome.changes().keySet().forEach(connection -> noteLacking(connection, offset));
        outcome.failures().forEach(failure -> tell(failure.connection(), failure(failure), confirmed));
        outcome.changes().forEach((connection, sets) -> {
            if (!connection.equals(caller)) {
                tell(connection, new Client.Updated(offset, cause, sets), confirmed);
            }
        });
        if (!confirmed.isEmpty()) {
            journal.append(
                    new Deliveries(offset, confirmed, bytes(outcome.changes().values())));
        }
        record(offset, outcome);
    }

    private void record(long offset, Subscriptions.Outcome outcome) {
        FanOutEvent event = fanOut;
        fanOut = null;
        if (event != null && event.shouldCommit()) {
            event.database = environment.database().toHex();
            event.offset = offset;
            event.connections = outcome.changes().size();
            event.bytes = bytes(outcome.changes().values());
            event.commit();
        }
    }

    private void tell(ConnectionId connection, Delivery delivery, List<Told> confirmed) {
        Open to = open.get(connection);
        if (to != null && to.confirmed()) {
            confirmed.add(new Told(to.client(), delivery));
        } else if (to != null) {
            to.client().tell(delivery);
        }
    }

    private static Client.NotSubscribed failure(Failure failure) {
        return new Client.NotSubscribed(null, failure.setId(), failure.reason());
    }

    /** About what the rows hold in memory; all who hear of a query hear of the same object. */
    private static int bytes(Collection<List<SetChanges>> changes) {
        long bytes = 0;
        Set<ChangedRows> counted = new HashSet<>();
        for (List<SetChanges> sets : changes) {
            bytes += FIXED_BYTES;
            for (SetChanges set : sets) {
                for (ChangedRows rows : set.rows()) {
                    bytes += counted.add(rows)
                            ? rows.inserts().length() + (long) rows.deletes().length()
                            : 0;
                }
            }
        }
        return cut(bytes);
    }

    private static int cut(long bytes) {
        return (int) Math.min(bytes, Integer.MAX_VALUE >> 1);
    }

    private void deliver(ConnectionId connection, Delivery delivery, long offset, int bytes) {
        List<Told> confirmed = new ArrayList<>(1);
        tell(connection, delivery, confirmed);
        if (!confirmed.isEmpty()) {
            journal.append(new Deliveries(offset, confirmed, bytes));
        }
    }

    /**
     * Whether the request has to wait for others of its connection, which wait for a reading to end. It is kept then, and
     * comes again by {@link #takeWaiting}.
     */
    boolean mustWait(Client.Request request) {
        Deque<Client.Request> before = waiting.get(request.caller().connectionId());
        if (before == null || request.equals(released)) {
            return false;
        }
        before.add(request);
        return true;
    }

    /** Answers what an open connection asks, or begins to; the answer shows the tables as of the offset. */
    void answer(Client.Request request, Program program, Datastore store, long offset) {
        long start = environment.clock().nanoTime();
        ConnectionId connection = request.caller().connectionId();
        try {
            if (journal.isFull()) {
                throw new SubscriptionRefusedException("the database has too much to do; try again later");
            }
            Asked asked = prepare(request, view(program, store));
            RowsReading reading = asked.reading();
            if (reading == null) {
                deliver(connection, answer(request, null, offset, start), offset, FIXED_BYTES);
            } else if (reading.cost() <= ROWS_ON_CORE_MAX) {
                answerNow(request, reading, asked.set(), store, offset, start);
            } else if (readings.size() >= READINGS_MAX && !(request instanceof Client.Unsubscribe)) {
                waiting.computeIfAbsent(connection, _ -> new ArrayDeque<>()).addFirst(request);
            } else {
                answerLater(request, reading, asked.set(), store, offset, start);
            }
        } catch (SubscriptionRefusedException e) {
            deliver(connection, refused(request, e.reason(), start), offset, FIXED_BYTES);
        } catch (SqlException | BadQueryException e) {
            deliver(connection, refused(request, String.valueOf(e.getMessage()), start), offset, FIXED_BYTES);
        }
        views.keepFor(subscriptions.views());
    }

    /**
     * @param reading null if no rows are wanted
     * @param set to be registered, if it is one
     */
    private record Asked(
            @Nullable RowsReading reading, @Nullable NewSet set) {}

    private Asked prepare(Client.Request request, Subscriptions.View view) throws SubscriptionRefusedException {
        ConnectionId connection = request.caller().connectionId();
        return switch (request) {
            case Client.Subscribe ask -> {
                NewSet set = subscriptions.prepare(connection, ask.setId(), ask.kind(), ask.queries(), view);
                yield new Asked(set.reading(), set);
            }
            case Client.Unsubscribe ask -> {
                RowsReading lost = subscriptions.unsubscribe(connection, ask.setId(), view);
                yield new Asked(ask.wantsRows() ? lost : null, null);
            }
            case Client.Ask ask -> new Asked(subscriptions.ask(ask.caller().identity(), ask.query(), view), null);
            case Client.Open _, Client.Resume _ -> throw new IllegalArgumentException("opened elsewhere: " + request);
        };
    }

    private void answerNow(
            Client.Request request, RowsReading reading, @Nullable NewSet set, Datastore store, long offset, long start)
            throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction reads = store.begin(environment.clock().epochMicros(), slot);
        List<ResultRows> rows;
        try {
            rows = LongReading.read(environment, slot, reading, reads, new DatastoreCatalog(store));
        } finally {
            reads.rollback();
        }
        if (set != null) {
            subscriptions.register(set);
        }
        Delivery answer = answer(request, rows, offset, start);
        deliver(request.caller().connectionId(), answer, offset, bytesOf(rows));
    }

    /** A worker reads; the answer has its place among the deliveries from now on. */
    private void answerLater(
            Client.Request request,
            RowsReading reading,
            @Nullable NewSet set,
            Datastore store,
            long offset,
            long start) {
        Transaction reads = store.begin();
        try {
            reading.estimate(reads, new DatastoreCatalog(store));
        } finally {
            reads.rollback();
        }
        if (set != null) {
            subscriptions.register(set);
        }
        LongReading begun = new LongReading(
                environment, request, reading, set, ++tickets, store.freeze("rows of a subscription"), offset, start);
        readings.add(begun);
        unstarted.add(begun);
        Delivery awaited = new Client.Awaited(begun.ticket(), requestId(request));
        deliver(request.caller().connectionId(), awaited, offset, FIXED_BYTES);
    }

    private static int requestId(Client.Request request) {
        return switch (request) {
            case Client.Subscribe ask -> ask.requestId();
            case Client.Unsubscribe ask -> ask.requestId();
            case Client.Ask ask -> ask.requestId();
            case Client.Open _, Client.Resume _ -> throw new IllegalArgumentException("it has none: " + request);
        };
    }

    /** What a worker has to run, null if there is nothing more. */
    @Nullable
    LongReading nextToRun() {
        return unstarted.poll();
    }

    /** Answers what a worker has read. */
    void readingEnded(LongReading ended, LongReading.Outcome outcome, long offset) {
        Client.Request request = ended.request();
        ConnectionId connection = request.caller().connectionId();
        if (!readings.remove(ended) || !isOpen(connection) || isOutdated(request)) {
            return;
        }
        switch (outcome) {
            case LongReading.Outcome.Read(List<ResultRows> rows) -> {
                NewSet set = ended.set();
                Delivery answer = set != null && set.isLost()
                        ? refused(request, "it was lost with the other sets of the connection", ended.startNanos())
                        : answer(request, rows, ended.offset(), ended.startNanos());
                deliver(connection, new Client.Late(ended.ticket(), answer), offset, bytesOf(rows));
            }
            case LongReading.Outcome.Unread(String reason) -> {
                Delivery refusal = withdraw(ended, reason);
                deliver(connection, new Client.Late(ended.ticket(), refusal), offset, FIXED_BYTES);
                views.keepFor(subscriptions.views());
            }
        }
    }

    private Delivery withdraw(LongReading ended, String reason) {
        NewSet set = ended.set();
        Failure lost = set == null ? null : subscriptions.withdraw(set, reason);
        return lost != null && lost.setId() == null
                ? failure(lost)
                : refused(ended.request(), reason, ended.startNanos());
    }

    /** A request that may have its turn at last, null if there is none. */
    Client.@Nullable Request takeWaiting() {
        released = null;
        if (waiting.isEmpty() || readings.size() >= READINGS_MAX) {
            return null;
        }
        Map.Entry<ConnectionId, Deque<Client.Request>> first = waiting.pollFirstEntry();
        released = first.getValue().remove();
        if (!first.getValue().isEmpty()) {
            waiting.put(first.getKey(), first.getValue());
        }
        return released;
    }

    /** The database serves no longer: what workers still read is not waited for. */
    void forgetReadings() {
        readings.clear();
        waiting.clear();
        for (LongReading next = nextToRun(); next != null; next = nextToRun()) {
            next.abandon();
        }
    }

    private Subscriptions.View view(Program program, Datastore store) {
        return new Subscriptions.View(new DatastoreCatalog(store), program::isOwner, views::isKept);
    }

    /** The views that have to be evaluated before the request can be answered. */
    Set<ViewInstance> missingViews(Client.Request request, Program program, Datastore store) {
        if (program.definition().views().isEmpty()) {
            return Set.of();
        }
        Identity caller = request.caller().identity();
        return switch (request) {
            case Client.Subscribe subscribe ->
                Subscriptions.missingViews(caller, subscribe.queries(), view(program, store));
            case Client.Ask ask -> Subscriptions.missingViews(caller, ask.query(), view(program, store));
            case Client.Resume resume ->
                resume.sets().stream()
                        .flatMap(
                                set -> Subscriptions.missingViews(caller, set.queries(), view(program, store)).stream())
                        .collect(Collectors.toCollection(LinkedHashSet::new));
            case Client.Open _, Client.Unsubscribe _ -> Set.of();
        };
    }

    /** Says why a request cannot be answered. */
    void refuse(Client.Request request, String reason, long offset) {
        Delivery refusal = refused(request, reason, environment.clock().nanoTime());
        deliver(request.caller().connectionId(), refusal, offset, FIXED_BYTES);
    }

    /** @param rows null if they are not wanted */
    private Delivery answer(Client.Request request, @Nullable List<ResultRows> rows, long offset, long start) {
        List<ResultRows> found = rows == null ? List.of() : rows;
        return switch (request) {
            case Client.Subscribe ask ->
                new Client.Applied(ask.requestId(), ask.setId(), ask.kind(), found, offset, since(start));
            case Client.Unsubscribe ask ->
                new Client.Dropped(ask.requestId(), ask.setId(), ask.kind(), rows, since(start));
            case Client.Ask ask -> new Client.Result(ask.requestId(), ask.messageId(), null, found, since(start));
            case Client.Open _, Client.Resume _ -> throw new IllegalArgumentException("opened elsewhere: " + request);
        };
    }

    private Delivery refused(Client.Request request, String reason, long start) {
        return switch (request) {
            case Client.Ask ask -> new Client.Result(ask.requestId(), ask.messageId(), reason, List.of(), since(start));
            case Client.Subscribe subscribe ->
                new Client.NotSubscribed(subscribe.requestId(), subscribe.setId(), reason);
            case Client.Unsubscribe unsubscribe ->
                new Client.NotSubscribed(unsubscribe.requestId(), unsubscribe.setId(), reason);
            case Client.Open _, Client.Resume _ -> new Client.Refused(reason);
        };
    }

    private long since(long start) {
        return environment.clock().nanoTime() - start;
    }

    private static int bytesOf(List<ResultRows> rows) {
        return cut(FIXED_BYTES
                + rows.stream().mapToLong(each -> each.rows().length()).sum());
    }

    /** The tables or the rights have changed: what does not fit any more is dropped, and its connections hear that. */
    void planAgain(Program program, Datastore store, long offset) {
        RecentCommits ofOldTables = recent;
        if (ofOldTables != null) {
            ofOldTables.beginAnew(offset);
        }
        for (Failure failure : subscriptions.planAgain(view(program, store))) {
            deliver(failure.connection(), failure(failure), offset, FIXED_BYTES);
        }
        views.keepFor(subscriptions.views());
    }
}
