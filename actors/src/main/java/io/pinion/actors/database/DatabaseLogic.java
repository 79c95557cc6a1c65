package io.pinion.actors.database;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Command.CallReducer;
import io.pinion.actors.database.Database.Command.Query;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Reducer.BadArgumentsException;
import io.pinion.actors.durability.CommitSink;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.actors.durability.Pending;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.schedule.Due;
import io.pinion.actors.schedule.Schedule;
import io.pinion.actors.schedule.ScheduleReading;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.query.ChangePlan;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.MigrationBuild;
import io.pinion.store.tx.MigrationResult;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
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

    private final DatabaseEnvironment environment;
    private final CommitSink sink;
    private final GuestRun guest;
    private final RepeatedCalls repeated;
    private final int transactionBytesMax;

    private Program program;
    private Datastore store;
    private Schedule schedule;
    private @Nullable ScheduleReading unread;
    private long offset;
    private long callCount;
    private @Nullable Command inHand;

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
        this.sink = sink;
        this.guest = new GuestRun(environment);
        this.repeated = new RepeatedCalls(requests, environment.clock());
        this.transactionBytesMax = environment.settings().durability().transactionBytesMax();
        this.program = program;
        this.store = store;
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

    /** When {@link #fireDue} has something to do, microseconds since the Unix epoch, or {@link Schedule#NEVER}. */
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

    private Database.@Nullable Refusal admit(long deadline) {
        if (deadline != Database.NO_DEADLINE && environment.clock().nanoTime() - deadline >= 0) {
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
            refuse(call, new Database.NoSuchReducer(call.reducer(), message), message);
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
        GuestResult result = guest.reducer(CallType.REDUCER, instance, function, store);
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
        answer(call, entry, bytes, new Database.Committed(offset, guest.executionNanos()));
    }

    /** Answers what has the newest offset. */
    private void answer(CallReducer call, LogEntry entry, int bytes, CallOutcome outcome) {
        if (call.confirmed()) {
            handOver(new Answer<CallOutcome>(offset, entry, bytes, call.replyTo(), outcome, Outcomes.UNKNOWN));
        } else {
            sink.append(new Answer.Unheard(offset, entry, bytes));
            call.replyTo().tell(outcome);
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
        schedule.apply(delta, environment.clock().epochMicros());
        offset++;
    }

    /** Takes back a commit that nobody was told of. Values that its sequences gave out are skipped. */
    private void undo(Delta delta) {
        store.takeBack(delta);
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
        MigrationResult result = store.finishUpdate(build);
        if (result instanceof MigrationResult.Updated) {
            program = next;
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
        NEEDS_INSTANCE
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
        QueryRun run = new QueryRun(environment, guest, program, store, query);
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
        }
        if (run.hasGuestRun()) {
            callCount++;
            return QueryRan.WITH_GUEST;
        }
        return QueryRan.ALONE;
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
        if (query.confirmed()) {
            handOver(new Answer<QueryOutcome>(
                    offset, entry, bytes, query.replyTo(), outcome(changed), Outcomes.UNKNOWN));
        } else {
            sink.append(new Answer.Unheard(offset, entry, bytes));
            query.replyTo().tell(outcome(changed));
            inHand = null;
        }
    }

    private QueryOutcome outcome(QueryRun.Ran.Changed changed) {
        ChangePlan.Changes changes = changed.changes();
        return new Database.Changed(
                changes.inserted(), changes.deleted(), changes.updated(), offset, changed.executionNanos());
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
        if (delta.isEmpty()) {
            return;
        }
        int bytes = bytes(delta);
        if (bytes > transactionBytesMax) {
            undo(delta);
            environment.say(Level.ERROR, function.functionName(), function.timestampMicros(), tooLarge(bytes));
            return;
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
        sink.append(new Answer.Unheard(offset, entry, bytes));
    }

    /** Runs a reducer that nobody waits for: a scheduled one, or one that a guest asked for. */
    void runUnheard(FunctionCall function, CallKind kind, Instance instance) {
        callCount++;
        switch (guest.reducer(CallType.SCHEDULED_REDUCER, instance, function, store)) {
            case GuestResult.Returned _ -> committedUnheard(guest.takeDelta(), function, kind);
            case GuestResult.UserError(String message) ->
                environment.say(Level.ERROR, function.functionName(), function.timestampMicros(), message);
            case GuestResult.Failed(String reason) ->
                environment.say(Level.ERROR, function.functionName(), function.timestampMicros(), reason);
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ -> {} // the log says so already
        }
    }

    /**
     * Runs the function of the row that is due longest, if one is.
     *
     * @return whether the guest ran
     */
    boolean fireDue(Instance instance) {
        Due due = schedule.takeDue(environment.clock().epochMicros());
        return due != null && new ScheduledCall(this, environment, schedule, due).fire(instance);
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
