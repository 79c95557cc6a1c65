package io.pinion.actors.cluster;

import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.HashCodeMessageExtractor;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.ShardingMessageExtractor;

/** What all of Pinion's entities have in common. */
final class ShardingDefaults {
    private ShardingDefaults() {}

    /** Sharding's own passivation counts only messages that pass through it: it is off. So is remembering entities. */
    static ClusterShardingSettings settings(ActorSystem<?> system) {
        return ClusterShardingSettings.create(system)
                .withNoPassivationStrategy()
                .withRememberEntities(false);
    }

    /** @param shards fixed for life, the same on all nodes */
    static <M> ShardingMessageExtractor<ShardingEnvelope<M>, M> extractor(int shards) {
        return new HashCodeMessageExtractor<>(shards);
    }
}
