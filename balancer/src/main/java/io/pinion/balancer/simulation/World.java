package io.pinion.balancer.simulation;

import io.pinion.balancer.Action;
import io.pinion.balancer.ClusterSnapshot;
import io.pinion.balancer.CoreUse;
import io.pinion.balancer.DatabaseUse;
import io.pinion.balancer.NodeState;
import io.pinion.balancer.NodeUse;
import io.pinion.balancer.Pins;
import io.pinion.balancer.ShardUse;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.pekko.actor.Address;

/**
 * A cluster in numbers: where each bucket and each database is, and what cores do when so much is asked for. A core that is
 * asked for more than it can do gives each database that wants more than its share just its share.
 */
final class World {
    private static final int SHARDS = 1024;
    private static final double SLOW = 0.5;
    private static final int WEIGHT = 100;

    private final Scenario scenario;
    private final double[] base;
    private final Identity[] identities;
    private final int[] shardOf;
    private final int[] coreOf;
    private final int[] nodeOf = new int[SHARDS];
    private final double[] demand;
    private final double[] speeds;
    private final boolean[] isLost;
    private final List<Address> addresses = new ArrayList<>();
    private final Map<Address, Integer> numbers = new HashMap<>();
    private final Map<Identity, Integer> databases = new HashMap<>();

    World(Scenario scenario) {
        this.scenario = scenario;
        Random random = new Random(scenario.seed());
        int count = scenario.databases();
        base = scenario.trace().base(count, scenario.busy() * scenario.cores(), random);
        demand = base.clone();
        speeds = new double[scenario.nodes()];
        isLost = new boolean[scenario.nodes()];
        identities = new Identity[count];
        shardOf = new int[count];
        coreOf = new int[count];
        placeNodes(random);
        for (int database = 0; database < count; database++) {
            identities[database] = new Identity(database, random.nextLong(), random.nextLong(), random.nextLong());
            databases.put(identities[database], database);
            shardOf[database] = random.nextInt(SHARDS);
            coreOf[database] = random.nextInt(scenario.coresPerNode());
        }
    }

    private void placeNodes(Random random) {
        Arrays.fill(speeds, 1);
        if (scenario.trace() == Trace.SLOW_NODE) {
            speeds[0] = SLOW;
        }
        for (int node = 0; node < scenario.nodes(); node++) {
            Address address = new Address("pekko", "pinion", "node-" + node, 7355);
            addresses.add(address);
            numbers.put(address, node);
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            nodeOf[shard] = random.nextInt(scenario.nodes());
        }
    }

    /** Goes on to a time. */
    void at(double second) {
        for (int database = 0; database < demand.length; database++) {
            double wanted = base[database] * scenario.trace().factor(database, second, scenario.seconds());
            demand[database] = Math.min(Trace.GIANT_DEMAND, wanted);
        }
        if (scenario.trace() == Trace.NODE_LOSS && second >= scenario.trace().disturbedAt(scenario.seconds())) {
            loseNode();
        }
    }

    /** Each of its buckets goes where the fewest are, as sharding does without a better plan. */
    private void loseNode() {
        int lost = scenario.nodes() - 1;
        isLost[lost] = true;
        int[] counts = new int[scenario.nodes()];
        counts[lost] = Integer.MAX_VALUE;
        for (int node : nodeOf) {
            counts[node] += node == lost ? 0 : 1;
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            if (nodeOf[shard] == lost) {
                int fewest = 0;
                for (int node = 1; node < counts.length; node++) {
                    fewest = counts[node] < counts[fewest] ? node : fewest;
                }
                counts[fewest]++;
                nodeOf[shard] = fewest;
            }
        }
    }

    void apply(List<Action> actions) {
        Map<Integer, Integer> arrivals = new HashMap<>();
        for (Action action : actions) {
            switch (action) {
                case Action.Rebind rebind -> coreOf[database(rebind.database())] = rebind.core();
                case Action.Relocate relocate ->
                    arrivals.put(relocate.shard(), Objects.requireNonNull(numbers.get(relocate.to())));
            }
        }
        if (arrivals.isEmpty()) {
            return;
        }
        arrivals.forEach((shard, node) -> nodeOf[shard] = node);
        int next = 0;
        for (int database = 0; database < shardOf.length; database++) {
            if (arrivals.containsKey(shardOf[database])) {
                coreOf[database] = next++ % scenario.coresPerNode();
            }
        }
    }

    private int database(Identity identity) {
        return Objects.requireNonNull(databases.get(identity));
    }

    /** What all reports together would say. */
    ClusterSnapshot snapshot(double second) {
        double[][] wanted = coreDemands();
        List<List<DatabaseUse>> hosted = new ArrayList<>();
        double[][] used = new double[scenario.nodes()][scenario.coresPerNode()];
        long[] shardUse = new long[SHARDS];
        int[] shardCount = new int[SHARDS];
        double[][] shares = shares(wanted);
        for (int node = 0; node < scenario.nodes(); node++) {
            hosted.add(new ArrayList<>());
        }
        for (int database = 0; database < demand.length; database++) {
            int shard = shardOf[database];
            int node = nodeOf[shard];
            double busy = Math.min(demand[database] / speeds[node], shares[node][coreOf[database]]);
            used[node][coreOf[database]] += busy;
            shardUse[shard] += (long) (busy * 1e9);
            shardCount[shard]++;
            boolean isShort = busy < demand[database] / speeds[node];
            hosted.get(node).add(use(database, (long) (busy * 1e9), isShort ? 1 : 0));
        }
        List<List<ShardUse>> shards = shards(shardUse, shardCount);
        List<NodeUse> nodes = new ArrayList<>();
        for (int node = 0; node < scenario.nodes(); node++) {
            if (!isLost[node]) {
                nodes.add(new NodeUse(
                        addresses.get(node),
                        NodeState.UP,
                        true,
                        speeds[node],
                        cores(used[node]),
                        named(hosted.get(node)),
                        shards.get(node)));
            }
        }
        return new ClusterSnapshot((long) (second * 1000), nodes, Pins.NONE);
    }

    private DatabaseUse use(int database, long busyNanos, int queue) {
        return new DatabaseUse(
                identities[database], shardOf[database], coreOf[database], busyNanos, 0, queue, WEIGHT, 1, 0);
    }

    /** As a reporter does it: the busiest of each core. */
    private List<DatabaseUse> named(List<DatabaseUse> all) {
        if (all.size() <= scenario.namedMax()) {
            return all;
        }
        int[] left = new int[scenario.coresPerNode()];
        Arrays.fill(left, Math.max(1, scenario.namedMax() / left.length));
        return all.stream()
                .sorted(Comparator.comparingLong(DatabaseUse::busyNanos).reversed())
                .filter(database -> left[database.core()]-- > 0)
                .toList();
    }

    private List<List<ShardUse>> shards(long[] shardUse, int[] shardCount) {
        List<List<ShardUse>> shards = new ArrayList<>();
        for (int node = 0; node < scenario.nodes(); node++) {
            shards.add(new ArrayList<>());
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            if (shardCount[shard] > 0) {
                shards.get(nodeOf[shard]).add(new ShardUse(shard, shardUse[shard], shardCount[shard]));
            }
        }
        return shards;
    }

    private static List<CoreUse> cores(double[] used) {
        return Arrays.stream(used).mapToObj(busy -> new CoreUse(busy, 0)).toList();
    }

    /** What is asked of each core, in parts of that core. */
    double[][] coreDemands() {
        double[][] wanted = new double[scenario.nodes()][scenario.coresPerNode()];
        for (int database = 0; database < demand.length; database++) {
            int node = nodeOf[shardOf[database]];
            wanted[node][coreOf[database]] += demand[database] / speeds[node];
        }
        return wanted;
    }

    /** The most that a core gives to one database, so that what it gives is no more than there is. */
    private double[][] shares(double[][] wanted) {
        double[][] shares = new double[scenario.nodes()][scenario.coresPerNode()];
        Map<Integer, List<Double>> full = new HashMap<>();
        for (int node = 0; node < shares.length; node++) {
            for (int core = 0; core < shares[node].length; core++) {
                shares[node][core] = Double.MAX_VALUE;
                if (wanted[node][core] > 1) {
                    full.put(node * scenario.coresPerNode() + core, new ArrayList<>());
                }
            }
        }
        if (!full.isEmpty()) {
            for (int database = 0; database < demand.length; database++) {
                int node = nodeOf[shardOf[database]];
                List<Double> demands = full.get(node * scenario.coresPerNode() + coreOf[database]);
                if (demands != null) {
                    demands.add(demand[database] / speeds[node]);
                }
            }
            full.forEach((core, demands) ->
                    shares[core / scenario.coresPerNode()][core % scenario.coresPerNode()] = share(demands));
        }
        return shares;
    }

    /** Those that want less than an equal part get it, and the others share what is left. */
    private static double share(List<Double> demands) {
        demands.sort(null);
        double left = 1;
        for (int index = 0; index < demands.size(); index++) {
            double part = left / (demands.size() - index);
            if (demands.get(index) > part) {
                return part;
            }
            left -= demands.get(index);
        }
        return Double.MAX_VALUE;
    }

    /**
     * What the busiest core of the cluster does at least, wherever databases are: the mean, or the largest database on the
     * fastest node.
     */
    double lowerBound() {
        double capacity = 0;
        double fastest = 0;
        for (int node = 0; node < speeds.length; node++) {
            capacity += isLost[node] ? 0 : speeds[node] * scenario.coresPerNode();
            fastest = Math.max(fastest, isLost[node] ? 0 : speeds[node]);
        }
        return Math.max(
                Arrays.stream(demand).sum() / capacity,
                Arrays.stream(demand).max().orElse(0) / fastest);
    }

    /** The same for the cores of one node with the databases that it has. */
    double[] lowerBounds() {
        double[] sums = new double[speeds.length];
        double[] largest = new double[speeds.length];
        for (int database = 0; database < demand.length; database++) {
            int node = nodeOf[shardOf[database]];
            sums[node] += demand[database] / speeds[node];
            largest[node] = Math.max(largest[node], demand[database] / speeds[node]);
        }
        double[] bounds = new double[sums.length];
        for (int node = 0; node < bounds.length; node++) {
            bounds[node] = Math.max(sums[node] / scenario.coresPerNode(), largest[node]);
        }
        return bounds;
    }

    /** How far the busiest node is above the mean, or above what its largest bucket needs alone. */
    double nodeGap() {
        double[] sums = new double[speeds.length];
        double[] shards = new double[SHARDS];
        double capacity = 0;
        for (int database = 0; database < demand.length; database++) {
            sums[nodeOf[shardOf[database]]] += demand[database];
            shards[shardOf[database]] += demand[database];
        }
        for (int node = 0; node < speeds.length; node++) {
            capacity += isLost[node] ? 0 : speeds[node] * scenario.coresPerNode();
        }
        double mean = Arrays.stream(sums).sum() / capacity;
        double gap = 0;
        for (int node = 0; node < speeds.length; node++) {
            gap = Math.max(gap, sums[node] / (speeds[node] * scenario.coresPerNode()) - mean);
        }
        double largest = Arrays.stream(shards).max().orElse(0) / scenario.coresPerNode();
        return Math.max(0, Math.min(gap, gap + mean - largest));
    }
}
