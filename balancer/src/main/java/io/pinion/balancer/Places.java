package io.pinion.balancer;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import io.pinion.store.value.Identity;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.jspecify.annotations.Nullable;

/**
 * Where buckets are, where they are recorded to be, and what the records should say. Records live as long as one node of
 * the cluster does, and are what sharding goes by when a bucket is asked for. Used by one thread.
 */
final class Places {
    /** Corrections at a time: each is a change that spreads by gossip. */
    private static final int CORRECTIONS_MAX = 128;

    private final BalancerSettings settings;
    private final Set<Integer> saidLate = new HashSet<>();

    Places(BalancerSettings settings) {
        this.settings = settings;
    }

    Optional<NodeUse> nodeOf(Identity database, ClusterSnapshot snapshot) {
        return hostOf(PinionHost.bucket(database), snapshot);
    }

    /** The core that a database is on, or -1 if its node does not name it. */
    static int coreOf(Identity database, NodeUse node) {
        return node.databases().stream()
                .filter(use -> use.database().equals(database))
                .mapToInt(DatabaseUse::core)
                .findFirst()
                .orElse(-1);
    }

    /** The node that has databases of a bucket in its memory. */
    Optional<NodeUse> hostOf(int shard, ClusterSnapshot snapshot) {
        return snapshot.nodes().stream()
                .filter(node -> node.shards().stream().anyMatch(use -> use.shard() == shard))
                .findFirst();
    }

    /** Why nothing can be sent to a node. */
    Optional<String> problem(Address node, ClusterSnapshot snapshot) {
        Optional<NodeState> state = snapshot.nodes().stream()
                .filter(use -> use.address().equals(node))
                .map(NodeUse::state)
                .findFirst();
        if (state.isEmpty()) {
            return Optional.of("no member of the cluster is at " + node);
        }
        return state.get() == NodeState.UP ? Optional.empty() : Optional.of(node + " is " + state.get());
    }

    /** Buckets that have not arrived where they were sent; each is said once. */
    List<Refusal> late(ClusterSnapshot snapshot, PlannerHistory history) {
        Set<Integer> late = new HashSet<>();
        for (NodeUse node : snapshot.nodes()) {
            for (ShardUse shard : node.shards()) {
                if (history.isLate(shard.shard(), node.address(), snapshot.atMillis(), settings.arriveWithin())) {
                    late.add(shard.shard());
                }
            }
        }
        saidLate.retainAll(late);
        return late.stream()
                .filter(saidLate::add)
                .map(shard -> new Refusal(new Subject.OfShard(shard), Reason.NOT_ARRIVED))
                .toList();
    }

    /**
     * What records should say and do not: buckets that are in memory are where they are, unless they are on their way;
     * others are where they are pinned, and not on a node that is emptied.
     */
    Map<Integer, Address> corrections(ClusterSnapshot snapshot, PlannerHistory history, Map<Integer, Address> records) {
        Map<Integer, Address> hosts = new HashMap<>();
        snapshot.nodes().forEach(node -> node.shards().forEach(shard -> hosts.put(shard.shard(), node.address())));
        Map<Integer, Address> corrections = new HashMap<>();
        hosts.forEach((shard, node) -> {
            boolean isUsable = isUp(records.get(shard), snapshot);
            if (!isUsable && isUp(node, snapshot)) {
                corrections.put(shard, node);
            }
        });
        placeIdle(snapshot, records, hosts, corrections);
        Map<Integer, Address> first = new HashMap<>();
        corrections.entrySet().stream()
                .filter(entry -> history.newest(entry.getKey())
                        .filter(move -> history.isYoung(move, snapshot.atMillis(), settings.arriveWithin()))
                        .isEmpty())
                .sorted(Map.Entry.comparingByKey())
                .limit(CORRECTIONS_MAX)
                .forEach(entry -> first.put(entry.getKey(), entry.getValue()));
        return first;
    }

    private static void placeIdle(
            ClusterSnapshot snapshot,
            Map<Integer, Address> records,
            Map<Integer, Address> hosts,
            Map<Integer, Address> corrections) {
        snapshot.pins().shards().forEach((shard, node) -> {
            if (!hosts.containsKey(shard) && !node.equals(records.get(shard)) && isUp(node, snapshot)) {
                corrections.put(shard, node);
            }
        });
        List<Address> targets = snapshot.nodes().stream()
                .filter(node -> node.state() == NodeState.UP)
                .sorted(Comparator.comparingDouble(NodeUse::busy))
                .map(NodeUse::address)
                .toList();
        records.forEach((shard, node) -> {
            boolean isFree =
                    !hosts.containsKey(shard) && !snapshot.pins().shards().containsKey(shard);
            if (isFree && isEmptied(node, snapshot) && !targets.isEmpty()) {
                corrections.put(shard, targets.get(shard % targets.size()));
            }
        });
    }

    private static boolean isUp(@Nullable Address node, ClusterSnapshot snapshot) {
        return snapshot.nodes().stream()
                .anyMatch(use ->
                        use.address().equals(node) && (use.state() == NodeState.UP || use.state() == NodeState.SILENT));
    }

    private static boolean isEmptied(Address node, ClusterSnapshot snapshot) {
        return snapshot.nodes().stream()
                .anyMatch(use -> use.address().equals(node) && use.state().isEmptied());
    }
}
