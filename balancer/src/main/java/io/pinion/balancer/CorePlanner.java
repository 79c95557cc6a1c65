package io.pinion.balancer;

import io.pinion.balancer.Action.Rebind;
import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Plans the moves between the cores of one node. Used once. */
final class CorePlanner {
    private final ClusterSnapshot snapshot;
    private final NodeUse node;
    private final PlannerHistory history;
    private final BalancerSettings settings;
    private final Set<Integer> leaving;
    private final List<Action> actions = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();

    /** @param leaving buckets that go to other nodes: their databases stay where they are until then */
    CorePlanner(
            ClusterSnapshot snapshot,
            NodeUse node,
            PlannerHistory history,
            BalancerSettings settings,
            Set<Integer> leaving) {
        this.snapshot = snapshot;
        this.node = node;
        this.history = history;
        this.settings = settings;
        this.leaving = leaving;
    }

    Plan plan() {
        if (!node.isSettled()) {
            return new Plan(List.of(), List.of(new Refusal(new Subject.OfNode(node.address()), Reason.SETTLING)));
        }
        placePinned();
        if (settings.isOn()) {
            even();
        }
        return new Plan(actions, refusals);
    }

    private void placePinned() {
        if (snapshot.pins().databases().isEmpty()) {
            return;
        }
        for (DatabaseUse database : node.databases()) {
            Integer core = snapshot.pins().databases().get(database.database());
            if (core == null || core == database.core()) {
                continue;
            }
            Subject subject = new Subject.OfDatabase(database.database());
            if (core >= node.cores().size()) {
                refusals.add(new Refusal(subject, Reason.NO_SUCH_CORE));
            } else if (actions.size() >= settings.rebind().movesMax()) {
                refusals.add(new Refusal(subject, Reason.BUDGET_SPENT));
            } else {
                actions.add(rebind(database, core, Action.Reason.PINNED));
            }
        }
    }

    private Rebind rebind(DatabaseUse database, int core, Action.Reason reason) {
        return new Rebind(database.database(), node.address(), database.core(), core, reason);
    }

    private void even() {
        int budget = settings.rebind().movesMax() - actions.size();
        double[] capacities = new double[node.cores().size()];
        Arrays.fill(capacities, 1e9);
        boolean[] isBin = new boolean[capacities.length];
        Arrays.fill(isBin, true);
        Databases items = new Databases();
        Evener evener = new Evener(loads(), capacities, isBin, items, settings.rebind(), true, budget);
        evener.run();
        evener.moves().forEach(move -> add(move, reason(move)));
        evener.stuck().forEach(stuck -> refusals.add(refusal(stuck)));
        if (evener.moves().isEmpty() && actions.isEmpty()) {
            new WeightEvener(node.cores(), node.databases(), items)
                    .run(budget)
                    .forEach(move -> add(move, Action.Reason.UNEVEN_WEIGHTS));
        }
    }

    private void add(Evener.Move move, Action.Reason reason) {
        actions.add(rebind(node.databases().get(move.item()), move.to(), reason));
    }

    private static Action.Reason reason(Evener.Move move) {
        if (move.isExchange()) {
            return Action.Reason.CORES_EXCHANGED;
        }
        return move.makesRoom() ? Action.Reason.ROOM_FOR_GIANT : Action.Reason.CORE_OVERLOADED;
    }

    private Refusal refusal(Evener.Stuck stuck) {
        return new Refusal(new Subject.OfCore(node.address(), stuck.bin()), stuck.reason());
    }

    /** What a core did, and at least what its databases did; as it will be when the pinned are where they belong. */
    private double[] loads() {
        double[] named = new double[node.cores().size()];
        node.databases().forEach(database -> named[database.core()] += database.busyNanos());
        double[] loads = new double[named.length];
        for (int core = 0; core < loads.length; core++) {
            loads[core] = Math.max(named[core], node.cores().get(core).nanosPerSecond());
        }
        if (!actions.isEmpty()) {
            node.databases().forEach(database -> place(database, loads));
        }
        return loads;
    }

    private void place(DatabaseUse database, double[] loads) {
        int core = coreOf(database);
        loads[database.core()] -= database.busyNanos();
        loads[core] += database.busyNanos();
    }

    private int coreOf(DatabaseUse database) {
        Integer pinned = snapshot.pins().databases().get(database.database());
        return pinned != null && pinned < node.cores().size() ? pinned : database.core();
    }

    private final class Databases implements Evener.Items {
        private final List<DatabaseUse> databases = node.databases();

        @Override
        public int count() {
            return databases.size();
        }

        @Override
        public int bin(int item) {
            return databases.get(item).core();
        }

        @Override
        public long load(int item) {
            return databases.get(item).busyNanos();
        }

        @Override
        public Evener.Hold hold(int item) {
            DatabaseUse database = databases.get(item);
            if (snapshot.pins().databases().containsKey(database.database())) {
                return Evener.Hold.PINNED;
            }
            boolean isResting = leaving.contains(database.shard())
                    || history.isResting(
                            database.database(),
                            snapshot.atMillis(),
                            settings.rebind().rest());
            return isResting ? Evener.Hold.RESTING : Evener.Hold.NONE;
        }

        @Override
        public boolean isReturning(int item, int toBin) {
            return false;
        }
    }
}
