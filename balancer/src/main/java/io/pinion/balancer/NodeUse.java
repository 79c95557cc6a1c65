package io.pinion.balancer;

import java.util.List;
import org.apache.pekko.actor.Address;

/**
 * What one node did of late. Immutable.
 *
 * @param isSettled whether the figures are all from after the last move on this node
 * @param speed of its CPUs beside those of the others: 0.5 takes twice as long for the same
 * @param cores by number
 * @param databases the busiest, in no order; what others do is in {@code cores} and {@code shards} only
 * @param shards each that has a database here, in no order
 */
public record NodeUse(
        Address address,
        NodeState state,
        boolean isSettled,
        double speed,
        List<CoreUse> cores,
        List<DatabaseUse> databases,
        List<ShardUse> shards) {
    public NodeUse {
        if (!(speed > 0)) {
            throw new IllegalArgumentException("a speed is greater than 0, speed=" + speed);
        }
        cores = List.copyOf(cores);
        databases = List.copyOf(databases);
        shards = List.copyOf(shards);
    }

    /** What its cores can do per second, in nanoseconds of a core of speed 1. */
    double capacity() {
        return cores.size() * speed * 1e9;
    }

    /** The mean busy fraction of its cores; 0 if it has none. */
    public double busy() {
        return cores.stream().mapToDouble(CoreUse::busy).average().orElse(0);
    }
}
