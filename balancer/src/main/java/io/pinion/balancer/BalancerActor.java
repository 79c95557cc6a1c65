package io.pinion.balancer;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.balancer.BalancerNotice.Report;
import io.pinion.balancer.BalancerProtocol.Command;
import io.pinion.balancer.BalancerProtocol.NodeStatus;
import io.pinion.balancer.BalancerProtocol.NotDone;
import io.pinion.balancer.BalancerProtocol.Ordered;
import io.pinion.balancer.BalancerProtocol.Planned;
import io.pinion.balancer.BalancerProtocol.Received;
import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.cluster.typed.Cluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The balancer of a cluster, on one node at a time: hears the reports, plans, and has the moves made.
 *
 * <p>Candidate transitions: opening → balancing, when the wishes of operators have been read and their journal says that
 * this is the one that keeps them. Until then nothing is moved and commands wait. What it has moved of late it forgets with
 * its node; nodes report afresh, and where buckets are stands in the records of sharding.
 */
final class BalancerActor {
    private static final Logger LOG = LoggerFactory.getLogger(BalancerActor.class);
    private static final int STASH_MAX = 1_000;

    private final ActorContext<Received> context;
    private final BalancerSettings settings;
    private final PinionHost host;
    private final Cluster cluster;
    private final ActorRef<WishKeeper.Command> keeper;
    private final ClusterView view;
    private final Places places;
    private final DecisionLog decisions;
    private Wishes wishes = Wishes.NONE;
    private PlannerHistory history = PlannerHistory.NONE;
    private long plannedAtMillis;
    private long planMicros;

    private BalancerActor(
            ActorContext<Received> context, BalancerSettings settings, PinionHost host, String journalPluginId) {
        this.context = context;
        this.settings = settings;
        this.host = host;
        this.cluster = Cluster.get(context.getSystem());
        this.view = new ClusterView(settings);
        this.places = new Places(settings);
        this.decisions = new DecisionLog(settings.decisionsMax());
        this.keeper = context.spawn(
                WishKeeper.create(
                        journalPluginId,
                        cluster.selfMember().address(),
                        context.getSelf().narrow()),
                "wishes");
    }

    static Behavior<Received> create(BalancerSettings settings, PinionHost host, String journalPluginId) {
        return Behaviors.setup(context -> Behaviors.withStash(
                STASH_MAX,
                stash -> Behaviors.withTimers(timers -> {
                    timers.startTimerWithFixedDelay(BalancerNote.PlanTick.INSTANCE, settings.planInterval());
                    return new BalancerActor(context, settings, host, journalPluginId).opening(stash);
                })));
    }

    private Behavior<Received> opening(StashBuffer<Received> stash) {
        return Behaviors.receiveMessage(message -> switch (message) {
            case BalancerNote.Kept kept -> {
                onKept(kept);
                LOG.info("the cluster's balancer runs on this node");
                yield stash.unstashAll(balancing());
            }
            case Report report -> onReport(report);
            case Command command -> {
                if (!stash.isFull()) {
                    stash.stash(command);
                }
                yield Behaviors.same();
            }
            case BalancerNotice _, BalancerNote _ -> Behaviors.same();
        });
    }

    private Behavior<Received> balancing() {
        return Behaviors.receiveMessage(this::onMessage);
    }

    private Behavior<Received> onMessage(Received message) {
        return switch (message) {
            case Report report -> onReport(report);
            case BalancerNotice.RebindMissed(Identity database) -> onRebindMissed(database);
            case BalancerNote.PlanTick _ -> onPlanTick();
            case BalancerNote.Done _ -> Behaviors.same();
            case BalancerNote.Kept kept -> onKept(kept);
            case BalancerNote.Located located -> onLocated(located);
            case BalancerNote.DidNotWork(String what, Throwable cause) -> onDidNotWork(what, cause);
            case Command.Change change -> onChange(change);
            case Command.RebindNow rebind -> onRebindNow(rebind);
            case Command.RelocateNow relocate -> onRelocateNow(relocate);
            case Command.PlanNow(var replyTo) -> onPlanNow(replyTo);
            case Command.GetStatus(var replyTo) -> onGetStatus(replyTo);
            case Command.GetDecisions(int max, var replyTo) -> onGetDecisions(max, replyTo);
        };
    }

    private Behavior<Received> onReport(Report report) {
        view.hear(report, System.nanoTime());
        return Behaviors.same();
    }

    private Behavior<Received> onRebindMissed(Identity database) {
        decisions.add(new Refusal(new Subject.OfDatabase(database), Reason.GONE), System.currentTimeMillis());
        return Behaviors.same();
    }

    private Behavior<Received> onPlanTick() {
        planAndAct();
        return Behaviors.same();
    }

    private Behavior<Received> onPlanNow(ActorRef<? super Planned> replyTo) {
        replyTo.tell(new Planned(planAndAct()));
        return Behaviors.same();
    }

    private Plan planAndAct() {
        long start = System.nanoTime();
        ClusterSnapshot snapshot = snapshot(start);
        boolean isOn = wishes.isOn().orElse(settings.isOn());
        Plan plan = Planner.plan(snapshot, history, settings.switched(isOn));
        planMicros = (System.nanoTime() - start) / 1_000;
        plannedAtMillis = System.currentTimeMillis();
        decisions.add(plan, plannedAtMillis);
        places.late(snapshot, history).forEach(refusal -> decisions.add(refusal, plannedAtMillis));
        note(plan.actions(), snapshot);
        plan.actions().forEach(this::carryOut);
        tellLoads(snapshot);
        if (snapshot.nodes().size() > 1 && snapshot.isMajority()) {
            context.pipeToSelf(host.locations(), BalancerActor::located);
        }
        return plan;
    }

    private ClusterSnapshot snapshot(long nowNanos) {
        return view.snapshot(cluster.state(), wishes, nowNanos);
    }

    private static Received located(Map<Integer, Address> records, Throwable failure) {
        return failure == null
                ? new BalancerNote.Located(records)
                : new BalancerNote.DidNotWork("where buckets are recorded could not be read", failure);
    }

    private void note(List<Action> actions, ClusterSnapshot snapshot) {
        history = history.after(actions, snapshot.atMillis(), settings);
    }

    private void carryOut(Action action) {
        switch (action) {
            case Action.Rebind rebind -> {
                view.move(rebind.node(), System.nanoTime());
                view.agent(rebind.node())
                        .ifPresent(agent -> agent.tell(new NodeAgent.Command.Bind(rebind.database(), rebind.core())));
            }
            case Action.Relocate relocate -> {
                measureAnew(relocate.from());
                measureAnew(relocate.to());
                record(relocate.shard(), relocate.to());
            }
        }
    }

    private void measureAnew(Address node) {
        view.move(node, System.nanoTime());
        view.agent(node).ifPresent(agent -> agent.tell(new NodeAgent.Command.MeasureAnew()));
    }

    private void record(int shard, Address node) {
        context.pipeToSelf(host.relocate(shard, node), (outcome, failure) -> recorded(shard, node, outcome, failure));
    }

    private static Received recorded(int shard, Address node, PinionHost.RelocateOutcome outcome, Throwable failure) {
        String what = "bucket " + shard + " was not sent to " + node;
        if (failure != null) {
            return new BalancerNote.DidNotWork(what, failure);
        }
        return switch (outcome) {
            case PinionHost.Relocating _ -> BalancerNote.Done.INSTANCE;
            case PinionHost.NotRelocated(String reason) ->
                new BalancerNote.DidNotWork(what, new IllegalStateException(reason));
        };
    }

    /** For buckets that have no place yet: those of nodes that are emptied get none of them. */
    private void tellLoads(ClusterSnapshot snapshot) {
        Map<Address, Double> loads = new HashMap<>();
        snapshot.nodes()
                .forEach(node -> loads.put(
                        node.address(),
                        node.state().isEmptied() ? Double.POSITIVE_INFINITY : node.busy() / node.speed()));
        NodeAgent.Command.PlaceBy told = new NodeAgent.Command.PlaceBy(loads);
        view.reports().forEach(report -> report.agent().tell(told));
    }

    private Behavior<Received> onLocated(BalancerNote.Located located) {
        places.corrections(snapshot(System.nanoTime()), history, located.records())
                .forEach((shard, node) -> {
                    LOG.debug("bucket {} is recorded to be on {} from now on", shard, node);
                    record(shard, node);
                });
        return Behaviors.same();
    }

    private static Behavior<Received> onDidNotWork(String what, Throwable cause) {
        LOG.warn("{}, and is tried again: {}", what, cause.toString());
        return Behaviors.same();
    }

    private Behavior<Received> onKept(BalancerNote.Kept kept) {
        wishes = kept.wishes();
        return Behaviors.same();
    }

    private Behavior<Received> onChange(Command.Change change) {
        Optional<String> problem = problem(change.wish());
        if (problem.isPresent()) {
            change.replyTo().tell(new NotDone(problem.get()));
        } else {
            keeper.tell(new WishKeeper.Command.Change(change.wish(), change.replyTo()));
        }
        return Behaviors.same();
    }

    private static Optional<String> problem(Wish wish) {
        return switch (wish) {
            case Wish.PinDatabase pin
            when pin.core() < 0 -> Optional.of("cores are numbered from 0, not " + pin.core());
            case Wish.PinShard pin -> problem(pin.shard());
            case Wish.UnpinShard pin -> problem(pin.shard());
            case Wish.PinDatabase _, Wish.UnpinDatabase _, Wish.Drain _, Wish.Undrain _, Wish.Switch _ ->
                Optional.empty();
        };
    }

    private static Optional<String> problem(int shard) {
        return shard < 0 || shard >= PinionHost.BUCKET_COUNT
                ? Optional.of("buckets are numbered from 0 to " + (PinionHost.BUCKET_COUNT - 1) + ", not " + shard)
                : Optional.empty();
    }

    private Behavior<Received> onRebindNow(Command.RebindNow command) {
        ClusterSnapshot snapshot = snapshot(System.nanoTime());
        Optional<NodeUse> node = places.nodeOf(command.database(), snapshot);
        if (node.isEmpty()) {
            command.replyTo().tell(new NotDone("no node has reported the bucket of " + command.database()));
        } else if (command.core() < 0 || command.core() >= node.get().cores().size()) {
            command.replyTo()
                    .tell(new NotDone("there is no core " + command.core() + ": "
                            + node.get().address() + " has "
                            + node.get().cores().size()));
        } else {
            int from = Places.coreOf(command.database(), node.get());
            order(
                    new Action.Rebind(
                            command.database(), node.get().address(), from, command.core(), Action.Reason.BY_HAND),
                    snapshot,
                    command.replyTo());
        }
        return Behaviors.same();
    }

    private Behavior<Received> onRelocateNow(Command.RelocateNow command) {
        ClusterSnapshot snapshot = snapshot(System.nanoTime());
        Optional<String> problem = problem(command.shard()).or(() -> places.problem(command.to(), snapshot));
        if (problem.isPresent()) {
            command.replyTo().tell(new NotDone(problem.get()));
        } else {
            Address from = places.hostOf(command.shard(), snapshot)
                    .map(NodeUse::address)
                    .orElse(command.to());
            order(
                    new Action.Relocate(command.shard(), from, command.to(), Action.Reason.BY_HAND),
                    snapshot,
                    command.replyTo());
        }
        return Behaviors.same();
    }

    private void order(
            Action action, ClusterSnapshot snapshot, ActorRef<? super BalancerProtocol.MoveOutcome> replyTo) {
        decisions.add(action, System.currentTimeMillis());
        note(List.of(action), snapshot);
        carryOut(action);
        replyTo.tell(new Ordered(action));
    }

    private Behavior<Received> onGetStatus(ActorRef<? super BalancerProtocol.Status> replyTo) {
        List<NodeStatus> nodes = snapshot(System.nanoTime()).nodes().stream()
                .map(node -> new NodeStatus(
                        node.address(),
                        node.state(),
                        node.speed(),
                        node.cores(),
                        node.shards().size(),
                        view.report(node.address()).map(Report::databaseCount).orElse(0)))
                .toList();
        replyTo.tell(new BalancerProtocol.Status(
                cluster.selfMember().address(),
                wishes.isOn().orElse(settings.isOn()),
                wishes.pins(),
                wishes.drained(),
                nodes,
                plannedAtMillis,
                planMicros));
        return Behaviors.same();
    }

    private Behavior<Received> onGetDecisions(int max, ActorRef<? super BalancerProtocol.Decisions> replyTo) {
        replyTo.tell(new BalancerProtocol.Decisions(decisions.newest(max)));
        return Behaviors.same();
    }
}
