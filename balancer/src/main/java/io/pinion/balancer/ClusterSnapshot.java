package io.pinion.balancer;

import java.util.List;

/**
 * What the planner knows of a cluster at one moment. Immutable.
 *
 * @param atMillis when, of any origin; only differences count
 * @param nodes each member that hosts databases, the unreachable ones included
 */
public record ClusterSnapshot(long atMillis, List<NodeUse> nodes, Pins pins) {
    public ClusterSnapshot {
        nodes = List.copyOf(nodes);
    }

    /** Whether more than half of the members are reachable. */
    public boolean isMajority() {
        return 2 * reachableCount() > nodes.size();
    }

    /** Members that the failure detector has not lost. */
    public long reachableCount() {
        return nodes.stream()
                .filter(node -> node.state() != NodeState.UNREACHABLE)
                .count();
    }
}
