package io.pinion.actors.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.Address;

/** Which node each bucket is on or on its way to, known to all nodes of the cluster and for as long as one of them runs. Threadsafe. */
interface BucketRecords {
    /** How long it takes at most, as most of the nodes are asked. */
    Duration PATIENCE = Duration.ofSeconds(5);

    /** Somebody wants it there; the newest wish counts. Fails if most of the nodes have not heard of it in time. */
    CompletionStage<?> wish(String bucket, Address node);

    /**
     * It was placed there, as far as the coordinator knew for want of a wish: gives way to one of which nothing is known here
     * yet. Fails as {@link #wish}.
     */
    CompletionStage<?> placed(String bucket, Address node);

    /** Every wish that has not failed is in it. */
    CompletionStage<Map<String, Address>> all();
}
