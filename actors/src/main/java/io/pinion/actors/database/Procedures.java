package io.pinion.actors.database;

import io.pinion.actors.database.ArgumentCheck.BadArgumentsException;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.HttpOutcome;
import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.actors.pool.InstancePool;
import io.pinion.actors.pool.Loan;
import io.pinion.actors.procedure.WriteLoan;
import io.pinion.actors.schedule.Due;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.Instance.HttpCall;
import io.pinion.modules.Instance.HttpResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.schema.ModuleDef.HttpHandlerDef;
import io.pinion.store.value.Bytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The procedures and HTTP handlers of a serving database: who waits for an instance, who runs, who may write. Belongs to
 * the database's actor; what runs, runs elsewhere.
 *
 * <p>Waiting in the mailbox → waiting for an instance: fewer than may run do. Waiting → running: an instance is there.
 * Running → ended: its thread is done, and the answer leaves in the order of commits. A row of a schedule table whose
 * procedure is due waits in the table until one may run; then it is deleted or waits for its next tick, and once that is
 * durable the procedure begins, so that it begins once at most. So does a call with a request id, once its entry in the log
 * is durable that says that it begins; calls that repeat it meanwhile wait for its outcome.
 */
final class Procedures {
    private final Cell cell;
    private final Lending lending;
    private final DatabaseLogic logic;
    private final int atOnceMax;
    private final ArrayDeque<ProcedureWork> waiting = new ArrayDeque<>();
    private final Set<ProcedureRun> running = new HashSet<>();
    private final ArrayDeque<Due> due = new ArrayDeque<>();
    /** Rows with an interval whose procedures have ended. */
    private final ArrayDeque<Due> ended = new ArrayDeque<>();

    private final JoinedCalls joined = new JoinedCalls();
    /** Calls that have a thread, and of which the log is to say that they begin. */
    private final ArrayDeque<RecordedStart> unrecorded = new ArrayDeque<>();

    private int aboutToBegin;
    private boolean isTurnOfDue;
    private @Nullable WriteLoan lent;

    Procedures(Cell cell, Lending lending, DatabaseLogic logic) {
        this.cell = cell;
        this.lending = lending;
        this.logic = logic;
        // One instance is always left for reducers.
        this.atOnceMax = Math.min(
                cell.settings().procedure().atOnceMax(), cell.settings().pool().max() - 1);
    }

    // Calls

    void call(Command.CallProcedure call, long arrivalMicros) {
        if (!call.requestId().isNone() && isRepeated(call)) {
            return;
        }
        Database.Refusal refusal = admit(call.deadlineNanos());
        if (refusal != null) {
            call.replyTo().tell(refusal);
            return;
        }
        Procedure procedure = logic.program().procedure(call.procedure());
        if (procedure == null || isHidden(procedure, call.caller())) {
            refuse(
                    call,
                    new Database.NoSuchProcedure(call.procedure(), "no such procedure: " + call.procedure()),
                    "no such procedure: " + call.procedure());
            return;
        }
        try {
            FunctionCall function = function(procedure, call, arrivalMicros);
            joined.begin(call);
            enqueue(new ProcedureWork.OfProcedure(procedure, function, call, null));
        } catch (BadArgumentsException e) {
            refuse(call, new Database.BadArguments(e.problem()), e.problem());
        }
    }

    /** Whether the call was sent before, and waits or runs. */
    boolean isUnderWay(Command.CallProcedure call) {
        return joined.contains(call);
    }

    /** Has a call wait with one that is under way, or answers it as that was, or may have been, before. */
    private boolean isRepeated(Command.CallProcedure call) {
        if (joined.join(call)) {
            return true;
        }
        ProcedureOutcome outcome = logic.repeated().outcome(call);
        if (outcome == null) {
            return false;
        }
        if (logic.isJournalBehind()) {
            call.replyTo().tell(Outcomes.JOURNAL_IS_BEHIND);
        } else {
            logic.answer(call.confirmed(), call.replyTo(), outcome, Outcomes.UNKNOWN, bytes(outcome));
        }
        return true;
    }

    private Database.@Nullable Refusal admit(long deadlineNanos) {
        Database.Refusal refusal = logic.admit(deadlineNanos);
        return refusal != null || atOnceMax > 0
                ? refusal
                : new Database.Unavailable("pinion.pool.max leaves no instance for procedures");
    }

    private boolean isHidden(Procedure procedure, Database.Caller caller) {
        return procedure.isPrivate() && !logic.program().isOwner(caller.identity());
    }

    private static FunctionCall function(Procedure procedure, Command.CallProcedure call, long arrivalMicros)
            throws BadArgumentsException {
        Bytes arguments = procedure.check(call.arguments());
        Database.Caller caller = call.caller();
        return new FunctionCall(
                procedure.id(), procedure.name(), caller.identity(), caller.connectionId(), arrivalMicros, arguments);
    }

    private void refuse(Command.CallProcedure call, ProcedureOutcome outcome, String message) {
        cell.environment()
                .say(Level.ERROR, call.procedure(), cell.services().clock().epochMicros(), message);
        logic.<ProcedureOutcome>answer(call.confirmed(), call.replyTo(), outcome, Outcomes.UNKNOWN, message.length());
    }

    void handle(Command.HandleHttp request, long arrivalMicros) {
        Database.Refusal refusal = admit(request.deadlineNanos());
        if (refusal != null) {
            request.replyTo().tell(refusal);
            return;
        }
        Optional<HttpHandlerDef> handler =
                logic.program().handler(request.request().method(), request.path());
        if (handler.isEmpty()) {
            request.replyTo().tell(new Database.NoSuchRoute());
            return;
        }
        HttpCall call = new HttpCall(handler.get().id(), handler.get().name(), arrivalMicros, request.request());
        enqueue(new ProcedureWork.OfHandler(call, request));
    }

    /** Runs a procedure whose caller does not wait: the guest, outside its own transaction. */
    void callUnheard(Procedure procedure, FunctionCall call) {
        ProcedureWork work = new ProcedureWork.OfProcedure(procedure, call, null, null);
        if (count() < atOnceMax) {
            enqueue(work);
        } else {
            refuse(work, Outcomes.PROCEDURES_ARE_BUSY, "as many procedures run already as may");
        }
    }

    private void enqueue(ProcedureWork work) {
        waiting.add(work);
        lending.borrowForProcedure(logic.program());
        fireNext();
    }

    /** Whether none runs, waits or is due. */
    boolean areIdle() {
        return count() == 0 && due.isEmpty() && ended.isEmpty() && lent == null;
    }

    private int count() {
        return waiting.size() + running.size() + aboutToBegin;
    }

    private void holdOrRelease() {
        if (count() < atOnceMax) {
            cell.admission().releaseProcedures();
        } else {
            cell.admission().holdProcedures();
        }
    }

    // Schedules

    /** A row is due whose function is a procedure: it begins now, or as soon as another ends. */
    void fire(Due row) {
        due.add(row);
        fireNext();
    }

    private void fireNext() {
        while (count() < atOnceMax && !due.isEmpty() && !isWriting()) {
            fireOne(due.remove());
        }
        holdOrRelease();
    }

    /** The actor may write again: what is due and had to wait for that begins. */
    void goOn() {
        settleEnded();
        recordStarts();
        fireNext();
    }

    private void fireOne(Due row) {
        DatabaseLogic.ProcedureStart start = logic.fireProcedure(row);
        if (start == null) {
            return;
        }
        if (start.isOneShot()) {
            aboutToBegin++;
            logic.whenDurable(() -> cell.self().tell(new Note.ProcedureDue(start.call())));
        } else {
            begin(start.call(), row);
        }
    }

    /** That the row of a one-shot procedure is gone is durable: it may begin. */
    void onDurable(FunctionCall call) {
        aboutToBegin--;
        begin(call, null);
    }

    private void begin(FunctionCall call, @Nullable Due interval) {
        Procedure procedure = logic.program().procedure(call.functionName());
        if (procedure == null) {
            cell.environment()
                    .say(Level.ERROR, call.functionName(), call.timestampMicros(), "it is no procedure any more");
            settle(interval);
            fireNext();
        } else {
            enqueue(new ProcedureWork.OfProcedure(procedure, call, null, interval));
        }
    }

    private void settle(ProcedureWork work) {
        if (work instanceof ProcedureWork.OfProcedure of) {
            settle(of.interval());
        }
    }

    /** As soon as the actor may touch the schedule. */
    private void settle(@Nullable Due interval) {
        if (interval != null) {
            ended.add(interval);
            settleEnded();
        }
    }

    private void settleEnded() {
        while (!isWriting() && !ended.isEmpty()) {
            logic.settle(ended.remove());
        }
    }

    // Instances

    void onPoolAnswer(InstancePool.Answer answer) {
        switch (answer) {
            case InstancePool.Answer.Lent(Loan loan) -> lent(loan);
            case InstancePool.Answer.Refused(String reason) -> refuseNext(reason);
        }
    }

    private void lent(Loan loan) {
        ProcedureWork next = waiting.peek();
        if (next == null || !lending.isCurrent(loan)) {
            lending.returnFromProcedure(loan, false);
            if (next != null) {
                lending.borrowForProcedure(logic.program());
            }
            return;
        }
        waiting.remove();
        ProcedureWork work = current(next);
        if (work == null) {
            settle(next);
            lending.returnFromProcedure(loan, false);
            fireNext();
            return;
        }
        start(loan, work);
    }

    /** What was found under another program is looked for again; null if it is not there or too late, and answered. */
    private @Nullable ProcedureWork current(ProcedureWork work) {
        if (logic.isTooLate(work.deadlineNanos())) {
            tell(work, Outcomes.DEADLINE_EXCEEDED);
            return null;
        }
        return switch (work) {
            case ProcedureWork.OfProcedure of -> current(of);
            case ProcedureWork.OfHandler(HttpCall call, Command.HandleHttp command) -> {
                HttpHandlerDef handler = logic.program()
                        .handler(command.request().method(), command.path())
                        .orElse(null);
                if (handler == null) {
                    command.replyTo().tell(new Database.NoSuchRoute());
                    yield null;
                }
                yield new ProcedureWork.OfHandler(
                        new HttpCall(handler.id(), handler.name(), call.timestampMicros(), call.request()), command);
            }
        };
    }

    private @Nullable ProcedureWork current(ProcedureWork.OfProcedure work) {
        FunctionCall call = work.call();
        Procedure now = logic.program().procedure(call.functionName());
        if (work.procedure().equals(now)) {
            return work;
        }
        String problem = "no such procedure any more: " + call.functionName();
        try {
            if (now != null) {
                Bytes arguments = now.check(new Database.Arguments.Bsatn(call.arguments()));
                FunctionCall again = new FunctionCall(
                        now.id(), now.name(), call.sender(), call.connectionId(), call.timestampMicros(), arguments);
                return new ProcedureWork.OfProcedure(now, again, work.command(), work.interval());
            }
        } catch (BadArgumentsException e) {
            problem = e.problem();
        }
        Database.NoSuchProcedure missing = new Database.NoSuchProcedure(call.functionName(), problem);
        callers(work).forEach(caller -> caller.replyTo().tell(missing));
        cell.environment().say(Level.ERROR, call.functionName(), call.timestampMicros(), problem);
        return null;
    }

    private void start(Loan loan, ProcedureWork work) {
        ProcedureRun run = new ProcedureRun(
                new ProcedureRun.Surroundings(
                        cell.environment(),
                        logic,
                        logic.program(),
                        cell.services().egress(),
                        cell.self()),
                loan,
                work);
        RecordedStart recorded = recorded(run, work);
        try {
            cell.services().procedureThreads().execute(recorded == null ? run : recorded);
            running.add(run);
            if (recorded != null) {
                unrecorded.add(recorded);
                recordStarts();
            }
        } catch (RejectedExecutionException e) {
            lending.returnFromProcedure(loan, false);
            refuse(work, Outcomes.PROCEDURES_ARE_BUSY, String.valueOf(e.getMessage()));
            fireNext();
        }
    }

    /** Null if nobody can call it a second time. */
    private static @Nullable RecordedStart recorded(ProcedureRun run, ProcedureWork work) {
        if (!(work instanceof ProcedureWork.OfProcedure of)) {
            return null;
        }
        Command.CallProcedure command = of.command();
        return command == null || command.requestId().isNone()
                ? null
                : new RecordedStart(run, RepeatedCalls.begun(command.requestId(), of.call()));
    }

    private void recordStarts() {
        while (!isWriting() && !unrecorded.isEmpty()) {
            logic.begin(unrecorded.remove());
        }
    }

    /** Answers whoever waits for it. */
    private void tell(ProcedureWork work, Database.Refusal refusal) {
        switch (work) {
            case ProcedureWork.OfProcedure of ->
                callers(of).forEach(caller -> caller.replyTo().tell(refusal));
            case ProcedureWork.OfHandler of -> of.command().replyTo().tell(refusal);
        }
    }

    /** Whoever waits for it, and does no longer. */
    private List<Command.CallProcedure> callers(ProcedureWork.OfProcedure work) {
        Command.CallProcedure first = work.command();
        if (first == null) {
            return List.of();
        }
        List<Command.CallProcedure> callers = new ArrayList<>(joined.end(first));
        callers.addFirst(first);
        return callers;
    }

    private void refuse(ProcedureWork work, Database.Refusal refusal, String reason) {
        tell(work, refusal);
        settle(work);
        cell.environment()
                .say(
                        Level.ERROR,
                        work.functionName(),
                        cell.services().clock().epochMicros(),
                        work.functionName() + " was not called: " + reason);
    }

    private void refuseNext(String reason) {
        ProcedureWork next = waiting.poll();
        if (next != null) {
            refuse(next, new Database.Unavailable(reason), reason);
            fireNext();
        }
    }

    /** The module cannot be loaded: nobody who waits for an instance gets one. */
    void refuseWaiting(String reason) {
        lending.forgetBorrowsForProcedures();
        ProcedureWork next = waiting.poll();
        while (next != null) {
            refuse(next, new Database.Unavailable(reason), reason);
            next = waiting.poll();
        }
        holdOrRelease();
    }

    // The right to write

    /** Whether somebody else may write now, so that the actor may touch neither the tables nor the logic. */
    boolean isWriting() {
        return lent != null;
    }

    void onWriteAsked(Note.WriteAsked asked) {
        if (!running.contains(asked.run()) || logic.isJournalBehind()) {
            asked.loan().refuse();
        } else if (asked.loan().grant()) {
            lent = asked.loan();
            cell.admission().onlyControlWhileLent(true);
        }
    }

    /** @return whether the actor may write again */
    boolean onWriteReturned(Note.WriteReturned returned) {
        if (!Objects.equals(lent, returned.loan())) {
            return false;
        }
        lent = null;
        cell.admission().onlyControlWhileLent(false);
        return true;
    }

    // Ends

    void onEnded(ProcedureRun run) {
        if (!running.remove(run)) {
            return;
        }
        lending.returnFromProcedure(run.loan(), run.isInstanceBroken());
        settle(run.work());
        switch (run.work()) {
            case ProcedureWork.OfProcedure work -> answer(run, work);
            case ProcedureWork.OfHandler work -> answer(run, work);
        }
        // Callers and schedules take turns where both wait.
        isTurnOfDue = !isTurnOfDue;
        if (isTurnOfDue || !cell.admission().hasWaitingProcedures()) {
            fireNext();
        }
        holdOrRelease();
    }

    private void answer(ProcedureRun run, ProcedureWork.OfProcedure work) {
        Command.CallProcedure command = work.command();
        if (command == null) {
            logEnd(run, work);
            return;
        }
        LogEntry end = command.requestId().isNone() ? null : end(run, work, command.requestId());
        ProcedureOutcome outcome = run.result() instanceof GuestResult.Returned(Bytes value)
                ? new Database.Returned(
                        work.procedure().returnType(),
                        value,
                        logic.offset(),
                        work.call().timestampMicros(),
                        run.executionNanos())
                : failure(run);
        int bytes = bytes(outcome);
        List<Command.CallProcedure> again = joined.end(command);
        if (end == null) {
            logic.answer(command.confirmed(), command.replyTo(), outcome, Outcomes.UNKNOWN, bytes);
        } else {
            logic.answer(end, command.confirmed(), command.replyTo(), outcome, Outcomes.UNKNOWN, 2 * bytes);
        }
        again.forEach(call -> logic.answer(call.confirmed(), call.replyTo(), outcome, Outcomes.UNKNOWN, bytes));
    }

    /** The entry that keeps how it ended for whoever repeats the call; it has the newest offset. */
    private LogEntry end(ProcedureRun run, ProcedureWork.OfProcedure work, Database.RequestId id) {
        FunctionCall function = work.call();
        RepeatedCalls repeated = logic.repeated();
        if (run.result() instanceof GuestResult.Returned(Bytes value)) {
            LogEntry.ReturnValue returned =
                    new LogEntry.ReturnValue(work.procedure().returnType(), value);
            return logic.ended(repeated.returned(id, function, returned));
        }
        String reason = reason(run.result());
        return logic.ended(
                reason == null
                        ? repeated.failed(id, function, RepeatedCalls.stopped(run.limit()), "")
                        : repeated.failed(id, function, CallResult.FAILED, reason));
    }

    /** About what the answer holds in memory. */
    private static int bytes(ProcedureOutcome outcome) {
        return switch (outcome) {
            case Database.Returned returned -> returned.value().length();
            case Database.Failed failed -> failed.reason().length();
            default -> 0;
        };
    }

    private void logEnd(ProcedureRun run, ProcedureWork.OfProcedure work) {
        String reason = run.result() instanceof GuestResult.Returned ? null : reason(run.result());
        if (reason != null) {
            cell.environment().say(Level.ERROR, work.functionName(), work.call().timestampMicros(), reason);
        }
    }

    private void answer(ProcedureRun run, ProcedureWork.OfHandler work) {
        HttpOutcome outcome = run.handled() instanceof HttpResult.Answered(var response)
                ? new Database.Answered(response)
                : handlerFailure(run);
        int bytes = outcome instanceof Database.Answered answered
                ? answered.response().body().length()
                : 0;
        logic.answer(true, work.command().replyTo(), outcome, Outcomes.UNKNOWN, bytes);
    }

    private ProcedureOutcome failure(ProcedureRun run) {
        String reason = reason(run.result());
        return reason == null ? stopped(run) : new Database.Failed(reason, logic.offset(), run.executionNanos());
    }

    private HttpOutcome handlerFailure(ProcedureRun run) {
        String reason = reason(run.result());
        return reason == null ? stopped(run) : new Database.Failed(reason, logic.offset(), run.executionNanos());
    }

    /** Null if it was stopped. */
    private static @Nullable String reason(GuestResult result) {
        return switch (result) {
            case GuestResult.Failed(String reason) -> reason;
            case GuestResult.UserError(String message) -> message;
            case GuestResult.Returned _ -> "it returned nothing that makes sense";
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ -> null;
        };
    }

    private Database.Stopped stopped(ProcedureRun run) {
        Limit limit = Objects.requireNonNullElse(run.limit(), Limit.TIME_LIMIT);
        return new Database.Stopped(limit, logic.offset(), run.executionNanos());
    }

    /**
     * The database fences or ends: nothing is written any more, whoever waits is told, and what became of what runs is not
     * known to anybody. Waits for a commit that has begun, which takes no longer than the store does.
     */
    void end(Database.Refusal refusal) {
        WriteLoan held = lent;
        if (held != null) {
            held.revoke();
            lent = null;
            cell.admission().onlyControlWhileLent(false);
        }
        waiting.forEach(work -> tell(work, refusal));
        waiting.clear();
        due.clear();
        unrecorded.forEach(RecordedStart::giveUp);
        unrecorded.clear();
        List<ProcedureRun> cancelled = List.copyOf(running);
        running.clear();
        cancelled.forEach(run -> {
            tell(run.work(), Outcomes.UNKNOWN);
            cell.cancel(run);
        });
        cell.admission().refuseWaitingProcedures(refusal);
        cell.admission().releaseProcedures();
    }
}
