package io.pinion.balancer;

import com.typesafe.config.ConfigFactory;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.pekko.actor.Address;

/** A cluster to plan for, in which moves take effect at once and loads stay as they are. Cores take what they are given. */
final class Clusters {
    static final BalancerSettings DEFAULTS = BalancerSettings.of(ConfigFactory.load());

    private final List<Node> nodes = new ArrayList<>();
    private final Map<Identity, Placed> databases = new TreeMap<>();
    private final Map<Identity, Integer> pinnedDatabases = new HashMap<>();
    private final Map<Integer, Address> pinnedShards = new HashMap<>();
    private long nowMillis;

    private static final class Node {
        final Address address;
        final int cores;
        NodeState state = NodeState.UP;
        double speed = 1;
        boolean isSettled = true;

        Node(Address address, int cores) {
            this.address = address;
            this.cores = cores;
        }
    }

    private static final class Placed {
        final double load;
        final int weight;
        final int shard;
        int queue;
        int node;
        int core;

        Placed(double load, int weight, int shard, int node, int core) {
            this.load = load;
            this.weight = weight;
            this.shard = shard;
            this.node = node;
            this.core = core;
        }
    }

    static Clusters of(int nodes, int coresPerNode) {
        Clusters cluster = new Clusters();
        for (int node = 0; node < nodes; node++) {
            cluster.nodes.add(new Node(address(node), coresPerNode));
        }
        return cluster;
    }

    static Address address(int node) {
        return new Address("pekko", "pinion", "10.0.0." + node, 7355);
    }

    static Identity identity(int number) {
        return new Identity(number, 0, 0, 0);
    }

    /** @param load as a part of a core of speed 1 */
    Clusters with(int number, int shard, int node, int core, double load) {
        return with(number, shard, node, core, load, 100);
    }

    Clusters with(int number, int shard, int node, int core, double load, int weight) {
        databases.put(identity(number), new Placed(load, weight, shard, node, core));
        return this;
    }

    private Placed placed(Identity database) {
        return Objects.requireNonNull(databases.get(database));
    }

    Clusters waiting(int number) {
        placed(identity(number)).queue = 1;
        return this;
    }

    Clusters pinDatabase(int number, int core) {
        pinnedDatabases.put(identity(number), core);
        return this;
    }

    Clusters pinShard(int shard, int node) {
        pinnedShards.put(shard, address(node));
        return this;
    }

    Clusters state(int node, NodeState state) {
        nodes.get(node).state = state;
        return this;
    }

    Clusters speed(int node, double speed) {
        nodes.get(node).speed = speed;
        return this;
    }

    Clusters unsettled(int node) {
        nodes.get(node).isSettled = false;
        return this;
    }

    Clusters later(long millis) {
        nowMillis += millis;
        return this;
    }

    long nowMillis() {
        return nowMillis;
    }

    ClusterSnapshot snapshot() {
        List<NodeUse> uses = new ArrayList<>();
        for (int number = 0; number < nodes.size(); number++) {
            uses.add(use(number));
        }
        return new ClusterSnapshot(nowMillis, uses, new Pins(pinnedDatabases, pinnedShards));
    }

    private NodeUse use(int number) {
        Node node = nodes.get(number);
        List<DatabaseUse> hosted = new ArrayList<>();
        Map<Integer, ShardUse> shards = new TreeMap<>();
        databases.forEach((identity, placed) -> {
            if (placed.node == number) {
                long busy = (long) (placed.load / node.speed * 1e9);
                hosted.add(new DatabaseUse(
                        identity, placed.shard, placed.core, busy, 1, placed.queue, placed.weight, 1, 0));
                shards.merge(
                        placed.shard,
                        new ShardUse(placed.shard, busy, 1),
                        (a, b) ->
                                new ShardUse(a.shard(), a.busyNanos() + b.busyNanos(), a.databases() + b.databases()));
            }
        });
        List<CoreUse> cores = new ArrayList<>();
        for (double busy : coreLoads(number)) {
            cores.add(new CoreUse(busy, 0));
        }
        return new NodeUse(
                node.address, node.state, node.isSettled, node.speed, cores, hosted, List.copyOf(shards.values()));
    }

    /** In parts of a core. */
    double[] coreLoads(int node) {
        double[] loads = new double[nodes.get(node).cores];
        for (Placed placed : databases.values()) {
            if (placed.node == node) {
                loads[placed.core] += placed.load / nodes.get(node).speed;
            }
        }
        return loads;
    }

    double busiestCore(int node) {
        double busiest = 0;
        for (double load : coreLoads(node)) {
            busiest = Math.max(busiest, load);
        }
        return busiest;
    }

    /** The mean of its cores. */
    double fullness(int node) {
        double sum = 0;
        for (double load : coreLoads(node)) {
            sum += load;
        }
        return sum / nodes.get(node).cores;
    }

    int nodeOf(int number) {
        return placed(identity(number)).node;
    }

    int coreOf(int number) {
        return placed(identity(number)).core;
    }

    long hostedBy(int node) {
        return databases.values().stream().filter(placed -> placed.node == node).count();
    }

    void apply(Plan plan) {
        for (Action action : plan.actions()) {
            switch (action) {
                case Action.Rebind rebind -> placed(rebind.database()).core = rebind.core();
                case Action.Relocate relocate -> arrive(relocate);
            }
        }
    }

    private void arrive(Action.Relocate relocate) {
        int to = 0;
        while (!nodes.get(to).address.equals(relocate.to())) {
            to++;
        }
        int next = 0;
        for (Placed placed : databases.values()) {
            if (placed.shard == relocate.shard()) {
                placed.node = to;
                placed.core = next++ % nodes.get(to).cores;
            }
        }
    }
}
