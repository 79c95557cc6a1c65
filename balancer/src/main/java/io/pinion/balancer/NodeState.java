package io.pinion.balancer;

/** What a member of the cluster is to the planner. */
public enum NodeState {
    /** It hosts databases and may get more. */
    UP,
    /** It leaves the cluster: what it hosts goes to others. */
    LEAVING,
    /** As {@link #LEAVING}, by an operator's wish: it stays a member and hosts nothing. */
    DRAINING,
    /** It has not reported for a while, or not yet: nothing is known of its load. */
    SILENT,
    /** The failure detector has lost it: it is neither asked nor told anything. */
    UNREACHABLE;

    /** Whether what it hosts is to leave it. */
    public boolean isEmptied() {
        return this == LEAVING || this == DRAINING;
    }
}
