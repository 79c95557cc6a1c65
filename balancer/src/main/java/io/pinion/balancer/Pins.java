package io.pinion.balancer;

import io.pinion.store.value.Identity;
import java.util.Map;
import org.apache.pekko.actor.Address;

/**
 * What operators have put in a place. Immutable.
 *
 * @param databases to the core they are bound to, on whatever node they are
 * @param shards to the node that hosts them
 */
public record Pins(Map<Identity, Integer> databases, Map<Integer, Address> shards) {
    public static final Pins NONE = new Pins(Map.of(), Map.of());

    public Pins {
        databases = Map.copyOf(databases);
        shards = Map.copyOf(shards);
    }
}
