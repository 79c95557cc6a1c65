package io.pinion.balancer;

import io.pinion.store.value.Identity;
import java.util.List;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;

/** What nodes tell the balancer. */
sealed interface BalancerNotice extends BalancerProtocol.Received, BalancerProtocol.Message {
    /**
     * The load of a node.
     *
     * @param agent what moves things there
     * @param isSettled whether the figures are all from after the last move there
     * @param probeNanos what a fixed piece of work takes there; 0 if that is not known yet
     * @param databaseCount in its memory, those that are not named included
     */
    record Report(
            Address node,
            ActorRef<NodeAgent.Command> agent,
            boolean isSettled,
            long probeNanos,
            int databaseCount,
            List<CoreUse> cores,
            List<DatabaseUse> databases,
            List<ShardUse> shards)
            implements BalancerNotice {
        public Report {
            cores = List.copyOf(cores);
            databases = List.copyOf(databases);
            shards = List.copyOf(shards);
        }
    }

    /** A database was not on its node any more when it was to be moved. */
    record RebindMissed(Identity database) implements BalancerNotice {}
}
