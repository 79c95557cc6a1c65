package io.pinion.balancer;

import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.Address;

/**
 * All wishes of operators that are in force. Immutable.
 *
 * @param isOn empty as long as no operator has said anything: then the configuration decides
 */
record Wishes(Pins pins, Set<Address> drained, Optional<Boolean> isOn) {
    static final Wishes NONE = new Wishes(Pins.NONE, Set.of(), Optional.empty());

    Wishes {
        drained = Set.copyOf(drained);
    }

    Wishes with(Wish wish) {
        Map<Identity, Integer> databases = new HashMap<>(pins.databases());
        Map<Integer, Address> shards = new HashMap<>(pins.shards());
        Set<Address> nodes = new HashSet<>(drained);
        Optional<Boolean> on = isOn;
        switch (wish) {
            case Wish.PinDatabase(Identity database, int core) -> databases.put(database, core);
            case Wish.UnpinDatabase(Identity database) -> databases.remove(database);
            case Wish.PinShard(int shard, Address node) -> shards.put(shard, node);
            case Wish.UnpinShard(int shard) -> shards.remove(shard);
            case Wish.Drain(Address node) -> nodes.add(node);
            case Wish.Undrain(Address node) -> nodes.remove(node);
            case Wish.Switch(boolean value) -> on = Optional.of(value);
        }
        return new Wishes(new Pins(databases, shards), nodes, on);
    }
}
