package io.pinion.node;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.cluster.typed.SelfUp;
import org.apache.pekko.cluster.typed.Subscribe;
import scala.jdk.javaapi.OptionConverters;

/** A node's way into its cluster: to its seed nodes, or to itself where there are none. */
final class ClusterStart {
    private ClusterStart() {}

    /**
     * Joins and returns when the node is a member.
     *
     * @throws NodeStartException if that takes longer than {@code pinion.cluster.join-timeout}, or the cluster refuses
     */
    static void join(ActorSystem<?> system) throws NodeStartException {
        Config config = system.settings().config().getConfig("pinion.cluster");
        Duration timeout = config.getDuration("join-timeout");
        Cluster cluster = Cluster.get(system);
        List<Address> seedNodes = seedNodes(config, cluster);
        CompletionStage<Void> up = whenUp(system, cluster);
        cluster.manager().tell(new JoinSeedNodes(seedNodes));
        try {
            CompletableFuture.anyOf(
                            up.toCompletableFuture(), system.getWhenTerminated().toCompletableFuture())
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new NodeStartException(
                    "the node did not become a member of its cluster within " + timeout.toSeconds() + " s; seed nodes: "
                            + seedNodes,
                    e);
        }
        if (!up.toCompletableFuture().isDone()) {
            throw new NodeStartException(refusal(system, seedNodes));
        }
    }

    private static String refusal(ActorSystem<?> system, List<Address> seedNodes) {
        boolean isIncompatible = CoordinatedShutdown.get(system)
                .getShutdownReason()
                .filter(CoordinatedShutdown.incompatibleConfigurationDetectedReason()::equals)
                .isPresent();
        return "the node did not become a member of its cluster; seed nodes: " + seedNodes
                + (isIncompatible
                        ? ". This Pinion and that of the cluster do not go together, or their settings do not: the log of"
                                + " the node that was asked says why"
                        : "");
    }

    private static List<Address> seedNodes(Config config, Cluster cluster) throws NodeStartException {
        List<String> given = config.getStringList("seed-nodes");
        Address self = cluster.selfMember().address();
        if (given.isEmpty()) {
            return List.of(self);
        }
        List<Address> seedNodes = new ArrayList<>();
        for (String seed : given) {
            seedNodes.add(seedNode(seed, self));
        }
        return seedNodes;
    }

    /** HOST:PORT in the cluster of that name, or a whole address. */
    private static Address seedNode(String seed, Address self) throws NodeStartException {
        String whole = seed.contains("://") ? seed : self.protocol() + "://" + self.system() + "@" + seed;
        return OptionConverters.toJava(AddressFromURIString.unapply(whole))
                .filter(address -> address.hasGlobalScope() && address.system().equals(self.system()))
                .orElseThrow(() -> new NodeStartException("pinion.cluster.seed-nodes: " + seed
                        + " is not HOST:PORT of a node of the cluster " + self.system()));
    }

    private static CompletionStage<Void> whenUp(ActorSystem<?> system, Cluster cluster) {
        var up = new CompletableFuture<Void>();
        Behavior<SelfUp> listener = Behaviors.setup(context -> {
            cluster.subscriptions().tell(Subscribe.create(context.getSelf(), SelfUp.class));
            return Behaviors.receiveMessage(_ -> {
                up.complete(null);
                return Behaviors.stopped();
            });
        });
        system.systemActorOf(listener, "node-start", Props.empty());
        return up;
    }
}
