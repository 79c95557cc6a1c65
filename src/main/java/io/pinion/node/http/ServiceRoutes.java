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
                Route.get("/v1/health", Access.OPEN, _ -> health()));
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
