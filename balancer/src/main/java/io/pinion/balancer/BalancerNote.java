package io.pinion.balancer;

import java.util.Map;
import org.apache.pekko.actor.Address;

/** What the balancer and its keeper of wishes tell it on its own node. */
sealed interface BalancerNote extends BalancerProtocol.Received {
    enum PlanTick implements BalancerNote {
        INSTANCE
    }

    /** Something worked that needs no more attention. */
    enum Done implements BalancerNote {
        INSTANCE
    }

    /** What is in the journal now. */
    record Kept(Wishes wishes) implements BalancerNote {}

    /** Where buckets are recorded to be. */
    record Located(Map<Integer, Address> records) implements BalancerNote {
        public Located {
            records = Map.copyOf(records);
        }
    }

    /** Something that is tried again by itself did not work. */
    record DidNotWork(String what, Throwable cause) implements BalancerNote {}
}
