package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.node.auth.Credentials;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.Route;
import io.pinion.node.http.Router;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.RemoteAddress;

/** Writes a line for every request to a route that is audited, whatever became of it. Threadsafe. */
final class Auditor implements Router.Witness {
    private static final int MESSAGE_MAX = 1000;
    private static final String TOKEN = "token";

    private final AuditLog log;
    private final String node;
    private final InstantSource clock;

    Auditor(AuditLog log, String node, InstantSource clock) {
        this.log = log;
        this.node = node;
        this.clock = clock;
    }

    @Override
    public void answered(Route route, Exchange exchange, HttpResponse response) {
        if (route.isAudited()) {
            log.append(line(route, exchange, response));
        }
    }

    private ObjectNode line(Route route, Exchange exchange, HttpResponse response) {
        ObjectNode line = JsonNodeFactory.instance
                .objectNode()
                .put("time", clock.instant().toString())
                .put("node", node)
                .put("caller", exchange.caller().map(Auditor::name).orElse(""))
                .put("from", address(exchange).orElse(""))
                .put("action", route.method().value() + " " + route.path());
        ObjectNode parameters = line.putObject("parameters");
        exchange.pathParameters().forEach(parameters::put);
        exchange.queryIfWellFormed()
                .ifPresent(query -> query.keys().stream()
                        .filter(key -> !key.equals(TOKEN))
                        .forEach(key -> parameters.put(key, query.text(key).orElse(""))));
        line.put("outcome", outcome(response)).put("status", response.status().intValue());
        String message = ErrorBody.message(response);
        if (!message.isEmpty()) {
            line.put("message", message.substring(0, Math.min(message.length(), MESSAGE_MAX)));
        }
        return line;
    }

    private static String name(Credentials caller) {
        return caller.token().isEmpty() ? caller.subject() : caller.identity().toHex();
    }

    private static String outcome(HttpResponse response) {
        int status = response.status().intValue();
        if (response.status().isSuccess()) {
            return "done";
        }
        return status < 500 ? "refused" : "failed";
    }

    private static Optional<String> address(Exchange exchange) {
        return exchange.request()
                .getAttribute(AttributeKeys.remoteAddress)
                .flatMap(RemoteAddress::getAddress)
                .map(address -> address.getHostAddress());
    }
}
