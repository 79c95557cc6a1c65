package io.pinion.balancer;

import static io.pinion.balancer.Clusters.DEFAULTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.balancer.Action.Rebind;
import io.pinion.balancer.Action.Relocate;
import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever the cluster: random nodes, cores, loads, pins, and settings. */
class PlannerPropertiesTest {
    private static final int ROUNDS_MAX = 300;

    private static final class RandomCluster {
        final Random random;
        final int nodes;
        final int cores;
        final int databases;
        final Clusters cluster;

        RandomCluster(long seed) {
            random = new Random(seed);
            nodes = 1 + random.nextInt(4);
            cores = 1 + random.nextInt(6);
            databases = 1 + random.nextInt(60);
            cluster = Clusters.of(nodes, cores);
            double scale = random.nextDouble() * nodes * cores / databases * 2;
            Map<Integer, Integer> nodeOfShard = new HashMap<>();
            for (int number = 0; number < databases; number++) {
                int shard = random.nextInt(32);
                int node = nodeOfShard.computeIfAbsent(shard, _ -> random.nextInt(nodes));
                double load = scale * Math.pow(random.nextDouble(), random.nextInt(1, 6));
                cluster.with(number, shard, node, random.nextInt(cores), Math.min(1, load));
            }
        }

        RandomCluster pinned() {
            for (int number = 0; number < databases; number += 5) {
                cluster.pinDatabase(number, random.nextInt(cores + 1));
            }
            for (int shard = 0; shard < 32; shard += 7) {
                cluster.pinShard(shard, random.nextInt(nodes));
            }
            return this;
        }
    }

    /** Long enough apart for everything to have rested. */
    private static final long APART = DEFAULTS.returnAfter().toMillis() * 100;

    @Property(tries = 300)
    void withConstantLoadsNothingGetsWorseAndPlansEnd(@ForAll long seed) {
        Clusters cluster = new RandomCluster(seed).cluster;
        int round = 0;
        while (true) {
            Plan plan = Planner.plan(cluster.snapshot(), PlannerHistory.NONE, DEFAULTS);
            if (plan.actions().isEmpty()) {
                break;
            }
            assertTrue(round++ < ROUNDS_MAX, "it does not end");
            boolean movesNodes = plan.actions().stream().anyMatch(Relocate.class::isInstance);
            double nodeBefore = fullestNode(cluster);
            double[] before = busiestCores(cluster);
            cluster.apply(plan);
            assertTrue(fullestNode(cluster) <= nodeBefore + 1e-9);
            double[] after = busiestCores(cluster);
            for (int node = 0; node < before.length && !movesNodes; node++) {
                assertTrue(after[node] <= before[node] + 1e-9, "node " + node + " got worse");
            }
            cluster.later(APART);
        }
    }

    private static double fullestNode(Clusters cluster) {
        double fullest = 0;
        for (int node = 0; node < cluster.snapshot().nodes().size(); node++) {
            fullest = Math.max(fullest, cluster.fullness(node));
        }
        return fullest;
    }

    private static double[] busiestCores(Clusters cluster) {
        double[] busiest = new double[cluster.snapshot().nodes().size()];
        for (int node = 0; node < busiest.length; node++) {
            busiest[node] = cluster.busiestCore(node);
        }
        return busiest;
    }

    @Property(tries = 300)
    void whatRestsDoesNotMoveAndPlansEndAsWell(@ForAll long seed) {
        Clusters cluster = new RandomCluster(seed).cluster;
        PlannerHistory history = PlannerHistory.NONE;
        Map<Identity, Long> rebinds = new HashMap<>();
        Map<Integer, Long> relocations = new HashMap<>();
        long lastMove = 0;
        for (int round = 0; round < ROUNDS_MAX; round++) {
            long now = cluster.nowMillis();
            Plan plan = Planner.plan(cluster.snapshot(), history, DEFAULTS);
            for (Action action : plan.actions()) {
                Long before = switch (action) {
                    case Rebind rebind -> rebinds.put(rebind.database(), now);
                    case Relocate relocate -> relocations.put(relocate.shard(), now);
                };
                long rest = (action instanceof Rebind ? DEFAULTS.rebind() : DEFAULTS.relocate())
                        .rest()
                        .toMillis();
                assertTrue(before == null || now - before >= rest, action + " after " + before);
                lastMove = now;
            }
            history = history.after(plan.actions(), now, DEFAULTS);
            cluster.apply(plan);
            cluster.later(10_000);
        }
        assertTrue(lastMove < cluster.nowMillis() - 600_000, "still moving after " + lastMove + " ms");
    }

    @Property(tries = 300)
    void pinsAndBudgetsHoldAndNothingMovesTwiceInAPlan(@ForAll long seed) {
        RandomCluster random = new RandomCluster(seed).pinned();
        Clusters cluster = random.cluster;
        ClusterSnapshot snapshot = cluster.snapshot();

        Plan plan = Planner.plan(snapshot, PlannerHistory.NONE, DEFAULTS);

        Map<Object, Integer> perNode = new HashMap<>();
        Set<Object> moved = new HashSet<>();
        int relocations = 0;
        for (Action action : plan.actions()) {
            switch (action) {
                case Rebind rebind -> {
                    perNode.merge(rebind.node(), 1, Integer::sum);
                    assertTrue(moved.add(rebind.database()));
                    assertEquals(
                            rebind.core(), snapshot.pins().databases().getOrDefault(rebind.database(), rebind.core()));
                }
                case Relocate relocate -> {
                    relocations++;
                    assertTrue(moved.add(relocate.shard()));
                    assertEquals(relocate.to(), snapshot.pins().shards().getOrDefault(relocate.shard(), relocate.to()));
                }
            }
        }
        assertTrue(relocations <= DEFAULTS.relocate().movesMax());
        assertTrue(perNode.values().stream()
                .allMatch(count -> count <= DEFAULTS.rebind().movesMax()));
        assertEquals(plan, Planner.plan(snapshot, PlannerHistory.NONE, DEFAULTS), "not the same again");
    }

    @Property(tries = 200)
    void drainedNodesGetEmptyWhileOthersAreThere(@ForAll long seed) {
        RandomCluster random = new RandomCluster(seed);
        if (random.nodes < 2) {
            return;
        }
        Clusters cluster = random.cluster.state(0, NodeState.DRAINING);
        PlannerHistory history = PlannerHistory.NONE;
        for (int round = 0; round < 4; round++) {
            Plan plan = Planner.plan(cluster.snapshot(), history, DEFAULTS);
            history = history.after(plan.actions(), cluster.nowMillis(), DEFAULTS);
            cluster.apply(plan);
            cluster.later(3000);
        }

        assertEquals(0, cluster.hostedBy(0));
    }

    @Property(tries = 200)
    void whereTheBusiestCoreIsFarAboveTheMeanThereIsAMoveOrAReason(@ForAll long seed) {
        RandomCluster random = new RandomCluster(seed).pinned();
        ClusterSnapshot snapshot = random.cluster.snapshot();

        Plan plan = Planner.plan(snapshot, PlannerHistory.NONE, DEFAULTS);

        for (NodeUse node : snapshot.nodes()) {
            double busiest =
                    node.cores().stream().mapToDouble(CoreUse::busy).max().orElse(0);
            boolean isUneven = busiest > node.busy() + DEFAULTS.rebind().imbalance()
                    && busiest > DEFAULTS.rebind().busyMin();
            assertTrue(!isUneven || isMentioned(plan, node), node.address() + " is uneven and nothing is said");
        }
    }

    private static boolean isMentioned(Plan plan, NodeUse node) {
        List<Object> mentioned = new java.util.ArrayList<>();
        plan.actions().forEach(action -> mentioned.add(action instanceof Rebind rebind ? rebind.node() : ""));
        plan.refusals()
                .forEach(refusal -> mentioned.add(
                        refusal.subject() instanceof Refusal.Subject.OfCore(var address, int _) ? address : ""));
        return mentioned.contains(node.address());
    }
}
