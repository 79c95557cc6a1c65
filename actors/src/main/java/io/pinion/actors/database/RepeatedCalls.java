package io.pinion.actors.database;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command.CallReducer;
import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.durability.AnsweredCall;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.store.value.Identity;
import java.time.Duration;
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

    RepeatedCalls(RequestWindow window, Clock clock) {
        this.window = window;
        this.clock = clock;
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
        if (found != null) {
            return Outcomes.of(found.result(), found.message(), found.offset(), 0);
        }
        long nowMicros = clock.epochMicros();
        if (window.mayBeForgotten(caller, id.high(), nowMicros)) {
            return Outcomes.UNKNOWN;
        }
        long aheadMillis = id.epochMillis() - TimeUnit.MICROSECONDS.toMillis(nowMicros);
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
        return new LogEntry.Answered(
                function.timestampMicros(),
                function.sender(),
                function.connectionId(),
                id.high(),
                id.low(),
                CallKind.REDUCER,
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
