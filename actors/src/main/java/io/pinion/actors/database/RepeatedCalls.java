package io.pinion.actors.database;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command.CallProcedure;
import io.pinion.actors.database.Database.Command.CallReducer;
import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.durability.AnsweredCall;
import io.pinion.actors.durability.CallFate;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.actors.durability.LogEntry.ReturnValue;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sees to it that a call with a request id runs once, however often it is sent. Used by one thread at a time. */
final class RepeatedCalls {
    /** How far the clock of a caller may be ahead of this one. */
    private static final Duration AHEAD_MAX = Duration.ofMinutes(1);

    /** Of a longer message a repeated call is told the beginning. */
    private static final int MESSAGE_LENGTH_MAX = 4096;

    private final RequestWindow window;
    private final Clock clock;
    private final int resultBytesMax;

    /** @param resultBytesMax of what a procedure returned, beyond which it is not kept */
    RepeatedCalls(RequestWindow window, Clock clock, int resultBytesMax) {
        this.window = window;
        this.clock = clock;
        this.resultBytesMax = resultBytesMax;
    }

    RequestWindow window() {
        return window;
    }

    /** What a call with an id is answered without being run; null if it is to be run. */
    @Nullable
    CallOutcome outcome(CallReducer call) {
        RequestId id = call.requestId();
        Identity caller = call.caller().identity();
        AnsweredCall found = window.find(caller, id.high(), id.low());
        if (found == null) {
            return mayBeForgotten(caller, id) ? Outcomes.UNKNOWN : refusal(id);
        }
        return switch (found.fate()) {
            case CallFate.Reducer(CallResult result, String message) -> Outcomes.of(result, message, found.offset(), 0);
            case CallFate.Begun _, CallFate.ProcedureFailed _, CallFate.ProcedureReturned _ ->
                new Database.NoSuchReducer(call.reducer(), "the request id " + id + " names a call of a procedure");
        };
    }

    /** What a call with an id that is not under way is answered without being run; null if it is to be run. */
    @Nullable
    ProcedureOutcome outcome(CallProcedure call) {
        RequestId id = call.requestId();
        Identity caller = call.caller().identity();
        AnsweredCall found = window.find(caller, id.high(), id.low());
        if (found == null) {
            return mayBeForgotten(caller, id) ? Outcomes.UNKNOWN : refusal(id);
        }
        return switch (found.fate()) {
            case CallFate.Reducer _ ->
                new Database.NoSuchProcedure(call.procedure(), "the request id " + id + " names a call of a reducer");
            case CallFate.Begun _ -> Outcomes.UNKNOWN;
            case CallFate.ProcedureFailed(CallResult result, String message) ->
                Outcomes.ofProcedure(result, message, found.offset(), 0);
            case CallFate.ProcedureReturned(long startMicros, var value) ->
                value.<ProcedureOutcome>map(kept ->
                                new Database.Returned(kept.type(), kept.value(), found.offset(), startMicros, 0))
                        .orElseGet(() -> new Database.ResultNotKept(found.offset(), startMicros));
        };
    }

    /** Whether a call is answered without being run, for its id alone. */
    boolean isRepeated(Identity caller, RequestId id) {
        return !id.isNone() && (window.find(caller, id.high(), id.low()) != null || mayBeForgotten(caller, id));
    }

    private boolean mayBeForgotten(Identity caller, RequestId id) {
        return window.mayBeForgotten(caller, id.high(), clock.epochMicros());
    }

    /** Says what is wrong with an id that is new; null if nothing is. */
    private Database.@Nullable BadArguments refusal(RequestId id) {
        long aheadMillis = id.epochMillis() - TimeUnit.MICROSECONDS.toMillis(clock.epochMicros());
        return aheadMillis <= AHEAD_MAX.toMillis()
                ? null
                : new Database.BadArguments("the request id " + id + " was made " + Duration.ofMillis(aheadMillis)
                        + " ahead of the clock of this node; " + AHEAD_MAX + " is the most");
    }

    /** How a call ended that a limit has stopped: the time, if that is not known. */
    static CallResult stopped(@Nullable Limit limit) {
        return limit == Limit.MEMORY_LIMIT ? CallResult.STOPPED_BY_MEMORY : CallResult.STOPPED_BY_TIME;
    }

    /** The entry of a call that changed nothing. */
    static LogEntry.Answered unchanged(RequestId id, FunctionCall function, CallResult result, String message) {
        return answered(id, function, function.timestampMicros(), CallKind.REDUCER, result, message);
    }

    /** The entry of a procedure that is about to begin. */
    static LogEntry.ProcedureBegun begun(RequestId id, FunctionCall function) {
        return new LogEntry.ProcedureBegun(
                function.timestampMicros(),
                function.sender(),
                function.connectionId(),
                id.high(),
                id.low(),
                function.functionName());
    }

    /** The entry of a procedure that has ended badly. */
    LogEntry.Answered failed(RequestId id, FunctionCall function, CallResult result, String message) {
        return answered(id, function, clock.epochMicros(), CallKind.PROCEDURE, result, message);
    }

    /** The entry of a procedure that has returned. */
    LogEntry.ProcedureReturned returned(RequestId id, FunctionCall function, ReturnValue value) {
        return new LogEntry.ProcedureReturned(
                clock.epochMicros(),
                function.sender(),
                function.connectionId(),
                id.high(),
                id.low(),
                function.functionName(),
                function.timestampMicros(),
                Optional.of(value).filter(whole -> whole.bytes() <= resultBytesMax));
    }

    private static LogEntry.Answered answered(
            RequestId id,
            FunctionCall function,
            long timestampMicros,
            CallKind kind,
            CallResult result,
            String message) {
        return new LogEntry.Answered(
                timestampMicros,
                function.sender(),
                function.connectionId(),
                id.high(),
                id.low(),
                kind,
                result,
                function.functionName(),
                beginning(message));
    }

    /** Not in the middle of a character. */
    private static String beginning(String message) {
        if (message.length() <= MESSAGE_LENGTH_MAX) {
            return message;
        }
        int end = Character.isHighSurrogate(message.charAt(MESSAGE_LENGTH_MAX - 1))
                ? MESSAGE_LENGTH_MAX - 1
                : MESSAGE_LENGTH_MAX;
        return message.substring(0, end);
    }
}
