package io.pinion.balancer.simulation;

import io.pinion.balancer.Action;
import io.pinion.balancer.BalancerSettings;
import io.pinion.balancer.ClusterSnapshot;
import io.pinion.balancer.Plan;
import io.pinion.balancer.Planner;
import io.pinion.balancer.PlannerHistory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lets the planner loose on a simulated cluster: at each interval a snapshot, a plan, and its moves. The same scenario gives
 * the same result, planning times excepted.
 */
public final class Simulation {
    private final Scenario scenario;
    private final BalancerSettings settings;
    private final World world;
    private PlannerHistory history = PlannerHistory.NONE;
    private final List<Double> planMillis = new ArrayList<>();
    private int rebinds;
    private int relocations;
    private double unbalancedUntil;
    private double gapSum;

    private Simulation(Scenario scenario, BalancerSettings settings) {
        this.scenario = scenario;
        this.settings = settings;
        this.world = new World(scenario);
    }

    /**
     * @param secondsToBalance since the last disturbance, until every core is within the tolerance of its node's lower bound
     *     and every node within that of the cluster's, for good; the whole time if it never is
     * @param busiest core at the end, in parts of a core
     * @param lowerBound what that is at least, wherever the databases are
     * @param coreGap how far at the end a core is above its node's lower bound, at most
     * @param nodeGap how far at the end a node is above the mean, at most
     * @param meanCoreGap the mean of the largest such gaps from the last disturbance on
     * @param planMillis the median time of a plan
     * @param planMillisMax the longest
     */
    public record Result(
            double secondsToBalance,
            double busiest,
            double lowerBound,
            double coreGap,
            double nodeGap,
            double meanCoreGap,
            int rebinds,
            int relocations,
            double movesPerDatabase,
            double planMillis,
            double planMillisMax) {}

    public static Result run(Scenario scenario, BalancerSettings settings) {
        return new Simulation(scenario, settings).run();
    }

    private Result run() {
        double step = settings.planInterval().toMillis() / 1000.0;
        double disturbed = scenario.trace().disturbedAt(scenario.seconds());
        int looks = 0;
        for (double second = 0; second < scenario.seconds(); second += step) {
            world.at(second);
            if (second >= disturbed) {
                looks++;
                look(second + step);
            }
            act(second);
        }
        return result(disturbed, looks);
    }

    private void look(double next) {
        double coreGap = coreGap();
        gapSum += coreGap;
        boolean isBalanced = coreGap <= settings.rebind().imbalance()
                && world.nodeGap() <= settings.relocate().imbalance();
        if (!isBalanced) {
            unbalancedUntil = next;
        }
    }

    private void act(double second) {
        ClusterSnapshot snapshot = world.snapshot(second);
        long start = System.nanoTime();
        Plan plan = Planner.plan(snapshot, history, settings);
        planMillis.add((System.nanoTime() - start) / 1e6);
        history = history.after(plan.actions(), snapshot.atMillis(), settings);
        world.apply(plan.actions());
        int moved = (int)
                plan.actions().stream().filter(Action.Rebind.class::isInstance).count();
        rebinds += moved;
        relocations += plan.actions().size() - moved;
    }

    private double coreGap() {
        double[][] demands = world.coreDemands();
        double[] bounds = world.lowerBounds();
        double gap = 0;
        for (int node = 0; node < demands.length; node++) {
            gap = Math.max(gap, Arrays.stream(demands[node]).max().orElse(0) - bounds[node]);
        }
        return gap;
    }

    private Result result(double disturbed, int looks) {
        planMillis.sort(null);
        double busiest = Arrays.stream(world.coreDemands())
                .flatMapToDouble(Arrays::stream)
                .max()
                .orElse(0);
        return new Result(
                Math.max(0, unbalancedUntil - disturbed),
                busiest,
                world.lowerBound(),
                coreGap(),
                world.nodeGap(),
                gapSum / Math.max(1, looks),
                rebinds,
                relocations,
                (double) (rebinds + relocations) / scenario.databases(),
                planMillis.get(planMillis.size() / 2),
                planMillis.getLast());
    }
}
