package io.pinion.balancer;

import io.pinion.store.value.Identity;
import org.apache.pekko.actor.Address;

/** One move. */
public sealed interface Action extends Decided {
    Reason reason();

    /** Why something moves. */
    enum Reason {
        CORE_OVERLOADED("its core is busier than the others of its node"),
        CORES_EXCHANGED("two databases change places, as neither fits beside the other core's load alone"),
        ROOM_FOR_GIANT("one database takes most of a core, and the others on it make room"),
        UNEVEN_WEIGHTS("all cores are full, and the weights on its core add up to more than elsewhere"),
        NODE_OVERLOADED("its node is busier than the others of the cluster"),
        NODE_DRAINED("its node is being drained"),
        NODE_LEAVING("its node leaves the cluster"),
        PINNED("it is pinned there"),
        BY_HAND("an operator said so");

        private final String sentence;

        Reason(String sentence) {
            this.sentence = sentence;
        }

        /** For people. */
        public String sentence() {
            return sentence;
        }
    }

    /** Binds a database to another core of its node: microseconds, unnoticed by callers. */
    record Rebind(Identity database, Address node, int from, int core, Reason reason) implements Action {}

    /** Moves all databases of a bucket to another node: they stop, recover there, and their calls wait. */
    record Relocate(int shard, Address from, Address to, Reason reason) implements Action {}
}
