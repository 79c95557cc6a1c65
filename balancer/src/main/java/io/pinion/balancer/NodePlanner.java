package io.pinion.balancer;

import io.pinion.balancer.Action.Relocate;
import io.pinion.balancer.PlannerHistory.ShardMove;
import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.pekko.actor.Address;

/**
 * Plans the moves of buckets between nodes: first those that are pinned elsewhere, then those whose node is emptied, then
 * from busy nodes to others. Loads are counted in nanoseconds of a core of speed 1, so that a slow node gets less. Used once.
 */
final class NodePlanner {
    private final ClusterSnapshot snapshot;
    private final PlannerHistory history;
    private final BalancerSettings settings;
    private final List<NodeUse> nodes;
    private final Map<Address, Integer> numbers = new HashMap<>();
    private final List<Hosted> shards = new ArrayList<>();
    private final double[] loads;
    private final double[] capacities;
    private final Set<Integer> moving = new HashSet<>();
    private final List<Action> actions = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private int emptyingUnderWay;
    private int otherUnderWay;

    /** One bucket on one node. */
    private record Hosted(int shard, int node, long load) {}

    NodePlanner(ClusterSnapshot snapshot, PlannerHistory history, BalancerSettings settings) {
        this.snapshot = snapshot;
        this.history = history;
        this.settings = settings;
        this.nodes = snapshot.nodes();
        loads = nodes.stream()
                .mapToDouble(node -> node.busy() * node.capacity())
                .toArray();
        capacities = nodes.stream().mapToDouble(NodeUse::capacity).toArray();
        IntStream.range(0, nodes.size())
                .forEach(number -> numbers.put(nodes.get(number).address(), number));
    }

    Plan plan() {
        if (nodes.size() < 2) {
            return Plan.NOTHING;
        }
        if (nodes.stream().anyMatch(node -> node.state() == NodeState.UNREACHABLE)) {
            return refused(Reason.MEMBERS_UNREACHABLE);
        }
        collect();
        placePinned();
        empty();
        if (settings.isOn()) {
            even();
        }
        return new Plan(actions, refusals);
    }

    private static Plan refused(Reason reason) {
        return new Plan(List.of(), List.of(new Refusal(new Subject.OfCluster(), reason)));
    }

    /** Buckets that go somewhere. */
    Set<Integer> moving() {
        return moving;
    }

    private void collect() {
        for (int number = 0; number < nodes.size(); number++) {
            for (ShardUse shard : nodes.get(number).shards()) {
                long load = (long) (shard.busyNanos() * nodes.get(number).speed());
                Hosted hosted = new Hosted(shard.shard(), number, load);
                shards.add(hosted);
                underWay(hosted).ifPresent(move -> expect(hosted, move));
            }
        }
    }

    private Optional<ShardMove> underWay(Hosted hosted) {
        Address host = nodes.get(hosted.node()).address();
        return history.underWay(hosted.shard(), host, snapshot.atMillis(), settings.arriveWithin())
                .filter(move -> numbers.containsKey(move.to()));
    }

    /** Counts a bucket where it was sent. */
    private void expect(Hosted hosted, ShardMove move) {
        shift(hosted, Objects.requireNonNull(numbers.get(move.to())));
        boolean isEmptying = move.reason() == Action.Reason.NODE_DRAINED || move.reason() == Action.Reason.NODE_LEAVING;
        emptyingUnderWay += isEmptying ? 1 : 0;
        otherUnderWay += isEmptying ? 0 : 1;
    }

    private void shift(Hosted hosted, int to) {
        moving.add(hosted.shard());
        loads[hosted.node()] -= hosted.load();
        loads[to] += hosted.load();
    }

    private void relocate(Hosted hosted, int to, Action.Reason reason) {
        shift(hosted, to);
        actions.add(new Relocate(
                hosted.shard(),
                nodes.get(hosted.node()).address(),
                nodes.get(to).address(),
                reason));
    }

    private void placePinned() {
        for (Hosted hosted : shards) {
            Address wanted = snapshot.pins().shards().get(hosted.shard());
            Address host = nodes.get(hosted.node()).address();
            if (wanted == null || wanted.equals(host) || moving.contains(hosted.shard())) {
                continue;
            }
            Integer to = numbers.get(wanted);
            Subject subject = new Subject.OfShard(hosted.shard());
            if (to == null || nodes.get(to).state() != NodeState.UP) {
                refusals.add(new Refusal(subject, Reason.PINNED_NODE_AWAY));
            } else if (budget() <= 0) {
                refusals.add(new Refusal(subject, Reason.BUDGET_SPENT));
            } else {
                otherUnderWay++;
                relocate(hosted, to, Action.Reason.PINNED);
            }
        }
    }

    /** Buckets that may be sent now, apart from those that leave nodes that are emptied. */
    private int budget() {
        return settings.relocate().movesMax() - otherUnderWay;
    }

    private void empty() {
        List<Hosted> leaving = shards.stream()
                .filter(hosted -> nodes.get(hosted.node()).state().isEmptied())
                .filter(hosted -> !moving.contains(hosted.shard()))
                .sorted(Comparator.comparingLong(Hosted::load).reversed().thenComparingInt(Hosted::shard))
                .toList();
        int budget = settings.drainMovesMax() - emptyingUnderWay;
        Set<Integer> waiting = new HashSet<>();
        for (Hosted hosted : leaving) {
            if (snapshot.pins().shards().containsKey(hosted.shard())) {
                refusals.add(new Refusal(new Subject.OfShard(hosted.shard()), Reason.PINNED_NODE_AWAY));
            } else if (budget > 0) {
                budget -= sendAway(hosted) ? 1 : 0;
            } else if (waiting.add(hosted.node())) {
                refusals.add(new Refusal(ofNode(hosted.node()), Reason.BUDGET_SPENT));
            }
        }
    }

    private boolean sendAway(Hosted hosted) {
        int to = emptiest();
        if (to < 0) {
            Refusal refusal = new Refusal(ofNode(hosted.node()), Reason.NO_TARGET);
            if (!refusals.contains(refusal)) {
                refusals.add(refusal);
            }
            return false;
        }
        boolean isLeaving = nodes.get(hosted.node()).state() == NodeState.LEAVING;
        relocate(hosted, to, isLeaving ? Action.Reason.NODE_LEAVING : Action.Reason.NODE_DRAINED);
        return true;
    }

    private Subject ofNode(int number) {
        return new Subject.OfNode(nodes.get(number).address());
    }

    /** Of those that may host; -1 if there is none. */
    private int emptiest() {
        int best = -1;
        for (int number = 0; number < loads.length; number++) {
            boolean isBetter = best < 0 || loads[number] / capacities[number] < loads[best] / capacities[best];
            if (nodes.get(number).state() == NodeState.UP && capacities[number] > 0 && isBetter) {
                best = number;
            }
        }
        return best;
    }

    private void even() {
        boolean[] isBin = new boolean[nodes.size()];
        for (int number = 0; number < isBin.length; number++) {
            isBin[number] = takesPart(number);
        }
        Evener evener = new Evener(loads, capacities, isBin, new Shards(), settings.relocate(), false, budget());
        evener.run();
        for (Evener.Move move : evener.moves()) {
            Hosted hosted = shards.get(move.item());
            moving.add(hosted.shard());
            actions.add(new Relocate(
                    hosted.shard(),
                    nodes.get(move.from()).address(),
                    nodes.get(move.to()).address(),
                    move.makesRoom() ? Action.Reason.ROOM_FOR_GIANT : Action.Reason.NODE_OVERLOADED));
        }
        evener.stuck().forEach(stuck -> refusals.add(new Refusal(ofNode(stuck.bin()), reason(stuck))));
    }

    private boolean takesPart(int number) {
        NodeUse node = nodes.get(number);
        if (node.state() == NodeState.SILENT) {
            refusals.add(new Refusal(ofNode(number), Reason.SILENT));
        }
        return node.state() == NodeState.UP && node.isSettled() && capacities[number] > 0;
    }

    private static Reason reason(Evener.Stuck stuck) {
        return stuck.reason() == Reason.GIANT ? Reason.GIANT_SHARD : stuck.reason();
    }

    private final class Shards implements Evener.Items {
        @Override
        public int count() {
            return shards.size();
        }

        @Override
        public int bin(int item) {
            return shards.get(item).node();
        }

        @Override
        public long load(int item) {
            return shards.get(item).load();
        }

        @Override
        public Evener.Hold hold(int item) {
            int shard = shards.get(item).shard();
            if (snapshot.pins().shards().containsKey(shard)) {
                return Evener.Hold.PINNED;
            }
            boolean isResting = moving.contains(shard)
                    || history.isResting(
                            shard, snapshot.atMillis(), settings.relocate().rest());
            return isResting ? Evener.Hold.RESTING : Evener.Hold.NONE;
        }

        @Override
        public boolean isReturning(int item, int toBin) {
            Address to = nodes.get(toBin).address();
            return history.isReturning(shards.get(item).shard(), to, snapshot.atMillis(), settings.returnAfter());
        }
    }
}
