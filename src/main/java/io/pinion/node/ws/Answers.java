package io.pinion.node.ws;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.node.ws.ServerMessage.Call;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.node.ws.ServerMessage.Status;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a database says, as messages to the client of one connection. Immutable. */
final class Answers {
    private final Connection connection;

    Answers(Connection connection) {
        this.connection = connection;
    }

    ServerMessage greeting() {
        return new ServerMessage.Greeting(
                connection.caller().identity(), connection.caller().connectionId(), connection.token());
    }

    /** @param requestId of the client; null for what answers no request */
    static ServerMessage of(@Nullable Integer requestId, Client.Delivery delivery) {
        int id = requestId == null ? 0 : requestId;
        return switch (delivery) {
            case Client.Applied(int _, int setId, var kind, var rows, long _, long nanos) ->
                new ServerMessage.SubscribeApplied(id, setId, kind, rows, micros(nanos));
            case Client.Dropped(int _, int setId, var kind, var rows, long nanos) ->
                new ServerMessage.UnsubscribeApplied(id, setId, kind, rows, micros(nanos));
            case Client.NotSubscribed(var _, var setId, String reason) ->
                new ServerMessage.SubscriptionError(requestId, setId, reason, 0);
            case Client.Result(int _, Bytes messageId, var error, var rows, long nanos) ->
                new ServerMessage.OneOffResult(id, messageId, error, rows, micros(nanos));
            default -> throw new IllegalArgumentException("no answer: " + delivery);
        };
    }

    /** @param hidesCalls whether the module is of a kind that does not show its calls to others */
    ServerMessage update(Client.Cause cause, List<SetChanges> sets, boolean hidesCalls) {
        boolean isLight = connection.isLight() || hidesCalls;
        Client.Details details = isLight ? null : cause.details();
        Call call = new Call(
                cause.caller(),
                cause.connectionId(),
                cause.function(),
                details == null ? Call.UNKNOWN_REDUCER : details.reducerId(),
                details == null ? new Arguments.Bsatn(Bytes.EMPTY) : arguments(details),
                cause.clientNumber(),
                cause.timestampMicros(),
                details == null ? 0 : micros(details.executionNanos()));
        return new ServerMessage.TransactionUpdate(call, isLight, sets);
    }

    /** As the client's protocol spells them. */
    private Arguments arguments(Client.Details details) {
        if (!connection.protocol().isText()) {
            return new Arguments.Bsatn(details.arguments());
        }
        AlgebraicType parameters = TypeCodec.read(new BsatnReader(details.parameters()));
        return new Arguments.Json(
                SatsJson.toJson(Spelling.POSITIONAL, Typespace.EMPTY, parameters, details.arguments()));
    }

    /**
     * A caller who wants no result gets the rows as everybody else does, and else nothing.
     *
     * @param outcome null if none came in time
     */
    Optional<ServerMessage> of(
            ClientMessage.CallReducer call, Database.@Nullable CallOutcome outcome, boolean hidesCalls) {
        return switch (outcome) {
            case null -> result(call, 0, new Outcome.Failed(noAnswer(call.reducer())));
            case Database.Committed committed ->
                result(call, committed.executionNanos(), new Outcome.Committed(List.of()));
            case Database.CommittedForClient(var committed, Client.Cause cause, var sets) ->
                call.isQuiet()
                        ? Optional.of(update(cause, sets, hidesCalls))
                        : Optional.of(committed(call, committed, cause, sets));
            case Database.Rejected rejected ->
                result(call, rejected.executionNanos(), new Outcome.Rejected(rejected.message()));
            case Database.Failed failed -> result(call, failed.executionNanos(), new Outcome.Failed(failed.reason()));
            case Database.Stopped stopped ->
                result(
                        call,
                        stopped.executionNanos(),
                        new Outcome.Failed(Refusals.text(stopped.limit(), call.reducer())));
            case Database.NoSuchReducer missing -> notStarted(call, missing.message());
            case Database.NotCallable(String message) -> notStarted(call, message);
            case Database.BadArguments(String message) -> notStarted(call, message);
            case Database.Refusal refusal -> notStarted(call, Refusals.text(refusal));
        };
    }

    private ServerMessage committed(
            ClientMessage.CallReducer call, Database.Committed committed, Client.Cause cause, List<SetChanges> sets) {
        Client.Details details = cause.details();
        int reducerId = details == null ? Call.UNKNOWN_REDUCER : details.reducerId();
        return new ServerMessage.ReducerResult(
                called(call, reducerId, cause.timestampMicros(), committed.executionNanos()),
                new Outcome.Committed(sets));
    }

    private Optional<ServerMessage> result(ClientMessage.CallReducer call, long executionNanos, Outcome outcome) {
        return call.isQuiet()
                ? Optional.empty()
                : Optional.of(new ServerMessage.ReducerResult(
                        called(call, Call.UNKNOWN_REDUCER, now(), executionNanos), outcome));
    }

    /** In v1 the answer to a call that never started does not say which call it was. */
    private Optional<ServerMessage> notStarted(ClientMessage.CallReducer call, String message) {
        if (!connection.protocol().isV1()) {
            return result(call, 0, new Outcome.Failed(message));
        }
        Call unknown = new Call(
                connection.caller().identity(),
                connection.caller().connectionId(),
                call.reducer(),
                Call.UNKNOWN_REDUCER,
                new Arguments.Bsatn(Bytes.EMPTY),
                0,
                now(),
                0);
        return Optional.of(new ServerMessage.ReducerResult(unknown, new Outcome.Failed(message)));
    }

    private Call called(ClientMessage.CallReducer call, int reducerId, long timestampMicros, long executionNanos) {
        return new Call(
                connection.caller().identity(),
                connection.caller().connectionId(),
                call.reducer(),
                reducerId,
                call.arguments(),
                call.requestId(),
                timestampMicros,
                micros(executionNanos));
    }

    /** @param outcome null if none came in time */
    static ServerMessage of(ClientMessage.CallProcedure call, Database.@Nullable ProcedureOutcome outcome) {
        return switch (outcome) {
            case null -> failed(call, noAnswer(call.procedure()));
            case Database.Returned returned ->
                new ServerMessage.ProcedureResult(
                        call.requestId(),
                        new Status.Returned(returned.returnType(), returned.value()),
                        returned.startMicros(),
                        micros(returned.executionNanos()));
            case Database.ResultNotKept _ -> throw new IllegalStateException("its call had no request id");
            case Database.Failed failed -> failed(call, failed.reason());
            case Database.Stopped stopped -> failed(call, Refusals.text(stopped.limit(), call.procedure()));
            case Database.NoSuchProcedure missing -> failed(call, missing.message());
            case Database.BadArguments(String message) -> failed(call, message);
            case Database.Refusal refusal -> failed(call, Refusals.text(refusal));
        };
    }

    private static ServerMessage failed(ClientMessage.CallProcedure call, String message) {
        return new ServerMessage.ProcedureResult(call.requestId(), new Status.Failed(message), 0, 0);
    }

    private static String noAnswer(String function) {
        return "the database did not answer in time; whether " + function + " was carried out is not known";
    }

    private static long now() {
        return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }
}
