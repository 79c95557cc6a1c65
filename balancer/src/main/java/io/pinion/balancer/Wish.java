package io.pinion.balancer;

import io.pinion.store.value.Identity;
import org.apache.pekko.actor.Address;

/** What an operator wants of the balancer from now on. Kept in the journal. */
public sealed interface Wish extends BalancerProtocol.Message {
    /** The database stays on that core of whatever node it is on. */
    record PinDatabase(Identity database, int core) implements Wish {}

    record UnpinDatabase(Identity database) implements Wish {}

    /** The bucket stays on that node, and goes there. */
    record PinShard(int shard, Address node) implements Wish {}

    record UnpinShard(int shard) implements Wish {}

    /** All that the node hosts goes to others, and nothing comes to it. */
    record Drain(Address node) implements Wish {}

    /** The end of {@link Drain}. */
    record Undrain(Address node) implements Wish {}

    /** Whether the balancer moves anything by itself. What is asked for by hand it does in any case. */
    record Switch(boolean isOn) implements Wish {}
}
