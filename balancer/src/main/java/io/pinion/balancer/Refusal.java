package io.pinion.balancer;

import io.pinion.store.value.Identity;
import org.apache.pekko.actor.Address;

/** Something was not moved although something spoke for it. */
public record Refusal(Subject subject, Reason reason) implements Decided {
    /** What it is about. */
    public sealed interface Subject {
        record OfCluster() implements Subject {}

        record OfNode(Address node) implements Subject {}

        record OfCore(Address node, int core) implements Subject {}

        record OfShard(int shard) implements Subject {}

        record OfDatabase(Identity database) implements Subject {}
    }

    /** Why something stays. */
    public enum Reason {
        SWITCHED_OFF("the balancer is switched off"),
        MINORITY("no more than half of the members are reachable: the others may decide otherwise"),
        MEMBERS_UNREACHABLE("a member is unreachable, and no bucket can be handed over meanwhile"),
        UNREACHABLE("it is unreachable"),
        SILENT("it has not reported its load"),
        SETTLING("something was moved there a moment ago, and its load is being measured"),
        BUDGET_SPENT("as much was moved at a time as may be; it goes on with the next plan"),
        RESTING("what could be moved has been moved a while ago only"),
        RETURNING("what could be moved came from there a while ago"),
        ALL_PINNED("what could be moved is pinned"),
        GIANT("a single database takes most of the core: it is alone there as far as possible"),
        GIANT_SHARD("a single bucket takes most of the node: it is alone there as far as possible"),
        NOTHING_FITS("no move would make it better by as much as moves have to"),
        NO_SUCH_CORE("it is pinned to a core that its node does not have"),
        PINNED_NODE_AWAY("it is pinned to a node that is not there or is being emptied"),
        NO_TARGET("no other node may host what has to leave"),
        GONE("it was no longer there when it was to be moved"),
        NOT_ARRIVED("it has not arrived where it was sent");

        private final String sentence;

        Reason(String sentence) {
            this.sentence = sentence;
        }

        /** For people. */
        public String sentence() {
            return sentence;
        }
    }
}
