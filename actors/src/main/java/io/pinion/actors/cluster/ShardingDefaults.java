package io.pinion.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.HashCodeMessageExtractor;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.ShardingMessageExtractor;

/** What all of Pinion's entities have in common. */
final class ShardingDefaults {
    private ShardingDefaults() {}

    /**
     * Sharding's own passivation counts only messages that pass through it: it is off. So is remembering entities. What else
     * is Pinion's own stands in {@code pinion.sharding}, so that the application's own sharding keeps its settings.
     */
    static ClusterShardingSettings settings(ActorSystem<?> system) {
        Config root = system.settings().config();
        Config own = root.getConfig("pinion.sharding");
        Config sharding = root.getConfig("pekko.cluster.sharding")
                .withValue("rebalance-interval", own.getValue("relocate-interval"))
                .withValue("handoff-timeout", own.getValue("hand-off-timeout"))
                .withValue("retry-interval", own.getValue("retry-interval"))
                .withValue("role", ConfigValueFactory.fromAnyRef(role(system)));
        return ClusterShardingSettings.fromConfig(sharding)
                .withNoPassivationStrategy()
                .withRememberEntities(false);
    }

    /** The role of nodes that host databases; empty for all. */
    static String role(ActorSystem<?> system) {
        return system.settings().config().getString("pinion.sharding.role");
    }

    /** @param shards fixed for life, the same on all nodes */
    static <M> ShardingMessageExtractor<ShardingEnvelope<M>, M> extractor(int shards) {
        return new HashCodeMessageExtractor<>(shards);
    }
}
