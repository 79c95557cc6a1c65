package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import io.pinion.actors.database.CallLimits;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Orders;
import io.pinion.actors.database.Orders.Change;
import io.pinion.node.http.Answers;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.HttpRefusal;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What operators have one database do: pause, take other limits or another weight. */
final class ControlRoutes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int REASON_MAX = 500;
    private static final int LOG_LINES_MAX = 10_000;
    private static final int LOG_LINES_DEFAULT = 100;
    /** In place of a duration: the node's own limit again. */
    private static final String DEFAULT = "default";

    private final Databases databases;
    private final Operators operators;

    ControlRoutes(Databases databases, Operators operators) {
        this.databases = databases;
        this.operators = operators;
    }

    List<Route> routes() {
        return List.of(
                change("pause", this::pause),
                change("resume", this::resume),
                change("limits", this::limits),
                change("weight", this::weight),
                Route.get("/pinion/databases/{db}/log", Access.REQUIRED, this::log));
    }

    private static Route change(String what, Route.Handler handler) {
        return Route.post("/pinion/databases/{db}/" + what, Access.REQUIRED, handler)
                .audited();
    }

    private HttpResponse pause(Exchange exchange) {
        operators.requireOperator(exchange, "pause databases");
        String reason = Parameters.of(exchange, "reason").required("reason");
        if (reason.length() > REASON_MAX) {
            throw HttpRefusal.of(400, "reason: it is longer than " + REASON_MAX + " characters");
        }
        return order(exchange, new Change.Paused(reason));
    }

    private HttpResponse resume(Exchange exchange) {
        operators.requireOperator(exchange, "resume databases");
        Parameters.of(exchange);
        return order(exchange, new Change.Resumed());
    }

    private HttpResponse limits(Exchange exchange) {
        operators.requireOperator(exchange, "change limits of databases");
        Parameters parameters = Parameters.of(exchange, CallLimits.keys().toArray(String[]::new));
        Map<String, Duration> limits = new HashMap<>();
        for (String key : CallLimits.keys()) {
            parameters.text(key).ifPresent(text -> limits.put(key, duration(key, text)));
        }
        if (limits.isEmpty()) {
            throw HttpRefusal.of(400, "no limit is given; there are " + String.join(", ", CallLimits.keys()));
        }
        return order(exchange, new Change.Limited(limits));
    }

    private static Duration duration(String key, String text) {
        if (text.equals(DEFAULT)) {
            return Duration.ZERO;
        }
        try {
            Duration duration =
                    ConfigValueFactory.fromAnyRef(text).atKey("limit").getDuration("limit");
            if (!duration.isZero() && !duration.isNegative()) {
                return duration;
            }
        } catch (ConfigException.BadValue _) {
            throw badDuration(key, text);
        }
        throw badDuration(key, text);
    }

    private static HttpRefusal badDuration(String key, String text) {
        return HttpRefusal.of(400, key + ": " + text + " is neither a duration such as 500ms or 10s nor " + DEFAULT);
    }

    private HttpResponse weight(Exchange exchange) {
        operators.requireOperator(exchange, "change weights of databases");
        int weight = Parameters.of(exchange, "weight").requiredNumber("weight", Orders.WEIGHT_MIN, Orders.WEIGHT_MAX);
        return order(exchange, new Change.Weighted(weight));
    }

    private HttpResponse order(Exchange exchange, Change change) {
        Identity database = databases.resolve(exchange);
        Database.OrderOutcome outcome = databases.<Database.OrderOutcome>ask(
                database,
                replyTo -> new Database.Command.Order(change, replyTo),
                databases.settings().queryTimeout());
        return switch (outcome) {
            case Database.Ordered(Orders orders) -> Answers.json(json(database, orders));
            case Database.NotOrdered(String reason) -> Answers.text(409, reason);
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    private static ObjectNode json(Identity database, Orders orders) {
        ObjectNode json = JSON.objectNode().put("database_identity", database.toHex());
        DatabaseJson.write(json, orders);
        orders.weight().ifPresent(weight -> json.put("weight", weight));
        return json;
    }

    /** The owner's log, as the owner would read it. */
    private HttpResponse log(Exchange exchange) {
        operators.requireOperator(exchange, "read logs of databases");
        int lines = Parameters.of(exchange, "lines")
                .query()
                .number("lines", 1, LOG_LINES_MAX)
                .orElse(LOG_LINES_DEFAULT);
        Identity database = databases.resolve(exchange);
        Identity owner = databases.describe(database).owner();
        Database.LogOutcome outcome = databases.<Database.LogOutcome>ask(
                database,
                replyTo -> new Database.Command.ReadLog(owner, lines, replyTo),
                databases.settings().queryTimeout());
        return switch (outcome) {
            case Database.LogLines(List<String> read) -> {
                ObjectNode json = JSON.objectNode();
                ArrayNode list = json.putArray("lines");
                read.forEach(line -> list.add(Nodes.parse(line)));
                yield Answers.json(json);
            }
            case Database.NotOwner _ -> throw HttpRefusal.of(409, "the database has changed its owner; try again");
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }
}
