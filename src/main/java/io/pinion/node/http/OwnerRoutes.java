package io.pinion.node.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.pinion.actors.cluster.DatabaseName;
import io.pinion.actors.cluster.PinionHost.NamingOutcome;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What the owner of a database decides beside its program: its names, and that it is locked. */
final class OwnerRoutes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Databases databases;

    OwnerRoutes(Databases databases) {
        this.databases = databases;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/v1/database/{db}/names", Access.ANONYMOUS, this::addName),
                Route.put("/v1/database/{db}/names", Access.ANONYMOUS, this::rename),
                Route.post("/v1/database/{db}/lock", Access.ANONYMOUS, exchange -> lock(exchange, true)),
                Route.post("/v1/database/{db}/unlock", Access.ANONYMOUS, exchange -> lock(exchange, false)));
    }

    private HttpResponse addName(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        Identity caller = caller(exchange);
        String name = exchange.textBody(databases.settings().bodyBytesMax());
        requireValid(name);
        return switch (await(databases.host().addName(database, caller, name))) {
            case NamingOutcome.Done() -> {
                ObjectNode success = JSON.objectNode().put("domain", name).put("database_identity", database.toHex());
                yield Answers.json(JSON.objectNode().set("Success", success));
            }
            case NamingOutcome.NotTheOwner _ -> throw Databases.denied(caller, database, "rename database");
            case NamingOutcome.NameTaken(String taken, Identity owner) ->
                owner.equals(caller)
                        ? Answers.text(500, "the name `" + taken + "` is bound already")
                        : permissionDenied(taken);
            case NamingOutcome.NotThere(var refusal) -> throw Databases.refused(refusal, database);
        };
    }

    private HttpResponse rename(Exchange exchange) {
        Identity database = databases.resolve(exchange);
        Identity caller = caller(exchange);
        List<String> names = names(exchange);
        names.forEach(OwnerRoutes::requireValid);
        return switch (await(databases.host().rename(database, caller, names))) {
            case NamingOutcome.Done() -> Answers.json(TextNode.valueOf("Success"));
            case NamingOutcome.NotTheOwner _ ->
                unauthorized("NotYourDatabase", JSON.objectNode().put("database", database.toHex()));
            case NamingOutcome.NameTaken(String taken, Identity owner) ->
                owner.equals(caller)
                        ? Answers.json(
                                400, JSON.objectNode().put("OtherError", "the name `" + taken + "` is already in use"))
                        : permissionDenied(taken);
            case NamingOutcome.NotThere(var refusal) -> throw Databases.refused(refusal, database);
        };
    }

    private List<String> names(Exchange exchange) {
        String type = exchange.contentType().orElse("");
        if (!type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json")) {
            throw HttpRefusal.of(415, "Expected request with `Content-Type: application/json`");
        }
        List<String> names = new ArrayList<>();
        for (JsonNode name : array(exchange.textBody(databases.settings().bodyBytesMax()))) {
            if (!name.isTextual()) {
                throw wrongShape();
            }
            names.add(name.asText());
        }
        return names;
    }

    private static JsonNode array(String body) {
        try {
            JsonNode json = MAPPER.readTree(body);
            if (json.isMissingNode()) {
                throw HttpRefusal.of(400, "Failed to parse the request body as JSON: it is empty");
            }
            if (!json.isArray()) {
                throw wrongShape();
            }
            return json;
        } catch (JsonProcessingException e) {
            throw HttpRefusal.of(400, "Failed to parse the request body as JSON: " + e.getOriginalMessage());
        }
    }

    private static HttpRefusal wrongShape() {
        return HttpRefusal.of(422, "Failed to deserialize the JSON body: expected an array of names");
    }

    private static void requireValid(String name) {
        DatabaseName.problem(name).ifPresent(problem -> {
            throw HttpRefusal.of(400, "Error parsing `" + name + "`: " + problem);
        });
    }

    private static HttpResponse permissionDenied(String name) {
        return unauthorized("PermissionDenied", JSON.objectNode().put("domain", name));
    }

    private static HttpResponse unauthorized(String what, ObjectNode of) {
        return Answers.json(401, JSON.objectNode().set(what, of));
    }

    private HttpResponse lock(Exchange exchange, boolean locked) {
        Identity database = databases.resolve(exchange);
        Identity caller = caller(exchange);
        return switch (await(databases.host().lock(database, caller, locked))) {
            case NamingOutcome.Done() -> Answers.empty(200);
            case NamingOutcome.NotTheOwner _ -> throw Databases.denied(caller, database, "delete database");
            case NamingOutcome.NotThere(var refusal) -> throw Databases.refused(refusal, database);
            case NamingOutcome.NameTaken taken -> throw new IllegalStateException("a lock has no name: " + taken);
        };
    }

    private NamingOutcome await(CompletionStage<NamingOutcome> outcome) {
        return Databases.await(outcome.toCompletableFuture()
                .orTimeout(databases.settings().publishTimeout().toMillis(), TimeUnit.MILLISECONDS));
    }

    private static Identity caller(Exchange exchange) {
        return exchange.credentials().identity();
    }
}
