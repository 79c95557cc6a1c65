package io.pinion.node.management;

import io.pinion.balancer.Balancer;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.SystemMaterializer;

/** The routes of the management, put together for its own server and for the public one. */
final class ManagementRoutes {
    private final ActorSystem<?> system;
    private final Databases databases;
    private final Nodes nodes;
    private final Balancer balancer;
    private final Metrics metrics;
    private final String version;

    /** @param version of this node */
    ManagementRoutes(
            ActorSystem<?> system,
            Databases databases,
            Nodes nodes,
            Balancer balancer,
            Metrics metrics,
            String version) {
        this.system = system;
        this.databases = databases;
        this.nodes = nodes;
        this.balancer = balancer;
        this.metrics = metrics;
        this.version = version;
    }

    /** What owners may do about their databases. */
    List<Route> ofOwners(OperatorSettings access) {
        Operators operators = new Operators(access, databases);
        return Stream.of(
                        new OwnerRoutes(databases, operators, nodes).routes(),
                        new TransferRoutes(
                                        databases,
                                        operators,
                                        version,
                                        SystemMaterializer.get(system).materializer())
                                .routes())
                .flatMap(List::stream)
                .toList();
    }

    /** Everything. */
    List<Route> ofOperators(OperatorSettings access) {
        Operators operators = new Operators(access, databases);
        Access reading = access.openReads() ? Access.OPEN : Access.REQUIRED;
        return Stream.of(
                        new PekkoRoutes(system, operators).routes(reading),
                        new ClusterRoutes(databases, operators, nodes).routes(reading),
                        metrics.routes(reading, operators),
                        new OpenApi().routes(),
                        new BalancerRoutes(balancer, databases, operators, nodes).routes(reading),
                        new ControlRoutes(databases, operators).routes(),
                        ofOwners(access))
                .flatMap(List::stream)
                .toList();
    }
}
