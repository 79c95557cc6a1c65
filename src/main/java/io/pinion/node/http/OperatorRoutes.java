package io.pinion.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.DatabaseState;
import io.pinion.actors.database.Database;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the databases of this node are, and what operators do to them. Reads are for operators, and for owners of their own
 * databases, unless the configuration opens them; changes are for the same people and are logged with their identity.
 */
final class OperatorRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorRoutes.class);
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int WAKE_MILLIS = 1000;

    private final String base;
    private final Databases databases;
    private final Operators operators;

    /** @param base where the routes stand, without a slash at the end */
    OperatorRoutes(String base, Databases databases, Operators operators) {
        this.base = base;
        this.databases = databases;
        this.operators = operators;
    }

    List<Route> routes() {
        Access reading = operators.settings().openReads() ? Access.OPEN : Access.REQUIRED;
        return List.of(
                Route.get(base + "/databases", reading, this::list),
                Route.get(base + "/databases/{db}", reading, this::show),
                Route.post(base + "/databases/{db}/truncate-log", Access.REQUIRED, this::truncate),
                Route.post(base + "/databases/{db}/snapshot", Access.REQUIRED, this::snapshot));
    }

    private HttpResponse list(Exchange exchange) {
        if (!operators.settings().openReads()) {
            operators.requireOperator(exchange, "see all databases");
        }
        ObjectNode body = JSON.objectNode();
        ArrayNode list = body.putArray("databases");
        databases.host().databasesHere().stream()
                .sorted(Comparator.comparing(DatabaseState::database))
                .forEach(state -> list.add(StateJson.of(state)));
        return Answers.json(body);
    }

    private HttpResponse show(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        if (!operators.settings().openReads()) {
            operators.requireOwner(exchange, database, "view database status");
        }
        DatabaseState state = find(database);
        ObjectNode body = StateJson.of(state);
        ArrayNode names = body.putArray("names");
        Databases.await(databases.host().names(database)).forEach(names::add);
        ArrayNode snapshots = body.putArray("snapshots");
        Databases.await(databases.host().snapshots(database))
                .forEach(snapshot -> snapshots.add(StateJson.of(snapshot)));
        return Answers.json(body);
    }

    /** A database comes into memory when it is asked for; one that recovers for long does not answer that. */
    private DatabaseState find(Identity database) {
        Optional<DatabaseState> found = look(database);
        if (found.isPresent()
                && (found.get().phase() != DatabaseState.Phase.OTHER
                        || found.get().restore().isPresent())) {
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
        return look(database).orElseThrow(() -> HttpRefusal.of(404, "database " + database + " is not on this node"));
    }

    private Optional<DatabaseState> look(Identity database) {
        return databases.host().databasesHere().stream()
                .filter(state -> state.database().equals(database))
                .findFirst();
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
            case Database.LogTruncated(long at, long eventsCut) -> {
                LOG.warn(
                        "{} has cut the log of database {} at offset {}: {} events",
                        exchange.credentials().identity(),
                        database,
                        at,
                        eventsCut);
                yield Answers.json(JSON.objectNode().put("offset", at).put("events_cut", eventsCut));
            }
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
            case Database.SnapshotTaken(long offset, long rows) -> {
                LOG.info(
                        "{} has had a snapshot of database {} taken",
                        exchange.credentials().identity(),
                        database);
                yield Answers.json(JSON.objectNode().put("offset", offset).put("rows", rows));
            }
            case Database.NoSnapshot(String reason) -> Answers.text(503, reason);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }
}
