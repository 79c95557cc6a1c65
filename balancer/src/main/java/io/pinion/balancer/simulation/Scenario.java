package io.pinion.balancer.simulation;

/**
 * One simulated cluster.
 *
 * @param busy what is asked for on average, as a part of what all cores can do
 * @param namedMax databases that a report names; the others show in sums only
 * @param seconds simulated
 * @param seed of everything that is left to chance
 */
public record Scenario(
        Trace trace, int nodes, int coresPerNode, int databases, double busy, int namedMax, int seconds, long seed) {
    public Scenario {
        if (nodes < 1 || coresPerNode < 1 || databases < 1 || namedMax < 1 || seconds < 1) {
            throw new IllegalArgumentException("a cluster has nodes, cores, databases and some time");
        }
        if (!(busy > 0 && busy <= 1)) {
            throw new IllegalArgumentException("what is asked for lies between 0 and 1, busy=" + busy);
        }
        if (nodes < 2 && trace == Trace.NODE_LOSS) {
            throw new IllegalArgumentException("where a node is lost, another one stays");
        }
    }

    int cores() {
        return nodes * coresPerNode;
    }
}
