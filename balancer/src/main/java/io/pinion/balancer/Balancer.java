package io.pinion.balancer;

import io.pinion.store.value.Identity;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.Address;

/**
 * The balancer of a cluster as operators use it, at any node. Threadsafe; no method blocks. Stages fail with a {@link
 * java.util.concurrent.TimeoutException} where the balancer does not answer, as while its node is being replaced.
 */
public interface Balancer {
    /** Completes when the wish is in the journal. */
    CompletionStage<BalancerProtocol.ChangeOutcome> change(Wish wish);

    /** Moves a database to another core of its node now; the balancer lets it rest there. */
    CompletionStage<BalancerProtocol.MoveOutcome> rebind(Identity database, int core);

    /** Moves a bucket to another node now; the balancer lets it rest there. */
    CompletionStage<BalancerProtocol.MoveOutcome> relocate(int shard, Address to);

    /** Plans and acts now rather than at the next interval. */
    CompletionStage<Plan> planNow();

    CompletionStage<BalancerProtocol.Status> status();

    /** The newest decisions, newest first. */
    CompletionStage<BalancerProtocol.Decisions> decisions(int max);
}
