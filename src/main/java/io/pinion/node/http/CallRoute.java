package io.pinion.node.http;

import io.pinion.actors.database.Database;
import io.pinion.node.auth.Credentials;
import io.pinion.node.http.Route.Access;
import io.pinion.node.ws.Refusals;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Calls of functions. The answer comes when the call is durable, or at commit where {@code confirmed=false}. */
final class CallRoute {
    /** The database answers a missed deadline itself; only a database that is gone does not. */
    private static final Duration ANSWER_ALLOWANCE = Duration.ofSeconds(5);

    private static final String FAILED_PROCEDURE = "The procedure failed: ";
    /** Names the call, which is carried out once however often it is sent: see {@link Database.RequestId}. */
    private static final String REQUEST_ID = "Pinion-Request-Id";

    private final Databases databases;

    CallRoute(Databases databases) {
        this.databases = databases;
    }

    List<Route> routes() {
        return List.of(Route.post("/v1/database/{db}/call/{function}", Access.ANONYMOUS, this::call));
    }

    private HttpResponse call(Exchange exchange) {
        requireJson(exchange);
        Database.RequestId requestId = requestId(exchange);
        boolean confirmed = exchange.query().flag("confirmed", true);
        Identity database = databases.resolve(exchange);
        String function = exchange.pathParameter("function");
        Database.Arguments arguments = new Database.Arguments.Json(
                exchange.textBody(databases.settings().bodyBytesMax()));
        Database.Caller caller = requestId.isNone() ? caller(exchange) : caller(exchange, requestId);
        Duration timeout = databases.settings().callTimeout();
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        Database.CallOutcome outcome = this.databases.<Database.CallOutcome>ask(
                database,
                replyTo -> new Database.Command.CallReducer(
                        function, arguments, caller, requestId, confirmed, deadlineNanos, replyTo),
                timeout.plus(ANSWER_ALLOWANCE));
        if (!(outcome instanceof Database.NoSuchReducer missing)) {
            return answer(outcome, function, database);
        }
        Database.ProcedureOutcome procedure = this.databases.<Database.ProcedureOutcome>ask(
                database,
                replyTo -> new Database.Command.CallProcedure(
                        function, arguments, caller, requestId, confirmed, deadlineNanos, replyTo),
                databases.settings().procedureTimeout());
        return answer(procedure, function, missing, database);
    }

    /** An id is its caller's, so that it says nothing of whoever has another identity with each request. */
    private static Database.RequestId requestId(Exchange exchange) {
        String text = exchange.header(REQUEST_ID).orElse("");
        if (text.isEmpty()) {
            return Database.RequestId.NONE;
        }
        if (exchange.isNewcomer()) {
            throw HttpRefusal.of(401, REQUEST_ID + " needs a token: send it as Authorization: Bearer TOKEN");
        }
        try {
            return Database.RequestId.parse(text.strip());
        } catch (IllegalArgumentException e) {
            throw HttpRefusal.of(400, REQUEST_ID + ": " + e.getMessage());
        }
    }

    /** Every request is a connection of its own, that ends with it. */
    static Database.Caller caller(Exchange exchange) {
        Credentials credentials = exchange.credentials();
        return new Database.Caller(credentials.identity(), ConnectionId.random(), credentials.claims());
    }

    /** One that is repeated is the same connection. Nobody else can have it: it follows from the caller, too. */
    private static Database.Caller caller(Exchange exchange, Database.RequestId requestId) {
        Credentials credentials = exchange.credentials();
        BsatnReader hash = new BsatnReader(Hashes.blake3(new BsatnWriter(64)
                .writeIdentity(credentials.identity())
                .writeLong(requestId.high())
                .writeLong(requestId.low())
                .toBytes()));
        return new Database.Caller(credentials.identity(), hash.readConnectionId(), credentials.claims());
    }

    private static void requireJson(Exchange exchange) {
        String contentType = exchange.contentType()
                .orElseThrow(() -> HttpRefusal.of(400, "the header Content-Type: application/json is missing"));
        String mediaType = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!mediaType.equals("application/json")) {
            throw HttpRefusal.of(415, "Content-Type has to be application/json, not " + contentType);
        }
    }

    private static HttpResponse answer(Database.CallOutcome outcome, String function, Identity database) {
        return switch (outcome) {
            case Database.Committed committed -> ran(Answers.empty(200), committed.executionNanos());
            case Database.CommittedForClient forClient ->
                ran(Answers.empty(200), forClient.committed().executionNanos());
            case Database.Rejected rejected ->
                ran(Answers.text(Answers.MODULE_ERROR, rejected.message()), rejected.executionNanos());
            case Database.Failed failed ->
                ran(Answers.text(Answers.MODULE_ERROR, failed.reason()), failed.executionNanos());
            case Database.Stopped stopped ->
                ran(
                        Answers.text(Answers.MODULE_ERROR, Refusals.text(stopped.limit(), function)),
                        stopped.executionNanos());
            case Database.NoSuchReducer missing -> Answers.text(404, missingText(missing));
            case Database.NotCallable(String message) -> Answers.text(400, message);
            case Database.BadArguments(String message) ->
                Answers.text(400, prefixed("invalid arguments for reducer " + function + ": ", message));
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    /** @param noReducer what was said of a reducer of that name, which is the better answer where there is neither */
    private static HttpResponse answer(
            Database.ProcedureOutcome outcome, String function, Database.NoSuchReducer noReducer, Identity database) {
        return switch (outcome) {
            case Database.Returned returned ->
                Answers.withDuration(Answers.json(ProcedureJson.of(returned)), returned.executionNanos());
            case Database.ResultNotKept _ ->
                Answers.text(
                        410,
                        "the procedure returned when this call was sent first; what it returned was too large to be kept"
                                + " for a repetition");
            case Database.Failed failed ->
                Answers.withDuration(Answers.text(500, FAILED_PROCEDURE + failed.reason()), failed.executionNanos());
            case Database.Stopped stopped ->
                Answers.withDuration(
                        Answers.text(500, FAILED_PROCEDURE + Refusals.text(stopped.limit(), function)),
                        stopped.executionNanos());
            case Database.NoSuchProcedure _ -> Answers.text(404, missingText(noReducer));
            case Database.BadArguments(String message) ->
                Answers.text(400, prefixed("invalid arguments for procedure " + function + ": ", message));
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    /** Energy is not metered here; clients read the header all the same. */
    private static HttpResponse ran(HttpResponse response, long executionNanos) {
        return Answers.withDuration(response, executionNanos).addHeader(RawHeader.create("spacetime-energy-used", "0"));
    }

    /** Clients match the first words. */
    private static String missingText(Database.NoSuchReducer missing) {
        return missing.message().isEmpty()
                ? "no such procedure: " + missing.reducer()
                : prefixed("no such procedure: ", missing.message());
    }

    private static String prefixed(String prefix, String message) {
        boolean isPrefixed = message.startsWith(prefix) || message.startsWith(prefix.substring(0, prefix.length() - 2));
        return isPrefixed ? message : prefix + message;
    }
}
