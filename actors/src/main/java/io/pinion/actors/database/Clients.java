package io.pinion.actors.database;

import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Deliveries.Told;
import io.pinion.actors.durability.CommitSink;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.Pending;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SubscriptionRefusedException;
import io.pinion.actors.subscription.Subscriptions;
import io.pinion.actors.subscription.Subscriptions.Failure;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final String QUERY = "query";

    private final CommitSink journal;
    private final DatabaseEnvironment environment;
    private final Views views;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Map<ConnectionId, Open> open = new HashMap<>();
    private Subscriptions.Outcome untold = Subscriptions.Outcome.NOTHING;
    private @Nullable ConnectionId answered;

    private record Open(boolean confirmed, ActorRef<? super Delivery> client) {}

    /** @param journal where commits go on to */
    Clients(CommitSink journal, DatabaseEnvironment environment, Views views) {
        this.journal = journal;
        this.environment = environment;
        this.views = views;
    }

    @Override
    public boolean isFull() {
        return journal.isFull();
    }

    /** Takes a commit, and tells what it means. */
    @Override
    public void append(Pending pending) {
        journal.append(pending);
        if (hasMore() && pending.entry() instanceof LogEntry.Transaction transaction) {
            tell(pending.offset(), cause(transaction));
        }
    }

    /** Most commits of most databases mean nothing to any connection, which is found out without allocating. */
    @SuppressWarnings("ReferenceEquality") // the one object for nothing
    private boolean hasMore() {
        return untold != Subscriptions.Outcome.NOTHING || answered != null;
    }

    private static Client.Cause cause(LogEntry.Transaction transaction) {
        boolean isReducer = transaction.kind() == CallKind.REDUCER || transaction.kind() == CallKind.SCHEDULED_REDUCER;
        return new Client.Cause(
                transaction.timestampMicros(),
                transaction.caller(),
                transaction.connectionId(),
                isReducer ? transaction.call() : "");
    }

    /** Tells what a commit of rows of views means, for which no entry of the log stands. */
    void viewsChanged(Identity database, long offset) {
        tell(offset, new Client.Cause(environment.clock().epochMicros(), database, ConnectionId.NONE, ""));
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    boolean isOpen(ConnectionId connection) {
        return open.containsKey(connection);
    }

    /** The connection is open from now on; this is the first that it hears. */
    void opened(Client.Open request, Client.Opened opened, long offset) {
        Caller caller = request.caller();
        open.put(caller.connectionId(), new Open(request.confirmed(), request.client()));
        subscriptions.connect(caller.connectionId(), caller.identity(), request.countsTogether());
        deliver(caller.connectionId(), opened, offset, FIXED_BYTES);
    }

    /** The connection hears nothing more. */
    void left(ConnectionId connection) {
        open.remove(connection);
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

    /** Evaluates a commit; what comes of it is told with {@link #append}. */
    void committed(Delta delta, Datastore store) {
        if (subscriptions.planCount() == 0) {
            return;
        }
        Transaction reads = store.begin();
        try {
            untold = subscriptions.onCommit(delta, reads, views::isKept);
            if (!untold.failures().isEmpty()) {
                views.keepFor(subscriptions.views());
            }
        } finally {
            reads.rollback();
        }
    }

    /** The answer to a call that has just been committed and is not told yet: with rows, if an open connection made it. */
    Database.CallOutcome outcome(Caller caller, Database.Committed committed, long timestampMicros, String function) {
        ConnectionId connection = caller.connectionId();
        if (!isOpen(connection)) {
            return committed;
        }
        answered = connection;
        Client.Cause cause = new Client.Cause(timestampMicros, caller.identity(), connection, function);
        List<SetChanges> sets = untold.changes().getOrDefault(connection, List.of());
        return new Database.CommittedForClient(committed, cause, sets);
    }

    private void tell(long offset, Client.Cause cause) {
        Subscriptions.Outcome outcome = untold;
        ConnectionId caller = answered;
        untold = Subscriptions.Outcome.NOTHING;
        answered = null;
        List<Told> confirmed = new ArrayList<>();
        outcome.failures().forEach(failure -> tell(failure.connection(), failure(failure), confirmed));
        outcome.changes().forEach((connection, sets) -> {
            if (!connection.equals(caller)) {
                tell(connection, new Client.Updated(cause, sets), confirmed);
            }
        });
        if (!confirmed.isEmpty()) {
            journal.append(new Deliveries(offset, confirmed, bytes(outcome)));
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
    private static int bytes(Subscriptions.Outcome outcome) {
        long bytes = 0;
        Set<ChangedRows> counted = new HashSet<>();
        for (List<SetChanges> sets : outcome.changes().values()) {
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

    /** Answers what an open connection asks; the answer shows the tables as of the offset. */
    void answer(Client.Request request, Program program, Datastore store, long offset) {
        long start = environment.clock().nanoTime();
        ConnectionId connection = request.caller().connectionId();
        try {
            if (journal.isFull()) {
                throw new SubscriptionRefusedException("the database has too much to do; try again later");
            }
            Delivery answer = limited(store, reads -> answer(request, view(program, store, reads), start));
            views.keepFor(subscriptions.views());
            deliver(connection, answer, offset, bytes(answer));
        } catch (SubscriptionRefusedException e) {
            deliver(connection, refused(request, e.reason(), start), offset, FIXED_BYTES);
        }
    }

    private Subscriptions.View view(Program program, Datastore store, Transaction reads) {
        return new Subscriptions.View(
                new DatastoreCatalog(store),
                reads,
                program::isOwner,
                views::isKept,
                environment.settings().queryBytesMax());
    }

    /** The views that have to be evaluated before the request can be answered. */
    Set<ViewInstance> missingViews(Client.Request request, Program program, Datastore store) {
        List<String> queries = switch (request) {
            case Client.Subscribe subscribe -> subscribe.queries();
            case Client.Ask ask -> List.of(ask.query());
            case Client.Open _, Client.Unsubscribe _ -> List.of();
        };
        if (queries.isEmpty() || program.definition().views().isEmpty()) {
            return Set.of();
        }
        Transaction reads = store.begin();
        try {
            return Subscriptions.missingViews(request.caller().identity(), queries, view(program, store, reads));
        } finally {
            reads.rollback();
        }
    }

    /** Says why a request cannot be answered. */
    void refuse(Client.Request request, String reason, long offset) {
        Delivery refusal = refused(request, reason, environment.clock().nanoTime());
        deliver(request.caller().connectionId(), refusal, offset, FIXED_BYTES);
    }

    private Delivery answer(Client.Request request, Subscriptions.View view, long start)
            throws SubscriptionRefusedException {
        ConnectionId connection = request.caller().connectionId();
        return switch (request) {
            case Client.Subscribe ask -> {
                List<ResultRows> rows =
                        subscriptions.subscribe(connection, ask.setId(), ask.kind(), ask.queries(), view);
                yield new Client.Applied(ask.requestId(), ask.setId(), ask.kind(), rows, since(start));
            }
            case Client.Unsubscribe ask -> {
                List<ResultRows> rows = subscriptions.unsubscribe(connection, ask.setId(), ask.wantsRows(), view);
                yield new Client.Dropped(ask.requestId(), ask.setId(), ask.kind(), rows, since(start));
            }
            case Client.Ask ask -> {
                ResultRows rows = subscriptions.ask(ask.caller().identity(), ask.query(), view);
                yield new Client.Result(ask.requestId(), ask.messageId(), null, List.of(rows), since(start));
            }
            case Client.Open _ -> throw new IllegalArgumentException("opened elsewhere: " + request);
        };
    }

    private Delivery refused(Client.Request request, String reason, long start) {
        return switch (request) {
            case Client.Ask ask -> new Client.Result(ask.requestId(), ask.messageId(), reason, List.of(), since(start));
            case Client.Subscribe subscribe ->
                new Client.NotSubscribed(subscribe.requestId(), subscribe.setId(), reason);
            case Client.Unsubscribe unsubscribe ->
                new Client.NotSubscribed(unsubscribe.requestId(), unsubscribe.setId(), reason);
            case Client.Open _ -> new Client.Refused(reason);
        };
    }

    private long since(long start) {
        return environment.clock().nanoTime() - start;
    }

    private static int bytes(Delivery answer) {
        List<ResultRows> rows = switch (answer) {
            case Client.Applied applied -> applied.rows();
            case Client.Dropped dropped -> dropped.rows() == null ? List.of() : dropped.rows();
            case Client.Result result -> result.rows();
            default -> List.of();
        };
        return cut(FIXED_BYTES
                + rows.stream().mapToLong(each -> each.rows().length()).sum());
    }

    private interface Work<T> {
        T run(Transaction reads) throws SubscriptionRefusedException;
    }

    /** Reads the tables under the limit of queries. */
    private <T> T limited(Datastore store, Work<T> work) throws SubscriptionRefusedException {
        CallSlot slot = environment.monitor().slot();
        Transaction reads = store.begin(environment.clock().epochMicros(), slot);
        CallLimits limits = environment.vitals().limits();
        long limitNanos = limits.query().toNanos();
        @Nullable T done = null;
        Database.Limit limit;
        slot.begin(environment.vitals(), QUERY, null, environment.clock().nanoTime(), limitNanos);
        try {
            done = work.run(reads);
        } catch (OperationStoppedException e) {
            done = null;
        } catch (StackOverflowError | OutOfMemoryError e) { // nothing is registered before all is read
            throw new SubscriptionRefusedException("the query takes more memory than this node can spare: " + e);
        } finally {
            limit = slot.end();
            reads.rollback();
        }
        if (done == null) {
            throw new SubscriptionRefusedException(
                    "the query was stopped: " + GuestRun.stopReason(limit, CallType.QUERY, limits));
        }
        return done;
    }

    /** The tables or the rights have changed: what does not fit any more is dropped, and its connections hear that. */
    void planAgain(Program program, Datastore store, long offset) {
        Transaction reads = store.begin();
        try {
            for (Failure failure : subscriptions.planAgain(view(program, store, reads))) {
                deliver(failure.connection(), failure(failure), offset, FIXED_BYTES);
            }
            views.keepFor(subscriptions.views());
        } finally {
            reads.rollback();
        }
    }
}
