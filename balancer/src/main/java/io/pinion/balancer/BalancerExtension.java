package io.pinion.balancer;

import io.pinion.actors.cluster.Pinion;
import io.pinion.balancer.BalancerProtocol.Received;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;

/**
 * The balancer in an actor system that hosts databases: {@code BalancerExtension.get(system).balancer()}. The first call
 * starts what reports this node's load, and makes the node one of those that the cluster's one balancer may run on.
 */
public final class BalancerExtension implements Extension {
    private static final String SINGLETON = "pinion-balancer";
    private static final String AGENT = "pinion-balancer-agent";

    private static final Duration RESTART_MIN = Duration.ofSeconds(1);
    private static final Duration RESTART_MAX = Duration.ofSeconds(30);

    private static final Id ID = new Id();

    private final Balancer balancer;

    private BalancerExtension(ActorSystem<?> system) {
        BalancerSettings settings = BalancerSettings.of(system.settings().config());
        Pinion pinion = Pinion.get(system);
        String journal = system.settings().config().getString("pinion.durability.journal-plugin-id");
        Behavior<Received> behavior = Behaviors.supervise(BalancerActor.create(settings, pinion, journal))
                .onFailure(SupervisorStrategy.restartWithBackoff(RESTART_MIN, RESTART_MAX, 0.1));
        ActorRef<Received> singleton = ClusterSingleton.get(system).init(SingletonActor.of(behavior, SINGLETON));
        system.systemActorOf(NodeAgent.create(settings, singleton), AGENT, Props.empty());
        Duration timeout = system.settings().config().getDuration("pinion.host.ask-timeout");
        balancer = new BalancerClient(system, singleton, timeout);
    }

    public static BalancerExtension get(ActorSystem<?> system) {
        return system.registerExtension(ID);
    }

    public Balancer balancer() {
        return balancer;
    }

    private static final class Id extends ExtensionId<BalancerExtension> {
        @Override
        public BalancerExtension createExtension(ActorSystem<?> system) {
            return new BalancerExtension(system);
        }
    }
}
