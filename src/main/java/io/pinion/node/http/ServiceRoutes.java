package io.pinion.node.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.node.http.Route.Access;
import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Whether the node is there. */
final class ServiceRoutes {
    private final String version;

    ServiceRoutes(String version) {
        this.version = version;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/v1/ping", Access.CHECKED, _ -> Answers.empty(200)),
                Route.get("/v1/health", Access.OPEN, _ -> health()),
                Route.get("/v1/prometheus/sd_config", Access.OPEN, ServiceRoutes::targets),
                Route.get("/v1/energy/{identity}", Access.OPEN, ServiceRoutes::balance),
                Route.post("/v1/energy/{identity}", Access.REQUIRED, ServiceRoutes::addEnergy),
                Route.put("/v1/energy/{identity}", Access.REQUIRED, _ -> Answers.empty(401)));
    }

    /** This node, as whoever asks has reached it. */
    private static HttpResponse targets(Exchange exchange) {
        ObjectNode target = JsonNodeFactory.instance.objectNode();
        target.putArray("targets").add(exchange.header("Host").orElse(""));
        target.putObject("labels");
        return Answers.json(JsonNodeFactory.instance.arrayNode().add(target));
    }

    /** Nothing is metered: a balance is zero and stays so. */
    private static HttpResponse balance(Exchange exchange) {
        IdentityRoutes.identity(exchange);
        return Answers.json(JsonNodeFactory.instance.objectNode().put("balance", "0"));
    }

    private static HttpResponse addEnergy(Exchange exchange) {
        boolean isNumber = exchange.query()
                .text("amount")
                .filter(amount -> amount.matches("[0-9]{1,39}"))
                .isPresent();
        return isNumber ? balance(exchange) : Answers.empty(400);
    }

    private HttpResponse health() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putArray("nodes").add(0);
        body.put("package_name", "pinion");
        body.put("schedulable", true);
        body.put("version", version);
        return Answers.json(body);
    }
}
