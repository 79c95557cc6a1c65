package io.pinion.balancer;

import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what moves. Pure: the same snapshot, history and settings give the same plan.
 *
 * <p>In a plan no database and no bucket moves twice; none moves before it has rested, unless its node is emptied or it is
 * pinned elsewhere. No core and no node that takes part gets busier than the busiest was, unless by what is pinned there or
 * comes from a node that is emptied. With constant loads, plans come to an end.
 */
public final class Planner {
    private Planner() {}

    public static Plan plan(ClusterSnapshot snapshot, PlannerHistory history, BalancerSettings settings) {
        if (!snapshot.isMajority()) {
            return new Plan(List.of(), List.of(new Refusal(new Subject.OfCluster(), Reason.MINORITY)));
        }
        List<Action> actions = new ArrayList<>();
        List<Refusal> refusals = new ArrayList<>();
        if (!settings.isOn()) {
            refusals.add(new Refusal(new Subject.OfCluster(), Reason.SWITCHED_OFF));
        }
        NodePlanner between = new NodePlanner(snapshot, history, settings);
        add(between.plan(), actions, refusals);
        for (NodeUse node : snapshot.nodes()) {
            switch (node.state()) {
                case UP, LEAVING, DRAINING ->
                    add(new CorePlanner(snapshot, node, history, settings, between.moving()).plan(), actions, refusals);
                case SILENT, UNREACHABLE -> refusals.add(refusal(node));
            }
        }
        return new Plan(actions, refusals.stream().distinct().toList());
    }

    private static void add(Plan plan, List<Action> actions, List<Refusal> refusals) {
        actions.addAll(plan.actions());
        refusals.addAll(plan.refusals());
    }

    private static Refusal refusal(NodeUse node) {
        return new Refusal(
                new Subject.OfNode(node.address()),
                node.state() == NodeState.SILENT ? Reason.SILENT : Reason.UNREACHABLE);
    }
}
