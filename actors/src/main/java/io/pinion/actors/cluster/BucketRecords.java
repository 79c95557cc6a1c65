package io.pinion.actors.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.sharding.external.javadsl.ExternalShardAllocationClient;

/** Which node each bucket is on or on its way to, known to all nodes of the cluster and for as long as one of them runs. Threadsafe. */
interface BucketRecords {
    /** How long the records are waited for, which are asked for at most of the nodes. */
    Duration PATIENCE = Duration.ofSeconds(5);

    CompletionStage<?> record(String bucket, Address node);

    CompletionStage<Map<String, Address>> all();

    /** Those of Pekko's external allocation, which spread by gossip within a second or two. */
    static BucketRecords of(ExternalShardAllocationClient client) {
        return new BucketRecords() {
            @Override
            public CompletionStage<?> record(String bucket, Address node) {
                return client.setShardLocation(bucket, node);
            }

            @Override
            public CompletionStage<Map<String, Address>> all() {
                return client.getShardLocations()
                        .thenApply(locations -> locations.getShardLocations().entrySet().stream()
                                .collect(Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey,
                                        entry -> entry.getValue().address())));
            }
        };
    }
}
