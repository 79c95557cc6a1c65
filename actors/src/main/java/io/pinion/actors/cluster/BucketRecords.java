package io.pinion.actors.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.Address;
import org.jspecify.annotations.Nullable;

/** Which node each bucket is on or on its way to, known to all nodes of the cluster and for as long as one of them runs. Threadsafe. */
interface BucketRecords {
    /** How long it takes at most, as most of the nodes are asked. */
    Duration PATIENCE = Duration.ofSeconds(5);

    /** Somebody wants it there; the newest wish counts. Fails if most of the nodes have not heard of it in time. */
    CompletionStage<?> wish(String bucket, Address node);

    /**
     * It was placed there. Gives way to a wish that came since, whether this node has heard of it or not. Fails as {@link
     * #wish}.
     *
     * @param known the record that the placement went by, null for none
     */
    CompletionStage<?> placed(String bucket, @Nullable Address known, Address node);

    /** Every wish that has not failed is in it. */
    CompletionStage<Map<String, Address>> all();
}
