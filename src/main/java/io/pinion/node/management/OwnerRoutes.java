package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.database.Database;
import io.pinion.node.http.Answers;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.HttpRefusal;
import io.pinion.node.http.QueryString;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * How one database is, and what its owner may do about it, on whatever node it is. For owners and operators alone, but where
 * the configuration opens reads.
 */
final class OwnerRoutes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int WAKE_MILLIS = 1000;
    /** As {@code DatabaseState.Phase} is written. */
    private static final String OTHER = "other";

    private final Databases databases;
    private final Operators operators;
    private final Nodes nodes;

    OwnerRoutes(Databases databases, Operators operators, Nodes nodes) {
        this.databases = databases;
        this.operators = operators;
        this.nodes = nodes;
    }

    List<Route> routes() {
        Access reading = operators.settings().openReads() ? Access.OPEN : Access.REQUIRED;
        return List.of(
                Route.get("/pinion/databases/{db}", reading, this::show),
                Route.post("/pinion/databases/{db}/truncate-log", Access.REQUIRED, this::truncate)
                        .audited(),
                Route.post("/pinion/databases/{db}/snapshot", Access.REQUIRED, this::snapshot)
                        .audited());
    }

    private HttpResponse show(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        if (!operators.settings().openReads()) {
            operators.requireOwner(exchange, database, "view database status");
        }
        ObjectNode body = find(database);
        ArrayNode names = body.putArray("names");
        Databases.await(databases.host().names(database)).forEach(names::add);
        ArrayNode snapshots = body.putArray("snapshots");
        Databases.await(databases.host().snapshots(database))
                .forEach(snapshot -> snapshots.add(DatabaseJson.of(snapshot)));
        return Answers.json(body);
    }

    /** A database comes into memory when it is asked for; one that recovers for long does not answer that. */
    private ObjectNode find(Identity database) {
        Optional<ObjectNode> found = look(database);
        if (found.isPresent()
                && (!found.get().path("state").asText().equals(OTHER)
                        || found.get().has("restore"))) {
            return found.get();
        }
        CompletableFuture<Database.DescribeOutcome> asked = databases
                .host()
                .database(database)
                .<Database.DescribeOutcome>ask(
                        Database.Command.Describe::new, databases.settings().queryTimeout())
                .toCompletableFuture()
                .completeOnTimeout(new Database.Unavailable("it recovers"), WAKE_MILLIS, TimeUnit.MILLISECONDS);
        if (Databases.await(asked) instanceof Database.NoSuchModule none) {
            throw Databases.refused(none, database);
        }
        return look(database)
                .orElseThrow(() -> HttpRefusal.of(503, "database " + database + " is on no node that answers"));
    }

    private Optional<ObjectNode> look(Identity database) {
        return nodes.find(database).map(Nodes.Answer::json);
    }

    private HttpResponse truncate(Exchange exchange) {
        long offset = exchange.query()
                .count("offset")
                .orElseThrow(() -> QueryString.malformed("missing field `offset`, up to which the log is intact"));
        Identity database = databases.resolve(exchange);
        operators.requireOwner(exchange, database, "truncate log");
        Database.TruncateOutcome outcome = databases.<Database.TruncateOutcome>ask(
                database,
                replyTo -> new Database.Command.TruncateLog(offset, replyTo),
                databases.settings().queryTimeout());
        return switch (outcome) {
            case Database.LogTruncated(long at, long eventsCut) ->
                Answers.json(JSON.objectNode().put("offset", at).put("events_cut", eventsCut));
            case Database.NotTruncated(String reason) -> Answers.text(409, reason);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private HttpResponse snapshot(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        operators.requireOwner(exchange, database, "take snapshot");
        Database.SnapshotOutcome outcome = databases.<Database.SnapshotOutcome>ask(
                database,
                Database.Command.TakeSnapshot::new,
                databases.settings().publishTimeout());
        return switch (outcome) {
            case Database.SnapshotTaken(long offset, long rows) ->
                Answers.json(JSON.objectNode().put("offset", offset).put("rows", rows));
            case Database.NoSnapshot(String reason) -> Answers.text(503, reason);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }
}
