package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Refusal;
import io.pinion.actors.durability.LogEntry.CallResult;
import java.time.Duration;
import java.util.List;

/** Answers that are the same for every caller. */
final class Outcomes {
    static final Database.OutcomeUnknown UNKNOWN = new Database.OutcomeUnknown();
    static final Database.NoSuchModule NO_SUCH_MODULE = new Database.NoSuchModule();
    /** Nothing is known for certain before its end is durable. */
    static final Database.Unavailable ENDS = new Database.Unavailable("the database is being deleted");

    static final Database.Moved MOVED = new Database.Moved();
    static final Database.DeadlineExceeded DEADLINE_EXCEEDED = new Database.DeadlineExceeded();

    /** About the time in which a journal that works makes room again. */
    static final Database.Overloaded JOURNAL_IS_BEHIND = new Database.Overloaded(Duration.ofMillis(100));

    static final Database.Overloaded ANOTHER_CAME = new Database.Overloaded(Duration.ofSeconds(1));

    static final Database.NotTruncated NOT_DAMAGED =
            new Database.NotTruncated("the log of the database is not damaged");

    static final Database.AlreadyExists ALREADY_EXISTS = new Database.AlreadyExists();

    /** As many copies of databases come and go as this node allows. */
    static final Database.Overloaded TRANSFERS_ARE_BUSY = new Database.Overloaded(Duration.ofSeconds(10));

    static final Database.Overloaded PROCEDURES_ARE_BUSY = new Database.Overloaded(Duration.ofSeconds(1));

    static final Database.Overloaded WORKERS_ARE_BUSY = new Database.Overloaded(Duration.ofSeconds(1));

    static final Database.Unavailable TOO_MANY_FOLLOWERS =
            new Database.Unavailable("its log has as many followers as it may have (pinion.log.followers-max)");

    private Outcomes() {}

    /** What a call that ran and changed nothing but its offset is answered, at first and when it is repeated. */
    static Database.CallOutcome of(CallResult result, String message, long offset, long executionNanos) {
        return switch (result) {
            case COMMITTED -> new Database.Committed(offset, executionNanos);
            case REJECTED -> new Database.Rejected(message, offset, executionNanos);
            case FAILED -> new Database.Failed(message, offset, executionNanos);
            case STOPPED_BY_TIME -> new Database.Stopped(Database.Limit.TIME_LIMIT, offset, executionNanos);
            case STOPPED_BY_MEMORY -> new Database.Stopped(Database.Limit.MEMORY_LIMIT, offset, executionNanos);
        };
    }

    /** As {@link #of}, for a procedure that has ended badly. */
    static Database.ProcedureOutcome ofProcedure(CallResult result, String message, long offset, long executionNanos) {
        return switch (result) {
            case COMMITTED, REJECTED, FAILED -> new Database.Failed(message, offset, executionNanos);
            case STOPPED_BY_TIME -> new Database.Stopped(Database.Limit.TIME_LIMIT, offset, executionNanos);
            case STOPPED_BY_MEMORY -> new Database.Stopped(Database.Limit.MEMORY_LIMIT, offset, executionNanos);
        };
    }

    /** Answers any command with a refusal; what goes first has no answer. */
    static void refuse(Command command, Refusal refusal) {
        switch (command) {
            case Command.CallReducer call -> call.replyTo().tell(refusal);
            case Command.CallProcedure call -> call.replyTo().tell(refusal);
            case Command.HandleHttp request -> request.replyTo().tell(refusal);
            case Command.Query query -> query.replyTo().tell(refusal);
            case Command.ForClient(Client.Request request) -> refuse(request, refusal);
            case Command.Describe describe -> describe.replyTo().tell(refusal);
            case Command.Publish publish -> publish.replyTo().tell(refusal);
            case Command.PlanPublish plan -> plan.replyTo().tell(refusal);
            case Command.ReadLog read -> read.replyTo().tell(refusal);
            case Command.FollowLog follow -> follow.replyTo().tell(refusal);
            case Command.Delete delete -> delete.replyTo().tell(refusal);
            case Command.TruncateLog truncate -> truncate.replyTo().tell(refusal);
            case Command.Download download -> download.replyTo().tell(refusal);
            case Command.Restore restore -> restore.replyTo().tell(refusal);
            case Command.TakeSnapshot take -> take.replyTo().tell(refusal);
            case Command.Order order -> order.replyTo().tell(refusal);
            case Command.Locate locate -> locate.replyTo().tell(refusal);
            case Command.Rebind _, Command.SetWeight _, Command.Stop _ -> {}
        }
    }

    /** A connection whose database moves hears of that by itself, and asks again where it went. */
    private static void refuse(Client.Request request, Refusal refusal) {
        String reason = "the database cannot serve this now: " + refusal;
        boolean isMoving = refusal instanceof Database.Moved;
        switch (request) {
            case Client.Open open ->
                open.client().tell(isMoving ? Client.Moving.UNSETTLED : new Client.Refused(reason));
            case Client.Resume resume -> {
                boolean isOver = refusal instanceof Database.NoSuchModule;
                resume.client().tell(isOver ? new Client.Refused(reason) : Client.Moving.UNSETTLED);
            }
            case Client.Subscribe _, Client.Unsubscribe _, Client.Ask _ when isMoving -> {}
            case Client.Subscribe subscribe ->
                subscribe.client().tell(new Client.NotSubscribed(subscribe.requestId(), subscribe.setId(), reason));
            case Client.Unsubscribe unsubscribe ->
                unsubscribe
                        .client()
                        .tell(new Client.NotSubscribed(unsubscribe.requestId(), unsubscribe.setId(), reason));
            case Client.Ask ask ->
                ask.client().tell(new Client.Result(ask.requestId(), ask.messageId(), reason, List.of(), 0));
        }
    }
}
