package io.pinion.balancer;

import static io.pinion.balancer.Clusters.DEFAULTS;
import static io.pinion.balancer.Clusters.address;
import static io.pinion.balancer.Clusters.identity;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.balancer.Action.Rebind;
import io.pinion.balancer.Action.Relocate;
import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static Plan plan(Clusters cluster) {
        return plan(cluster, DEFAULTS);
    }

    private static Plan plan(Clusters cluster, BalancerSettings settings) {
        return Planner.plan(cluster.snapshot(), PlannerHistory.NONE, settings);
    }

    private static List<Refusal> refused(Subject subject, Reason reason) {
        return List.of(new Refusal(subject, reason));
    }

    @Test
    void hotDatabasesOfOneCoreSpreadOverBoth() {
        Clusters cluster = Clusters.of(1, 2)
                .with(1, 1, 0, 0, 0.25)
                .with(2, 2, 0, 0, 0.25)
                .with(3, 3, 0, 0, 0.25)
                .with(4, 4, 0, 0, 0.25);

        Plan plan = plan(cluster);
        cluster.apply(plan);

        assertEquals(2, plan.actions().size());
        assertTrue(plan.actions().stream().allMatch(action -> action.reason() == Action.Reason.CORE_OVERLOADED));
        assertEquals(0.5, cluster.busiestCore(0), 1e-9);
    }

    @Test
    void whatIsWithinTheToleranceStays() {
        Clusters cluster =
                Clusters.of(1, 2).with(1, 1, 0, 0, 0.3).with(2, 2, 0, 0, 0.1).with(3, 3, 0, 1, 0.3);

        assertEquals(Plan.NOTHING, plan(cluster));
    }

    @Test
    void coresThatHaveLittleToDoAreLeftAlone() {
        Clusters cluster = Clusters.of(1, 2).with(1, 1, 0, 0, 0.12).with(2, 2, 0, 0, 0.12);

        assertEquals(Plan.NOTHING, plan(cluster));
    }

    @Test
    void oneGiantGetsItsCoreAloneAndIsThenSaidToBeOne() {
        Clusters cluster =
                Clusters.of(1, 2).with(1, 1, 0, 0, 0.9).with(2, 2, 0, 0, 0.05).with(3, 3, 0, 0, 0.05);

        Plan first = plan(cluster);
        cluster.apply(first);

        assertEquals(
                List.of(Action.Reason.ROOM_FOR_GIANT, Action.Reason.ROOM_FOR_GIANT),
                first.actions().stream().map(Action::reason).toList());
        assertEquals(0, cluster.coreOf(1));
        Plan second = plan(cluster);
        assertEquals(List.of(), second.actions());
        assertEquals(refused(new Subject.OfCore(address(0), 0), Reason.GIANT), second.refusals());
    }

    @Test
    void twoDatabasesChangePlacesWhereNoneFitsAlone() {
        Clusters cluster = Clusters.of(1, 2)
                .with(1, 1, 0, 0, 0.6)
                .with(2, 2, 0, 0, 0.5)
                .with(3, 3, 0, 1, 0.4)
                .with(4, 4, 0, 1, 0.3);

        Plan plan = plan(cluster);
        cluster.apply(plan);

        assertTrue(plan.actions().stream().allMatch(action -> action.reason() == Action.Reason.CORES_EXCHANGED));
        assertEquals(0.9, cluster.busiestCore(0), 1e-9);
    }

    @Test
    void onFullCoresWeightsAreEvened() {
        Clusters cluster = Clusters.of(1, 2)
                .with(1, 1, 0, 0, 0.6, 300)
                .with(2, 2, 0, 0, 0.2, 100)
                .with(3, 3, 0, 0, 0.2, 100)
                .with(4, 4, 0, 1, 1.0, 100)
                .waiting(1)
                .waiting(2)
                .waiting(3)
                .waiting(4);

        Plan plan = plan(cluster);

        assertEquals(
                List.of(
                        new Rebind(identity(2), address(0), 0, 1, Action.Reason.UNEVEN_WEIGHTS),
                        new Rebind(identity(3), address(0), 0, 1, Action.Reason.UNEVEN_WEIGHTS)),
                plan.actions());
    }

    @Test
    void aPinnedDatabaseGoesToItsCoreAndStaysThereWhateverItsLoad() {
        Clusters cluster =
                Clusters.of(1, 2).with(1, 1, 0, 0, 0.5).with(2, 2, 0, 1, 0.5).pinDatabase(1, 1);

        Plan plan = plan(cluster);
        cluster.apply(plan);

        assertTrue(plan.actions().contains(new Rebind(identity(1), address(0), 0, 1, Action.Reason.PINNED)));
        assertEquals(1, cluster.coreOf(1));
        assertEquals(0, cluster.coreOf(2));
    }

    @Test
    void whereAllThatCouldMoveIsPinnedThePlanSaysSo() {
        Clusters cluster = Clusters.of(1, 2)
                .with(1, 1, 0, 0, 0.4)
                .with(2, 2, 0, 0, 0.4)
                .pinDatabase(1, 0)
                .pinDatabase(2, 0);

        Plan plan = plan(cluster);

        assertEquals(List.of(), plan.actions());
        assertEquals(refused(new Subject.OfCore(address(0), 0), Reason.ALL_PINNED), plan.refusals());
    }

    @Test
    void aPinToACoreThatIsNotThereIsRefusedByName() {
        Clusters cluster = Clusters.of(1, 2).with(1, 1, 0, 0, 0.1).pinDatabase(1, 7);

        assertEquals(
                refused(new Subject.OfDatabase(identity(1)), Reason.NO_SUCH_CORE),
                plan(cluster).refusals());
    }

    @Test
    void whatHasMovedRestsAndRestsTwiceAsLongTheNextTime() {
        Clusters cluster = Clusters.of(1, 2).with(1, 1, 0, 0, 0.4).with(2, 2, 0, 0, 0.4);
        List<Action> moves = List.of(
                new Rebind(identity(1), address(0), 1, 0, Action.Reason.BY_HAND),
                new Rebind(identity(2), address(0), 1, 0, Action.Reason.BY_HAND));
        long rest = DEFAULTS.rebind().rest().toMillis();

        PlannerHistory once = PlannerHistory.NONE.after(moves, 0, DEFAULTS);
        PlannerHistory twice = once.after(moves, rest, DEFAULTS);

        cluster.later(rest - 1);
        assertEquals(
                refused(new Subject.OfCore(address(0), 0), Reason.RESTING),
                Planner.plan(cluster.snapshot(), once, DEFAULTS).refusals());
        cluster.later(1);
        assertEquals(
                1, Planner.plan(cluster.snapshot(), once, DEFAULTS).actions().size());
        cluster.later(2 * rest - 1);
        assertEquals(
                0, Planner.plan(cluster.snapshot(), twice, DEFAULTS).actions().size());
        cluster.later(1);
        assertEquals(
                1, Planner.plan(cluster.snapshot(), twice, DEFAULTS).actions().size());
    }

    @Test
    void noMoreMovesThanTheBudgetHasAndTheRestIsSaid() {
        Clusters cluster = Clusters.of(1, 2);
        for (int number = 0; number < 200; number++) {
            cluster.with(number, number, 0, 0, 0.004);
        }

        Plan plan = plan(cluster);

        assertEquals(DEFAULTS.rebind().movesMax(), plan.actions().size());
        assertEquals(refused(new Subject.OfCore(address(0), 0), Reason.BUDGET_SPENT), plan.refusals());
    }

    @Test
    void aNodeThatIsStillBeingMeasuredIsLeftAlone() {
        Clusters cluster =
                Clusters.of(1, 2).with(1, 1, 0, 0, 0.5).with(2, 2, 0, 0, 0.5).unsettled(0);

        Plan plan = plan(cluster);

        assertEquals(List.of(), plan.actions());
        assertEquals(refused(new Subject.OfNode(address(0)), Reason.SETTLING), plan.refusals());
    }

    @Test
    void bucketsGoFromABusyNodeToAQuietOne() {
        Clusters cluster = Clusters.of(2, 2)
                .with(1, 1, 0, 0, 0.45)
                .with(2, 2, 0, 1, 0.45)
                .with(3, 3, 0, 0, 0.45)
                .with(4, 4, 0, 1, 0.45);

        Plan plan = plan(cluster);
        cluster.apply(plan);

        assertEquals(2, plan.actions().size());
        assertTrue(plan.actions().stream().allMatch(Relocate.class::isInstance));
        assertEquals(0.45, cluster.fullness(0), 1e-9);
        assertEquals(0.45, cluster.fullness(1), 1e-9);
    }

    @Test
    void aSlowNodeGetsAsMuchAsItCanDoInTheSameTime() {
        Clusters cluster = Clusters.of(2, 2).speed(0, 0.5);
        for (int number = 0; number < 20; number++) {
            cluster.with(number, number, number % 2, number % 4 / 2, 0.1);
        }
        PlannerHistory history = PlannerHistory.NONE;
        for (int round = 0; round < 10; round++) {
            Plan plan = Planner.plan(cluster.snapshot(), history, DEFAULTS);
            history = history.after(plan.actions(), cluster.nowMillis(), DEFAULTS);
            cluster.apply(plan);
            cluster.later(3000);
        }

        assertTrue(cluster.fullness(0) < 0.9, "" + cluster.fullness(0));
        assertTrue(cluster.hostedBy(0) < cluster.hostedBy(1));
        assertEquals(
                List.of(), Planner.plan(cluster.snapshot(), history, DEFAULTS).actions());
    }

    @Test
    void aGiantBucketIsNotMovedBackAndForthButGetsRoom() {
        Clusters cluster = Clusters.of(2, 2)
                .with(1, 1, 0, 0, 0.9)
                .with(2, 1, 0, 1, 0.9)
                .with(3, 3, 0, 0, 0.05)
                .with(4, 4, 0, 1, 0.05);

        Plan first = plan(cluster);
        cluster.apply(first);

        assertEquals(
                List.of(Action.Reason.ROOM_FOR_GIANT, Action.Reason.ROOM_FOR_GIANT),
                first.actions().stream().map(Action::reason).toList());
        assertEquals(0, cluster.nodeOf(1));
        Plan second = plan(cluster);
        assertEquals(List.of(), second.actions());
        assertTrue(second.refusals().contains(new Refusal(new Subject.OfNode(address(0)), Reason.GIANT_SHARD)));
    }

    @Test
    void aBucketDoesNotReturnToTheNodeItCameFrom() {
        Clusters cluster = Clusters.of(2, 1).with(1, 1, 0, 0, 0.4).with(2, 2, 0, 0, 0.4);
        PlannerHistory history = PlannerHistory.NONE.after(
                List.of(
                        new Relocate(1, address(1), address(0), Action.Reason.NODE_OVERLOADED),
                        new Relocate(2, address(1), address(0), Action.Reason.NODE_OVERLOADED)),
                0,
                DEFAULTS);
        cluster.later(DEFAULTS.relocate().rest().toMillis());

        Plan plan = Planner.plan(cluster.snapshot(), history, DEFAULTS);

        assertEquals(List.of(), plan.actions());
        assertEquals(refused(new Subject.OfNode(address(0)), Reason.RETURNING), plan.refusals());
    }

    @Test
    void whatIsUnderWayCountsWhereItGoesAndInTheBudget() {
        Clusters cluster = Clusters.of(2, 1).with(1, 1, 0, 0, 0.4).with(2, 2, 0, 0, 0.4);
        Plan first = plan(cluster);
        PlannerHistory history = PlannerHistory.NONE.after(first.actions(), 0, DEFAULTS);

        Plan second = Planner.plan(cluster.later(3000).snapshot(), history, DEFAULTS);

        assertEquals(1, first.actions().size());
        assertEquals(List.of(), second.actions());
    }

    @Test
    void aDrainedNodeIsEmptiedWhateverTheLoad() {
        Clusters cluster = Clusters.of(3, 2).state(2, NodeState.DRAINING);
        for (int number = 0; number < 40; number++) {
            cluster.with(number, number, number % 3, number % 2, 0.01);
        }
        PlannerHistory history = PlannerHistory.NONE;
        for (int round = 0; round < 3; round++) {
            Plan plan = Planner.plan(cluster.snapshot(), history, DEFAULTS);
            history = history.after(plan.actions(), cluster.nowMillis(), DEFAULTS);
            cluster.apply(plan);
            cluster.later(3000);
        }

        assertEquals(0, cluster.hostedBy(2));
        assertEquals(20, (double) cluster.hostedBy(0), 1);
    }

    @Test
    void aDrainWithoutAnotherNodeIsRefused() {
        Clusters cluster = Clusters.of(2, 2)
                .with(1, 1, 0, 0, 0.1)
                .state(0, NodeState.DRAINING)
                .state(1, NodeState.DRAINING);

        assertEquals(
                refused(new Subject.OfNode(address(0)), Reason.NO_TARGET),
                plan(cluster).refusals());
    }

    @Test
    void aPinnedBucketGoesToItsNodeAndStaysThere() {
        Clusters cluster =
                Clusters.of(2, 1).with(1, 1, 0, 0, 0.01).with(2, 2, 1, 0, 0.9).pinShard(1, 1);

        Plan plan = plan(cluster);
        cluster.apply(plan);

        assertEquals(List.of(new Relocate(1, address(0), address(1), Action.Reason.PINNED)), plan.actions());
        assertEquals(List.of(), plan(cluster).actions());
    }

    @Test
    void aPinToANodeThatIsEmptiedIsRefused() {
        Clusters cluster = Clusters.of(2, 1)
                .with(1, 1, 0, 0, 0.1)
                .with(2, 2, 1, 0, 0.1)
                .pinShard(1, 1)
                .pinShard(2, 1)
                .state(1, NodeState.DRAINING);

        Plan plan = plan(cluster);

        assertEquals(List.of(), plan.actions());
        assertEquals(
                List.of(
                        new Refusal(new Subject.OfShard(1), Reason.PINNED_NODE_AWAY),
                        new Refusal(new Subject.OfShard(2), Reason.PINNED_NODE_AWAY)),
                plan.refusals());
    }

    @Test
    void inAMinorityNothingMoves() {
        Clusters cluster =
                Clusters.of(2, 2).with(1, 1, 0, 0, 0.5).with(2, 2, 0, 0, 0.5).state(1, NodeState.UNREACHABLE);

        Plan plan = plan(cluster);

        assertEquals(List.of(), plan.actions());
        assertEquals(refused(new Subject.OfCluster(), Reason.MINORITY), plan.refusals());
    }

    @Test
    void whileAMemberIsUnreachableDatabasesChangeCoresButNotNodes() {
        Clusters cluster = Clusters.of(3, 2)
                .with(1, 1, 0, 0, 0.5)
                .with(2, 2, 0, 0, 0.5)
                .with(3, 3, 0, 0, 0.5)
                .with(4, 4, 0, 0, 0.5)
                .state(2, NodeState.UNREACHABLE);

        Plan plan = plan(cluster);

        assertEquals(2, plan.actions().size());
        assertTrue(plan.actions().stream().allMatch(Rebind.class::isInstance));
        assertEquals(
                List.of(
                        new Refusal(new Subject.OfCluster(), Reason.MEMBERS_UNREACHABLE),
                        new Refusal(new Subject.OfNode(address(2)), Reason.UNREACHABLE)),
                plan.refusals());
    }

    @Test
    void aSilentNodeIsNeitherSourceNorTarget() {
        Clusters cluster =
                Clusters.of(2, 1).with(1, 1, 0, 0, 0.4).with(2, 2, 0, 0, 0.4).state(1, NodeState.SILENT);

        Plan plan = plan(cluster);

        assertEquals(List.of(), plan.actions());
        assertEquals(refused(new Subject.OfNode(address(1)), Reason.SILENT), plan.refusals());
    }

    @Test
    void switchedOffItDoesOnlyWhatOperatorsWish() {
        Clusters cluster = Clusters.of(2, 2)
                .with(1, 1, 0, 0, 0.5)
                .with(2, 2, 0, 0, 0.5)
                .with(3, 3, 1, 0, 0.1)
                .state(1, NodeState.DRAINING);
        BalancerSettings off = DEFAULTS.switched(false);

        Plan plan = plan(cluster, off);

        assertEquals(List.of(new Relocate(3, address(1), address(0), Action.Reason.NODE_DRAINED)), plan.actions());
        assertEquals(refused(new Subject.OfCluster(), Reason.SWITCHED_OFF), plan.refusals());
    }

    @Test
    void whatIsForgottenNoLongerRests() {
        PlannerHistory history = PlannerHistory.NONE.after(
                List.of(new Relocate(1, address(1), address(0), Action.Reason.NODE_OVERLOADED)), 0, DEFAULTS);
        long later = Duration.ofDays(1).toMillis();

        assertTrue(history.newest(1).isPresent());
        assertTrue(history.after(List.of(), later, DEFAULTS).newest(1).isEmpty());
    }
}
