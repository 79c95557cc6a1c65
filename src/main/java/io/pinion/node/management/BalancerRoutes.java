package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.balancer.Balancer;
import io.pinion.balancer.BalancerProtocol;
import io.pinion.balancer.Wish;
import io.pinion.node.http.Answers;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.HttpRefusal;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.Address;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What operators see of the balancer, and what they want of it: moves, pins, drains. */
final class BalancerRoutes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int DECISIONS_MAX = 1000;
    private static final int DECISIONS_DEFAULT = 100;
    private static final int CORE_MAX = 4095;

    private final Balancer balancer;
    private final Databases databases;
    private final Operators operators;
    private final Nodes nodes;

    BalancerRoutes(Balancer balancer, Databases databases, Operators operators, Nodes nodes) {
        this.balancer = balancer;
        this.databases = databases;
        this.operators = operators;
        this.nodes = nodes;
    }

    /** @param reading who may read */
    List<Route> routes(Access reading) {
        return List.of(
                Route.get("/pinion/balancer", reading, this::status),
                change("/pinion/balancer", this::turn),
                Route.get("/pinion/decisions", reading, this::decisions),
                change("/pinion/nodes/{node}/drain", this::drain),
                change("/pinion/nodes/{node}/undrain", this::undrain),
                change("/pinion/databases/{db}/rebind", this::rebind),
                change("/pinion/databases/{db}/relocate", this::relocate),
                change("/pinion/databases/{db}/pin", this::pin),
                change("/pinion/databases/{db}/unpin", this::unpin));
    }

    private static Route change(String path, Route.Handler handler) {
        return Route.post(path, Access.REQUIRED, handler).audited();
    }

    private HttpResponse status(Exchange exchange) {
        operators.requireReader(exchange);
        Parameters.of(exchange);
        return Answers.json(BalancerJson.of(Databases.await(balancer.status())));
    }

    private HttpResponse turn(Exchange exchange) {
        operators.requireOperator(exchange, "switch the balancer");
        Parameters parameters = Parameters.of(exchange, "on");
        parameters.required("on");
        return wish(new Wish.Switch(parameters.query().flag("on", true)));
    }

    private HttpResponse decisions(Exchange exchange) {
        operators.requireReader(exchange);
        int limit = Parameters.of(exchange, "limit")
                .query()
                .number("limit", 1, DECISIONS_MAX)
                .orElse(DECISIONS_DEFAULT);
        ObjectNode json = JSON.objectNode();
        ArrayNode list = json.putArray("decisions");
        Databases.await(balancer.decisions(limit)).decisions().forEach(decision -> list.add(BalancerJson.of(decision)));
        return Answers.json(json);
    }

    private HttpResponse drain(Exchange exchange) {
        operators.requireOperator(exchange, "drain nodes");
        Parameters.of(exchange);
        return wish(new Wish.Drain(node(exchange.pathParameter("node"))));
    }

    private HttpResponse undrain(Exchange exchange) {
        operators.requireOperator(exchange, "end the drain of nodes");
        Parameters.of(exchange);
        return wish(new Wish.Undrain(node(exchange.pathParameter("node"))));
    }

    private Address node(String text) {
        return nodes.member(text).address();
    }

    private HttpResponse rebind(Exchange exchange) {
        operators.requireOperator(exchange, "rebind databases");
        int core = Parameters.of(exchange, "core").requiredNumber("core", 0, CORE_MAX);
        return moved(Databases.await(balancer.rebind(databases.resolve(exchange), core)));
    }

    private HttpResponse relocate(Exchange exchange) {
        operators.requireOperator(exchange, "relocate databases");
        Address node = node(Parameters.of(exchange, "node").required("node"));
        int bucket = PinionHost.bucket(databases.resolve(exchange));
        return moved(Databases.await(balancer.relocate(bucket, node)));
    }

    private static HttpResponse moved(BalancerProtocol.MoveOutcome outcome) {
        return switch (outcome) {
            case BalancerProtocol.Ordered ordered -> Answers.json(BalancerJson.of(ordered.action()));
            case BalancerProtocol.NotDone(String why) -> Answers.text(409, why);
        };
    }

    /** To a core, a node, or both; to a node with all of its bucket. */
    private HttpResponse pin(Exchange exchange) {
        operators.requireOperator(exchange, "pin databases");
        Parameters parameters = Parameters.of(exchange, "core", "node");
        List<Wish> wishes = new ArrayList<>();
        Identity database = databases.resolve(exchange);
        parameters
                .text("node")
                .ifPresent(node -> wishes.add(new Wish.PinShard(PinionHost.bucket(database), node(node))));
        parameters
                .query()
                .number("core", 0, CORE_MAX)
                .ifPresent(core -> wishes.add(new Wish.PinDatabase(database, core)));
        if (wishes.isEmpty()) {
            throw HttpRefusal.of(400, "the parameters core and node are missing, one of which is needed");
        }
        return wishes(wishes);
    }

    /** From whatever it is pinned to. */
    private HttpResponse unpin(Exchange exchange) {
        operators.requireOperator(exchange, "unpin databases");
        Parameters.of(exchange);
        Identity database = databases.resolve(exchange);
        return wishes(List.of(new Wish.UnpinDatabase(database), new Wish.UnpinShard(PinionHost.bucket(database))));
    }

    private HttpResponse wishes(List<Wish> wishes) {
        HttpResponse last = Answers.empty(200);
        for (Wish wish : wishes) {
            last = wish(wish);
            if (last.status().isFailure()) {
                return last;
            }
        }
        return last;
    }

    /** What is wished for holds when this is answered; the answer is how the balancer is then. */
    private HttpResponse wish(Wish wish) {
        return switch (Databases.await(balancer.change(wish))) {
            case BalancerProtocol.Changed _ -> Answers.json(BalancerJson.of(Databases.await(balancer.status())));
            case BalancerProtocol.NotDone(String why) -> Answers.text(409, why);
        };
    }
}
