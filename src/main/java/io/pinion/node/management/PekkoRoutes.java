package io.pinion.node.management;

import io.pinion.node.http.Databases;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import java.util.List;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;

/**
 * What Pekko Management answers: members and shards of the cluster, health. Pekko lets everybody or nobody change members;
 * here operators may.
 */
final class PekkoRoutes {
    private static final long FORM_BYTES_MAX = 16 << 10;

    private final ActorSystem<?> system;
    private final Flow<HttpRequest, HttpResponse, NotUsed> pekko;
    private final Operators operators;

    PekkoRoutes(ActorSystem<?> system, Operators operators) {
        this.system = system;
        this.pekko = PekkoManagement.get(system).getRoutes().seal().flow(system);
        this.operators = operators;
    }

    /** @param reading who may read */
    List<Route> routes(Access reading) {
        return List.of(
                Route.get("/alive", Access.OPEN, this::answer),
                Route.get("/ready", Access.OPEN, this::answer),
                Route.get("/startup", Access.OPEN, this::answer),
                Route.get("/cluster/members", reading, this::read),
                Route.post("/cluster/members", Access.REQUIRED, this::change).audited(),
                Route.get("/cluster/members/{address}", reading, this::read),
                Route.put("/cluster/members/{address}", Access.REQUIRED, this::change)
                        .audited(),
                Route.delete("/cluster/members/{address}", Access.REQUIRED, this::change)
                        .audited(),
                Route.put("/cluster", Access.REQUIRED, this::change).audited(),
                Route.get("/cluster/domain-events", reading, this::read),
                Route.get("/cluster/shards", reading, this::read),
                Route.get("/cluster/shards/{name}", reading, this::read));
    }

    private HttpResponse read(Exchange exchange) {
        operators.requireReader(exchange);
        return answer(exchange);
    }

    private HttpResponse change(Exchange exchange) {
        operators.requireOperator(exchange, "change the members of the cluster");
        exchange.body(FORM_BYTES_MAX);
        return answer(exchange);
    }

    private HttpResponse answer(Exchange exchange) {
        HttpRequest request = exchange.requestAsRead();
        // Pekko's routes do not know it; the server leaves the body out in any case.
        HttpRequest asked = request.method().equals(HttpMethods.HEAD) ? request.withMethod(HttpMethods.GET) : request;
        return Databases.await(Source.single(asked).via(pekko).runWith(Sink.head(), system));
    }
}
