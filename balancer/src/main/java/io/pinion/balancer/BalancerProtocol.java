package io.pinion.balancer;

import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;

/** What is said to the balancer and what it answers. */
public final class BalancerProtocol {
    private BalancerProtocol() {}

    /** What the balancer is sent, by operators, by nodes and by itself. */
    public sealed interface Received permits Command, BalancerNote, BalancerNotice {}

    /** Marks what crosses nodes or is in the journal; it has a binary form. */
    public interface Message {}

    public sealed interface Command extends Message, Received {
        /** Answered when it is in the journal. */
        record Change(Wish wish, ActorRef<? super ChangeOutcome> replyTo) implements Command {}

        /** Moves a database to another core of its node now; the balancer lets it rest there. */
        record RebindNow(Identity database, int core, ActorRef<? super MoveOutcome> replyTo) implements Command {}

        /** Moves a bucket to another node now; the balancer lets it rest there. */
        record RelocateNow(int shard, Address to, ActorRef<? super MoveOutcome> replyTo) implements Command {}

        /** Plans and acts now rather than at the next interval; answered with the plan. */
        record PlanNow(ActorRef<? super Planned> replyTo) implements Command {}

        record GetStatus(ActorRef<? super Status> replyTo) implements Command {}

        /** @param max of the newest */
        record GetDecisions(int max, ActorRef<? super Decisions> replyTo) implements Command {}
    }

    public sealed interface ChangeOutcome extends Message {}

    public record Changed() implements ChangeOutcome {}

    public sealed interface MoveOutcome extends Message {}

    /** It is on its way. */
    public record Ordered(Action action) implements MoveOutcome {}

    /** @param why a sentence */
    public record NotDone(String why) implements ChangeOutcome, MoveOutcome {}

    public record Planned(Plan plan) implements Message {}

    /** Newest first. */
    public record Decisions(List<Decision> decisions) implements Message {
        public Decisions {
            decisions = List.copyOf(decisions);
        }
    }

    /**
     * @param node where the balancer runs
     * @param isOn whether it moves anything by itself
     * @param drained nodes that are to host nothing, members or not
     * @param nodes members, by address
     * @param plannedAtMillis of the newest plan since the Unix epoch; 0 if there is none yet
     * @param planMicros what that took
     */
    public record Status(
            Address node,
            boolean isOn,
            Pins pins,
            Set<Address> drained,
            List<NodeStatus> nodes,
            long plannedAtMillis,
            long planMicros)
            implements Message {
        public Status {
            drained = Set.copyOf(drained);
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * @param shards buckets that have databases in its memory: a drain is done when there are none
     * @param databases in its memory
     */
    public record NodeStatus(
            Address address, NodeState state, double speed, List<CoreUse> cores, int shards, int databases) {
        public NodeStatus {
            cores = List.copyOf(cores);
        }
    }
}
