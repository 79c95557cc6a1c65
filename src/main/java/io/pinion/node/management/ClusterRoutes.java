package io.pinion.node.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.node.http.Answers;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.HttpRefusal;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What there is in the whole cluster: nodes, cores, databases, and what was changed. Every node is asked. */
final class ClusterRoutes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int LIMIT_MAX = 1000;
    private static final int LIMIT_DEFAULT = 100;
    private static final List<String> STATES = List.of("recovering", "damaged", "stuck", "serving", "paused", "other");

    private final Databases databases;
    private final Operators operators;
    private final Nodes nodes;

    ClusterRoutes(Databases databases, Operators operators, Nodes nodes) {
        this.databases = databases;
        this.operators = operators;
        this.nodes = nodes;
    }

    /** @param reading who may read */
    List<Route> routes(Access reading) {
        return List.of(
                Route.get("/pinion/nodes", reading, this::nodes),
                Route.get("/pinion/cores", reading, this::cores),
                Route.get("/pinion/databases", reading, this::databases),
                Route.get("/pinion/audit", Access.REQUIRED, this::audit));
    }

    private HttpResponse nodes(Exchange exchange) {
        operators.requireReader(exchange);
        Parameters.of(exchange);
        Map<String, ObjectNode> answered = nodes.askAll(LocalNode.NODE, Map.of()).successes().stream()
                .collect(Collectors.toMap(Nodes.Answer::node, Nodes.Answer::json));
        Set<Member> unreachable = nodes.unreachable();
        ArrayNode list = JSON.arrayNode();
        for (Member member : nodes.members()) {
            String node = Nodes.name(member.address());
            ObjectNode json = answered.getOrDefault(node, JSON.objectNode().put("node", node));
            list.add(json.put("address", member.address().toString())
                    .put("status", member.status().toString())
                    .put("reachable", !unreachable.contains(member))
                    .put("answers", answered.containsKey(node)));
        }
        return Answers.json(JSON.objectNode().set("nodes", list));
    }

    private HttpResponse cores(Exchange exchange) {
        operators.requireReader(exchange);
        Parameters parameters = Parameters.of(exchange, "node");
        Nodes.Gathered gathered = ask(parameters, LocalNode.CORES, Map.of());
        ArrayNode list = JSON.arrayNode();
        elements(gathered, "cores").forEach(list::add);
        return answer("cores", list, gathered);
    }

    private HttpResponse databases(Exchange exchange) {
        operators.requireReader(exchange);
        Parameters parameters = Parameters.of(exchange, "node", "state", "after", "limit");
        int limit = parameters.query().number("limit", 1, LIMIT_MAX).orElse(LIMIT_DEFAULT);
        // One more tells whether there are more.
        Map<String, String> wanted = new HashMap<>(Map.of("limit", Integer.toString(limit + 1)));
        parameters.query().word("state", STATES).ifPresent(state -> wanted.put("state", state));
        parameters.text("after").ifPresent(after -> wanted.put("after", identity(after)));
        Nodes.Gathered gathered = ask(parameters, LocalNode.DATABASES, wanted);
        List<JsonNode> found = elements(gathered, "databases")
                .sorted(Comparator.comparing(database -> Identity.parse(text(database))))
                .toList();
        ArrayNode page = JSON.arrayNode();
        found.stream().limit(limit).forEach(page::add);
        addNames(page);
        ObjectNode body = body("databases", page, gathered);
        if (found.size() > limit) {
            body.put("next", text(found.get(limit - 1)));
        }
        return Answers.json(body);
    }

    private static String text(JsonNode database) {
        return database.path("database_identity").asText();
    }

    private static String identity(String text) {
        if (!Identity.isIdentity(text)) {
            throw HttpRefusal.of(400, "after: " + text + " is no identity");
        }
        return text;
    }

    /** All are asked for before the first is waited for. */
    private void addNames(ArrayNode page) {
        Map<ObjectNode, CompletionStage<List<String>>> asked = new LinkedHashMap<>();
        page.forEach(
                database -> asked.put((ObjectNode) database, databases.host().names(Identity.parse(text(database)))));
        asked.forEach((database, names) -> {
            ArrayNode list = database.putArray("names");
            Databases.await(names).forEach(list::add);
        });
    }

    private Nodes.Gathered ask(Parameters parameters, String what, Map<String, String> wanted) {
        Optional<String> node = parameters.text("node");
        return node.isPresent()
                ? new Nodes.Gathered(List.of(nodes.ask(node.get(), what, wanted)), List.of())
                : nodes.askAll(what, wanted);
    }

    private static Stream<JsonNode> elements(Nodes.Gathered gathered, String key) {
        return gathered.successes().stream()
                .flatMap(answer -> answer.json().path(key).valueStream());
    }

    private static HttpResponse answer(String key, ArrayNode list, Nodes.Gathered gathered) {
        return Answers.json(body(key, list, gathered));
    }

    /** Nodes whose part is missing are named, so that nobody takes the answer for the whole. */
    private static ObjectNode body(String key, ArrayNode list, Nodes.Gathered gathered) {
        ObjectNode body = JSON.objectNode();
        body.set(key, list);
        ArrayNode missing = body.putArray("missing");
        gathered.silent().forEach(node -> missing.addObject().put("node", node).put("reason", "it does not answer"));
        gathered.answers().stream()
                .filter(answer -> !answer.reply().isSuccess())
                .forEach(answer -> missing.addObject()
                        .put("node", answer.node())
                        .put("reason", answer.reply().body()));
        return body;
    }

    private HttpResponse audit(Exchange exchange) {
        operators.requireOperator(exchange, "read the audit log");
        Parameters parameters = Parameters.of(exchange, "node", "limit");
        int limit = parameters.query().number("limit", 1, LIMIT_MAX).orElse(LIMIT_DEFAULT);
        Nodes.Gathered gathered = ask(parameters, LocalNode.AUDIT, Map.of("limit", Integer.toString(limit)));
        List<JsonNode> lines = elements(gathered, "lines")
                .map(line -> Nodes.parse(line.asText()))
                .sorted(Comparator.comparing(
                                (JsonNode line) -> line.path("time").asText())
                        .reversed())
                .limit(limit)
                .toList();
        ArrayNode list = JSON.arrayNode();
        lines.forEach(list::add);
        return answer("lines", list, gathered);
    }
}
