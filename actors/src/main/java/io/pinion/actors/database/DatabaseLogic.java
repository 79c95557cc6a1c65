package io.pinion.actors.database;

import io.pinion.actors.database.ArgumentCheck.BadArgumentsException;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Command.CallReducer;
import io.pinion.actors.database.Database.Command.Query;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.durability.CommitSink;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.actors.durability.Pending;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.schedule.Due;
import io.pinion.actors.schedule.Schedule;
import io.pinion.actors.schedule.ScheduleReading;
import io.pinion.actors.subscription.SubscriptionRefusedException;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.query.ChangePlan;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.QueryPlans;
import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.MigrationBuild;
import io.pinion.store.tx.MigrationResult;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * A published database: its program, its tables, and every call on them in the order it is told. Driven by one thread at a
 * time; nothing here blocks. Whatever is thrown out of it leaves the tables in doubt: the database has to be fenced.
 *
 * <p>Hot path: {@link #call} allocates the transaction, its record and its answer, and no text.
 */
final class DatabaseLogic {
    private static final int ROW_BYTES = 4;
    private static final int TABLE_BYTES = 32;
    /** What stands for a function in the log of a statement. */
    private static final String SQL = "sql";
    /** Each keeps a frozen view of the tables open. */
    private static final int LONG_QUERIES_MAX = 16;

    private final DatabaseEnvironment environment;
    private final Clients clients;
    private final CommitSink sink;
    private final GuestRun guest;
    private final ConnectionRun connections;
    private final Views views;
    private final RepeatedCalls repeated;
    private final int transactionBytesMax;

    private Program program;
    private Datastore store;
    private QueryPlans plans;
    private Schedule schedule;
    private @Nullable ScheduleReading unread;
    private long offset;
    private long callCount;
    private @Nullable Command inHand;
    /** Those that workers run, in the order of their beginnings. */
    private final List<LongQuery> longQueries = new ArrayList<>();

    /**
     * @param requests what became of calls that may be repeated
     * @param offset of the newest commit
     */
    DatabaseLogic(
            DatabaseEnvironment environment,
            CommitSink sink,
            RequestWindow requests,
            Program program,
            Datastore store,
            long offset) {
        this.environment = environment;
        this.views = new Views(environment.settings().viewsMax());
        this.clients = new Clients(sink, environment, views);
        this.sink = clients;
        this.guest = new GuestRun(environment);
        this.connections = new ConnectionRun(this, environment, guest, views);
        this.repeated = new RepeatedCalls(
                requests,
                environment.clock(),
                environment.settings().durability().requests().resultBytesMax());
        this.transactionBytesMax = environment.settings().durability().transactionBytesMax();
        this.program = program;
        this.store = store;
        this.plans = new QueryPlans(new DatastoreCatalog(store));
        this.offset = offset;
        environment.describe(store, program);
        beginSchedule();
    }

    private void beginSchedule() {
        abandonSchedule();
        schedule = Schedule.of(program.definition(), store, environment.clock().epochMicros());
        unread = schedule.begin(store).orElse(null);
    }

    /** What is left to be read and entered of the schedule, null if nothing is. Another one after each publish. */
    @Nullable
    ScheduleReading unreadSchedule() {
        return unread;
    }

    /**
     * Enters some of the rows that were read.
     *
     * @return whether there are more
     */
    boolean enterSchedule(ScheduleReading read) {
        if (read != unread) {
            return false;
        }
        boolean isMore = read.enter();
        unread = isMore ? read : null;
        return isMore;
    }

    /** Nothing will be asked of the schedule any more. */
    void abandonSchedule() {
        ScheduleReading left = unread;
        unread = null;
        if (left != null) {
            left.abandon();
        }
    }

    Program program() {
        return program;
    }

    Datastore store() {
        return store;
    }

    /** Whose rows are kept. */
    Views views() {
        return views;
    }

    /** Whether so much waits for the journal that nothing new should be begun. */
    boolean isJournalBehind() {
        return sink.isFull();
    }

    RequestWindow requests() {
        return repeated.window();
    }

    /** Of the newest commit. */
    long offset() {
        return offset;
    }

    /** Guest calls so far; for telling whether there were any. */
    long callCount() {
        return callCount;
    }

    /** Whether the instance of the last call may not be used again. */
    boolean isInstanceBroken() {
        return guest.isInstanceBroken();
    }

    /** Whether nobody is connected, no query runs, and all of the schedule is known. */
    boolean isQuiet() {
        return clients.areAllGone() && longQueries.isEmpty() && unread == null;
    }

    /** When a row of a schedule is due, microseconds since the Unix epoch, or {@link Schedule#NEVER}. */
    long nextDueMicros() {
        return schedule.nextDueMicros();
    }

    /**
     * Runs a call, or answers why not.
     *
     * @param arrivalMicros when it was sent: the time that the guest sees, microseconds since the Unix epoch
     * @return whether the guest ran, so that {@link #isInstanceBroken} speaks of this call
     */
    boolean call(CallReducer call, long arrivalMicros, Instance instance) {
        inHand = call;
        if (!call.requestId().isNone() && isRepeated(call)) {
            return false;
        }
        Database.Refusal refusal = admit(call.deadlineNanos());
        if (refusal != null) {
            call.replyTo().tell(refusal);
            inHand = null;
            return false;
        }
        Reducer reducer = program.reducer(call.reducer());
        if (reducer == null || reducer.isLifecycle() || isHidden(reducer, call.caller())) {
            refuse(call, reducer);
            return false;
        }
        Bytes arguments;
        try {
            arguments = reducer.check(call.arguments());
        } catch (BadArgumentsException e) {
            refuse(call, new Database.BadArguments(e.problem()), e.problem());
            return false;
        }
        run(call, arrivalMicros, reducer, arguments, instance);
        return true;
    }

    /** Answers a call that ran before, or may have; when the state of that answer is durable, as it may not be yet. */
    private boolean isRepeated(CallReducer call) {
        CallOutcome outcome = repeated.outcome(call);
        if (outcome == null) {
            return false;
        }
        if (sink.isFull()) {
            call.replyTo().tell(Outcomes.JOURNAL_IS_BEHIND);
            inHand = null;
        } else {
            answer(call, outcome, 0);
        }
        return true;
    }

    private boolean isHidden(Reducer reducer, Caller caller) {
        return reducer.isPrivate() && !program.isOwner(caller.identity());
    }

    boolean isTooLate(long deadline) {
        return deadline != Database.NO_DEADLINE && environment.clock().nanoTime() - deadline >= 0;
    }

    /** Why something is not begun at all; null if it is. */
    Database.@Nullable Refusal admit(long deadline) {
        if (isTooLate(deadline)) {
            return Outcomes.DEADLINE_EXCEEDED;
        }
        return sink.isFull() ? Outcomes.JOURNAL_IS_BEHIND : null;
    }

    private void refuse(CallReducer call, @Nullable Reducer reducer) {
        if (reducer != null && reducer.isLifecycle()) {
            String message = "the life-cycle reducer " + call.reducer() + " cannot be called directly";
            refuse(call, new Database.NotCallable(message), message);
        } else {
            String message = "no such reducer: " + call.reducer();
            CallOutcome outcome = new Database.NoSuchReducer(call.reducer(), message);
            if (program.procedure(call.reducer()) == null) {
                refuse(call, outcome, message);
            } else {
                answer(call, outcome, message.length()); // the caller goes on to call that
            }
        }
    }

    private void refuse(CallReducer call, CallOutcome outcome, String message) {
        environment.say(Level.ERROR, call.reducer(), environment.clock().epochMicros(), message);
        answer(call, outcome, message.length());
    }

    private void run(CallReducer call, long arrivalMicros, Reducer reducer, Bytes arguments, Instance instance) {
        Caller caller = call.caller();
        FunctionCall function = new FunctionCall(
                reducer.id(), reducer.name(), caller.identity(), caller.connectionId(), arrivalMicros, arguments);
        callCount++;
        GuestResult result = caller.isVisitor()
                ? guest.reducer(CallType.REDUCER, instance, function, program, store, views, visit(caller))
                : guest.reducer(CallType.REDUCER, instance, function, program, store, views);
        switch (result) {
            case GuestResult.Returned _ -> committed(call, function, guest.takeDelta());
            case GuestResult.UserError(String message) -> {
                environment.say(Level.ERROR, function.functionName(), function.timestampMicros(), message);
                unchanged(call, function, CallResult.REJECTED, message);
            }
            case GuestResult.Failed(String reason) -> unchanged(call, function, CallResult.FAILED, reason);
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ ->
                unchanged(call, function, RepeatedCalls.stopped(guest.limit()), "");
        }
    }

    /** A connection that no other transaction sees. */
    private GuestRun.HostPart visit(Caller visitor) {
        return new GuestRun.HostPart(
                () -> store.records().connect(visitor.identity(), visitor.connectionId(), visitor.claims()),
                () -> store.records().disconnect(visitor.identity(), visitor.connectionId()));
    }

    /** Answers a call that ran and changed nothing; if it may be repeated, that takes an offset of its own. */
    private void unchanged(CallReducer call, FunctionCall function, CallResult result, String message) {
        if (call.requestId().isNone()) {
            answer(call, Outcomes.of(result, message, offset, guest.executionNanos()), message.length());
            return;
        }
        LogEntry.Answered entry = RepeatedCalls.unchanged(call.requestId(), function, result, message);
        offset++;
        repeated.window().keep(offset, entry);
        CallOutcome outcome = Outcomes.of(result, message, offset, guest.executionNanos());
        answer(call, entry, message.length() + entry.message().length(), outcome);
    }

    private void committed(CallReducer call, FunctionCall function, Delta delta) {
        if (delta.isEmpty()) {
            unchanged(call, function, CallResult.COMMITTED, "");
            return;
        }
        int bytes = bytes(delta);
        if (bytes > transactionBytesMax) {
            undo(delta);
            unchanged(call, function, CallResult.FAILED, tooLarge(bytes));
            return;
        }
        follow(delta);
        Database.RequestId request = call.requestId();
        LogEntry.Transaction entry = new LogEntry.Transaction(
                function.timestampMicros(),
                function.sender(),
                function.connectionId(),
                request.high(),
                request.low(),
                CallKind.REDUCER,
                CallResult.COMMITTED,
                function.functionName(),
                delta);
        if (!request.isNone()) {
            repeated.window().keep(offset, entry);
        }
        Database.Committed committed = new Database.Committed(offset, guest.executionNanos());
        clients.caused(function, call.clientNumber(), guest.executionNanos(), program);
        answer(call, entry, bytes, clients.outcome(call.caller(), committed));
    }

    /** Answers what has the newest offset. */
    private void answer(CallReducer call, LogEntry entry, int bytes, CallOutcome outcome) {
        answer(entry, call.confirmed(), call.replyTo(), outcome, Outcomes.UNKNOWN, bytes);
    }

    /** As above, any command; the entry is written first. */
    <T> void answer(LogEntry entry, boolean confirmed, ActorRef<? super T> replyTo, T outcome, T unknown, int bytes) {
        if (confirmed) {
            handOver(new Answer<T>(offset, entry, bytes, replyTo, outcome, unknown));
        } else {
            sink.append(new Answer.Unheard(offset, entry, bytes));
            replyTo.tell(outcome);
            inHand = null;
        }
    }

    /** The sink answers from now on, whatever happens here. */
    private void handOver(Pending answer) {
        inHand = null;
        sink.append(answer);
    }

    /** What hangs on the tables follows a commit before anybody is told of it. */
    private void follow(Delta delta) {
        if (schedule.isConcernedBy(delta)) {
            schedule.apply(delta, environment.clock().epochMicros());
        }
        clients.committed(delta, store);
        offset++;
    }

    /** Takes back a commit that nobody was told of. Values that its sequences gave out are skipped. */
    private void undo(Delta delta) {
        store.takeBack(delta);
        views.takeBack();
    }

    private String tooLarge(int bytes) {
        return "the transaction changes " + bytes + " bytes, more than the " + transactionBytesMax
                + " that are allowed";
    }

    /** About what the delta takes in the log. */
    static int bytes(Delta delta) {
        long bytes = (long) TABLE_BYTES * delta.sequences().size();
        for (int i = 0; i < delta.tables().size(); i++) {
            Delta.TableDelta table = delta.tables().get(i);
            bytes += TABLE_BYTES + bytes(table.inserts()) + bytes(table.deletes());
        }
        return (int) Math.min(bytes, Integer.MAX_VALUE >> 1);
    }

    private static long bytes(RowList rows) {
        return rows.length() + (long) ROW_BYTES * rows.count();
    }

    private void answer(CallReducer call, CallOutcome outcome, int bytes) {
        answer(call.confirmed(), call.replyTo(), outcome, Outcomes.UNKNOWN, bytes);
    }

    /**
     * Answers what changed nothing: when the state it was read from is durable, or at once.
     *
     * @param unknown {@link Outcomes#UNKNOWN}
     */
    <T> void answer(boolean confirmed, ActorRef<? super T> replyTo, T outcome, T unknown, int bytes) {
        if (confirmed) {
            handOver(new Answer<T>(offset, null, bytes, replyTo, outcome, unknown));
        } else {
            replyTo.tell(outcome);
            inHand = null;
        }
    }

    /**
     * Puts a new program and its tables in force, or changes nothing and says why not. The update takes the next offset.
     *
     * @param build that was begun for it and has no more to do than little
     */
    MigrationResult update(Program next, MigrationBuild build) {
        Views.Carried seen = views.carry(store);
        MigrationResult result = store.finishUpdate(build);
        if (result instanceof MigrationResult.Updated) {
            program = next;
            views.putDown(seen, store, program.definition());
            environment.describe(store, program);
            beginSchedule();
            offset++;
        }
        return result;
    }

    /** Drops everything and goes on with other tables. This takes the next offset. */
    void replace(Program next, Datastore fresh) {
        program = next;
        store = fresh;
        plans = new QueryPlans(new DatastoreCatalog(store));
        views.clear();
        environment.describe(store, program);
        beginSchedule();
        offset++;
    }

    /** What became of {@link #query}. */
    enum QueryRan {
        /** It is answered, and no guest ran. */
        ALONE,
        /** It is answered, and {@link #isInstanceBroken} speaks of it. */
        WITH_GUEST,
        /** It names a view: it is not answered and has to come again with an instance. */
        NEEDS_INSTANCE,
        /** It is long and no guest ran: {@link #lastLongQuery} is to be run by a worker. */
        ON_A_WORKER
    }

    /** Answers a query, if it can be without an instance or there is one. */
    QueryRan query(Query query, @Nullable Instance instance) {
        inHand = query;
        Database.Refusal refusal = admit(query.deadlineNanos());
        if (refusal != null) {
            query.replyTo().tell(refusal);
            inHand = null;
            return QueryRan.ALONE;
        }
        QueryRun run = new QueryRun(environment, guest, program, store, plans, views, query);
        switch (run.run(instance, offset).orElse(null)) {
            case null -> {
                inHand = null;
                return QueryRan.NEEDS_INSTANCE;
            }
            case QueryRun.Ran.Answered(QueryOutcome outcome) -> {
                int bytes = outcome instanceof Database.Rows rows ? rows.rows().length() : 0;
                answer(query.confirmed(), query.replyTo(), outcome, Outcomes.UNKNOWN, bytes);
            }
            case QueryRun.Ran.Changed changed -> changed(query, changed);
            case QueryRun.Ran.Begun(LongQuery begun) -> {
                return begin(begun);
            }
        }
        if (run.hasGuestRun()) {
            callCount++;
            return QueryRan.WITH_GUEST;
        }
        return QueryRan.ALONE;
    }

    private QueryRan begin(LongQuery begun) {
        inHand = null;
        if (longQueries.size() == LONG_QUERIES_MAX) {
            begun.abandon();
            begun.command().replyTo().tell(Outcomes.WORKERS_ARE_BUSY);
            return QueryRan.ALONE;
        }
        longQueries.add(begun);
        return QueryRan.ON_A_WORKER;
    }

    /** The query that {@link #query} has left to a worker. */
    LongQuery lastLongQuery() {
        return longQueries.getLast();
    }

    /** Answers what a worker has run, unless it is answered already. */
    void longQueryEnded(LongQuery ended, QueryOutcome outcome) {
        if (longQueries.remove(ended)) {
            Query query = ended.command();
            inHand = query;
            int bytes = outcome instanceof Database.Rows rows ? rows.rows().length() : 0;
            answer(query.confirmed(), query.replyTo(), outcome, Outcomes.UNKNOWN, bytes);
        }
    }

    /** The database serves no longer: what workers still run is answered. */
    void refuseLongQueries(Database.Refusal refusal) {
        longQueries.forEach(query -> query.command().replyTo().tell(refusal));
        longQueries.clear();
        clients.forgetReadings();
    }

    private void changed(Query query, QueryRun.Ran.Changed changed) {
        Delta delta = changed.delta();
        int bytes = bytes(delta);
        if (bytes > transactionBytesMax) {
            undo(delta);
            answer(query.confirmed(), query.replyTo(), new Database.BadQuery(tooLarge(bytes)), Outcomes.UNKNOWN, 0);
            return;
        }
        if (delta.isEmpty()) {
            answer(query.confirmed(), query.replyTo(), outcome(changed), Outcomes.UNKNOWN, 0);
            return;
        }
        follow(delta);
        LogEntry.Transaction entry = new LogEntry.Transaction(
                environment.clock().epochMicros(),
                query.caller().identity(),
                query.caller().connectionId(),
                Database.RequestId.NONE.high(),
                Database.RequestId.NONE.low(),
                CallKind.SQL,
                CallResult.COMMITTED,
                SQL,
                delta);
        answer(entry, query.confirmed(), query.replyTo(), outcome(changed), Outcomes.UNKNOWN, bytes);
    }

    private QueryOutcome outcome(QueryRun.Ran.Changed changed) {
        ChangePlan.Changes changes = changed.changes();
        return new Database.Changed(
                changes.inserted(), changes.deleted(), changes.updated(), offset, changed.executionNanos());
    }

    /** Open connections; what they are told goes through it. */
    Clients clients() {
        return clients;
    }

    /** Whether the request cannot be served without an instance. */
    boolean needsInstance(Client.Request request) {
        return request instanceof Client.Open && program.reducer(Lifecycle.ON_CONNECT) != null;
    }

    boolean needsInstanceToLeave(Caller caller) {
        return isConnected(caller) && program.reducer(Lifecycle.ON_DISCONNECT) != null;
    }

    private boolean isConnected(Caller caller) {
        Transaction reading = store.begin();
        try {
            return store.records().claims(caller.connectionId()).isPresent();
        } finally {
            reading.rollback();
        }
    }

    /** Connections that were open when the database was last in memory. */
    List<Caller> leftBehind() {
        Transaction reading = store.begin();
        try {
            return store.records().clients().stream()
                    .map(client -> new Caller(client.identity(), client.connection()))
                    .toList();
        } finally {
            reading.rollback();
        }
    }

    /**
     * Opens a connection, or says why not.
     *
     * @return whether it is open
     */
    boolean open(Client.Open request, @Nullable Instance instance) {
        if (sink.isFull() || isConnected(request.caller())) {
            request.client().tell(new Client.Refused("the connection is open already, or the journal is behind"));
            return false;
        }
        String refusal = connect(request.caller(), request.claims(), instance);
        if (refusal == null) {
            clients.opened(request, program.hidesCalls(), offset);
        } else {
            request.client().tell(new Client.Refused(refusal));
        }
        return refusal == null;
    }

    /** What became of a connection that wants to come back. */
    enum Return {
        OPEN,
        REFUSED,
        /** It has to come again with an instance. */
        NEEDS_INSTANCE
    }

    /** Goes on with a connection that was open when the database was last in memory, or says why not. */
    Return resume(Client.Resume request, @Nullable Instance instance) {
        if (!isConnected(request.caller())) {
            request.client().tell(new Client.Refused("the connection has ended meanwhile"));
            return Return.REFUSED;
        }
        Set<ViewInstance> missing = clients.missingViews(request, program, store);
        if (!missing.isEmpty() && instance == null) {
            return Return.NEEDS_INSTANCE;
        }
        try {
            List<Client.Missed> missed = clients.missed(request, program, store, offset);
            for (ViewInstance view : missing) {
                materialiseIfPossible(view, request.caller().identity(), Objects.requireNonNull(instance));
            }
            clients.resumed(request, missed, program, store, offset);
            return Return.OPEN;
        } catch (SubscriptionRefusedException e) {
            request.client().tell(new Client.Refused(e.reason()));
            return Return.REFUSED;
        }
    }

    /** If not, the set that reads it is lost. */
    private void materialiseIfPossible(ViewInstance view, Identity caller, Instance instance) {
        try {
            materialise(view, caller, instance);
        } catch (ViewFailedException e) {
            environment.say(Level.ERROR, view.view(), environment.clock().epochMicros(), e.text());
        }
    }

    private void materialise(ViewInstance view, Identity caller, Instance instance) throws ViewFailedException {
        callCount++;
        ViewDef def = program.definition().view(view.view()).orElseThrow();
        guest.materialise(instance, def, caller, program, store, views);
    }

    /** Whether the module has something to do when a connection begins or ends. */
    boolean hearsOfConnections() {
        return program.reducer(Lifecycle.ON_CONNECT) != null || program.reducer(Lifecycle.ON_DISCONNECT) != null;
    }

    /**
     * Writes a connection down and has the module accept it.
     *
     * @return why it does not; null if it does
     */
    @Nullable
    String connect(Caller caller, String claims, @Nullable Instance instance) {
        guest.beginAnew();
        Reducer reducer = program.reducer(Lifecycle.ON_CONNECT);
        callCount += reducer == null ? 0 : 1;
        return connections.connect(caller, claims, reducer, instance, program, store);
    }

    /** Ends a connection; without an instance the module does not hear of it. */
    void leave(Caller caller, @Nullable Instance instance) {
        clients.left(caller.connectionId());
        if (isConnected(caller)) {
            guest.beginAnew();
            Reducer reducer = program.reducer(Lifecycle.ON_DISCONNECT);
            callCount += reducer == null || instance == null ? 0 : 1;
            connections.disconnect(caller, reducer, instance, program, store);
        }
    }

    /** Plans what connections subscribe to for the tables as they are now. */
    void planAgain() {
        clients.planAgain(program, store, offset);
    }

    /**
     * Answers what an open connection asks. Views that it reads and that are not kept are evaluated first.
     *
     * @return false if that takes an instance and there is none: it is not answered and has to come again with one
     */
    boolean answer(Client.Request request, @Nullable Instance instance) {
        if (clients.isOutdated(request) || clients.mustWait(request)) {
            return true;
        }
        Set<ViewInstance> missing = clients.missingViews(request, program, store);
        if (!missing.isEmpty() && instance == null) {
            return false;
        }
        try {
            for (ViewInstance view : missing) {
                materialise(view, request.caller().identity(), Objects.requireNonNull(instance));
            }
            clients.answer(request, program, store, offset);
        } catch (ViewFailedException e) {
            clients.refuse(request, e.text(), offset);
        }
        return true;
    }

    /** Answers what was being carried out when something was thrown, if it was not answered yet. */
    void loseInHand() {
        Command lost = inHand;
        inHand = null;
        if (lost != null) {
            Outcomes.refuse(lost, Outcomes.UNKNOWN);
        }
    }

    /** Follows a commit that nobody waits for; too large a one is taken back and logged. */
    void committedUnheard(Delta delta, FunctionCall function, CallKind kind) {
        String refusal = keep(delta, function, kind);
        if (refusal != null) {
            environment.say(Level.ERROR, function.functionName(), function.timestampMicros(), refusal);
        }
    }

    /**
     * Follows a commit of a procedure, as a transaction of the database itself. By whoever has the right to write.
     *
     * @return why it was taken back, null if it was not
     */
    @Nullable
    String committedAside(Delta delta, long timestampMicros, String procedure) {
        FunctionCall function =
                new FunctionCall(0, procedure, environment.database(), ConnectionId.NONE, timestampMicros, Bytes.EMPTY);
        return keep(delta, function, CallKind.PROCEDURE);
    }

    /** @return why it was taken back, null if it was not */
    private @Nullable String keep(Delta delta, FunctionCall function, CallKind kind) {
        if (delta.isEmpty()) {
            return null;
        }
        int bytes = bytes(delta);
        if (bytes > transactionBytesMax) {
            undo(delta);
            return tooLarge(bytes);
        }
        follow(delta);
        LogEntry.Transaction entry = new LogEntry.Transaction(
                function.timestampMicros(),
                function.sender(),
                function.connectionId(),
                Database.RequestId.NONE.high(),
                Database.RequestId.NONE.low(),
                kind,
                CallResult.COMMITTED,
                function.functionName(),
                delta);
        if (kind == CallKind.REDUCER || kind == CallKind.SCHEDULED_REDUCER) {
            clients.caused(function, 0, guest.executionNanos(), program);
        }
        sink.append(new Answer.Unheard(offset, entry, bytes));
        return null;
    }

    /** Commits what the host itself has changed in the open transaction; see {@link GuestRun#commitOfHost}. */
    Delta commitOfHost(Transaction transaction, @Nullable Instance instance) {
        callCount += instance == null || views.isEmpty() ? 0 : 1;
        return guest.commitOfHost(transaction, instance, program, store, views);
    }

    /** Calls of procedures that may be repeated. */
    RepeatedCalls repeated() {
        return repeated;
    }

    /** Has the log say that a procedure with a request id begins; then it does. This takes the next offset. */
    void begin(RecordedStart start) {
        offset++;
        repeated.window().keep(offset, start.entry());
        sink.append(start.pending(offset));
    }

    /** A procedure with a request id has ended badly: this entry, which is to be written, takes the next offset. */
    LogEntry ended(LogEntry.Answered entry) {
        offset++;
        repeated.window().keep(offset, entry);
        return entry;
    }

    /** As above, if it has returned. */
    LogEntry ended(LogEntry.ProcedureReturned entry) {
        offset++;
        repeated.window().keep(offset, entry);
        return entry;
    }

    /** Has something done once the journal is durable up to the newest commit. Not at all if that will not be known. */
    void whenDurable(Runnable act) {
        sink.append(new Answer.WhenDurable(offset, act));
    }

    /** Evaluates one of the views that are outdated, which there has to be, and tells those who subscribe to it. */
    void bringUpToDate(Instance instance) {
        callCount++;
        viewsChanged(guest.bringUpToDate(instance, program, store, views));
    }

    /** There is nobody to evaluate the views that are outdated: those who subscribe to them are told that. */
    void giveUpOutdated() {
        while (views.areOutdated()) {
            viewsChanged(guest.giveUpOutdated(store, views));
        }
    }

    private void viewsChanged(Delta delta) {
        clients.committed(delta, store);
        clients.viewsChanged(environment.database(), offset);
    }

    /** Gives up rows of views that nobody has asked for since a time. */
    void dropUnusedViews(long sinceNanos) {
        Transaction transaction = store.begin();
        views.dropUnused(store, sinceNanos);
        transaction.commit();
        views.keep();
    }

    /** Runs a reducer that nobody waits for: a scheduled one, or one that a guest asked for. */
    void runUnheard(FunctionCall function, CallKind kind, Instance instance) {
        callCount++;
        switch (guest.reducer(CallType.SCHEDULED_REDUCER, instance, function, program, store, views)) {
            case GuestResult.Returned _ -> committedUnheard(guest.takeDelta(), function, kind);
            case GuestResult.UserError(String message) ->
                environment.say(Level.ERROR, function.functionName(), function.timestampMicros(), message);
            case GuestResult.Failed(String reason) ->
                environment.say(Level.ERROR, function.functionName(), function.timestampMicros(), reason);
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ -> {} // the log says so already
        }
    }

    /** Whether the row that is due next is one of a procedure, which needs no instance of this thread. */
    boolean isProcedureNext() {
        return schedule.nextFunctionName()
                .filter(name -> program.procedure(name) != null)
                .isPresent();
    }

    /** Takes the row that is due longest, if one is. It has to be fired. */
    @Nullable
    Due takeDue() {
        return schedule.takeDue(environment.clock().epochMicros());
    }

    /**
     * Runs the reducer of a row that is due.
     *
     * @return whether the guest ran
     */
    boolean fire(Due due, Instance instance) {
        return new ScheduledCall(this, environment, schedule, due).fire(instance);
    }

    /**
     * What a scheduled procedure is called with.
     *
     * @param isOneShot whether its row was deleted first, which has to be durable before it begins; else its row has an
     *     interval and has to be settled with {@link #settle} when it has ended
     */
    record ProcedureStart(FunctionCall call, boolean isOneShot) {}

    /** Settles the row of a procedure that is due; null if there is nothing to begin any more. */
    @Nullable
    ProcedureStart fireProcedure(Due due) {
        return new ScheduledCall(this, environment, schedule, due).settleFirst();
    }

    /** The row of an interval waits for its next tick, if it is still there: its procedure has ended. */
    void settle(Due due) {
        new ScheduledCall(this, environment, schedule, due).settleLast();
    }

    /** A call of a procedure that a guest asked for outside its transaction; null if there is none, or its bytes do not fit. */
    @Nullable
    FunctionCall procedureCallImmediately(Procedure procedure, Bytes arguments) {
        long now = environment.clock().epochMicros();
        try {
            Bytes checked = procedure.check(new Database.Arguments.Bsatn(arguments));
            return new FunctionCall(
                    procedure.id(), procedure.name(), environment.database(), ConnectionId.NONE, now, checked);
        } catch (BadArgumentsException e) {
            environment.say(Level.ERROR, procedure.name(), now, e.problem());
            return null;
        }
    }

    /** Runs a reducer that a guest asked for outside its transaction. */
    boolean callImmediately(String name, Bytes arguments, Instance instance) {
        Reducer reducer = program.reducer(name);
        long now = environment.clock().epochMicros();
        if (reducer == null || reducer.isLifecycle()) {
            environment.say(Level.ERROR, name, now, "no such reducer to call immediately: " + name);
            return false;
        }
        try {
            Bytes checked = reducer.check(new Database.Arguments.Bsatn(arguments));
            runUnheard(asDatabase(reducer, now, checked), CallKind.SCHEDULED_REDUCER, instance);
            return true;
        } catch (BadArgumentsException e) {
            environment.say(Level.ERROR, name, now, e.problem());
            return false;
        }
    }

    /** A call whose sender is the database itself. */
    FunctionCall asDatabase(Reducer reducer, long timestampMicros, Bytes arguments) {
        Identity sender = environment.database();
        return new FunctionCall(reducer.id(), reducer.name(), sender, ConnectionId.NONE, timestampMicros, arguments);
    }
}
