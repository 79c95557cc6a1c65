package io.pinion.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.database.Database;
import io.pinion.modules.HostType;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What a database is, what it is called, and its end. */
final class DatabaseRoutes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Databases databases;
    private final Clock clock;
    private final SchemaTexts schemaTexts = new SchemaTexts();

    DatabaseRoutes(Databases databases, Clock clock) {
        this.databases = databases;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/v1/database/{db}", Access.ANONYMOUS, this::info),
                Route.delete("/v1/database/{db}", Access.ANONYMOUS, this::delete),
                Route.get("/v1/database/{db}/identity", Access.ANONYMOUS, this::identity),
                Route.get("/v1/database/{db}/names", Access.ANONYMOUS, this::names),
                Route.get("/v1/database/{db}/schema", Access.ANONYMOUS, this::schema),
                Route.get("/v1/database/{db}/unstable/timestamp", Access.ANONYMOUS, this::timestamp));
    }

    private HttpResponse info(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        Database.Description description = databases.describe(database);
        ObjectNode body = JSON.objectNode();
        body.set("database_identity", typedIdentity(database));
        body.set("owner_identity", typedIdentity(description.owner()));
        body.putObject("host_type")
                .putArray(
                        switch (description.hostType()) {
                            case HostType.WASM -> "Wasm";
                            case HostType.JS -> "Js";
                        });
        body.put("initial_program", number(description.programHash()));
        return Answers.json(body);
    }

    private static ObjectNode typedIdentity(Identity identity) {
        return JSON.objectNode()
                .put("__identity__", "0x" + identity.toBigInteger().toString(16));
    }

    /** A hash travels as the number whose little-endian bytes it is. */
    private static String number(Bytes hash) {
        byte[] bytes = hash.toArray();
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return "0x" + new BigInteger(1, reversed).toString(16);
    }

    private HttpResponse delete(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        Identity caller = exchange.credentials().identity();
        Database.DeleteOutcome outcome = Databases.await(databases
                .host()
                .delete(database, caller)
                .toCompletableFuture()
                .orTimeout(
                        databases.settings().publishTimeout().toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS));
        return switch (outcome) {
            case Database.Deleted _, Database.NoSuchModule _ -> Answers.empty(200);
            case Database.NotOwner _ -> throw Databases.denied(caller, database, "delete database");
            case Database.Locked _ -> Answers.locked(exchange.pathParameter("db"));
            case Database.Refusal refusal -> Answers.refusal(refusal);
        };
    }

    /** A name is looked up, an identity echoed without checking that there is a database. */
    private HttpResponse identity(Exchange exchange) {
        return Answers.text(200, databases.resolve(exchange).toHex());
    }

    private HttpResponse names(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        databases.describe(database);
        ArrayNode names = JSON.arrayNode();
        Databases.await(databases.host().names(database)).forEach(names::add);
        return Answers.json(JSON.objectNode().set("names", names));
    }

    private HttpResponse schema(Exchange exchange) {
        String version = exchange.query()
                .word("version", List.of("9", "10"))
                .orElseThrow(() -> QueryString.malformed("missing field `version`"));
        Database.Description description = databases.describe(databases.resolve(exchange));
        return Answers.json(schemaTexts.of(description.definition(), Integer.parseInt(version)));
    }

    private HttpResponse timestamp(Exchange exchange) {
        databases.describe(databases.resolve(exchange));
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        return Answers.json(JSON.objectNode().put("__timestamp_micros_since_unix_epoch__", micros));
    }
}
