package io.pinion.balancer;

import io.pinion.balancer.BalancerNotice.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.jspecify.annotations.Nullable;

/** What the balancer has heard of the nodes, and what that makes of them. Used by one thread. */
final class ClusterView {
    /** Nodes whose speeds differ by less are taken for equally fast. */
    private static final double SPEED_TOLERANCE = 1.25;

    private static final double SPEED_MIN = 0.05;
    private static final double SPEED_MAX = 20;

    private final long silentAfterNanos;
    private final long windowNanos;
    private final Map<Address, Heard> heard = new HashMap<>();
    private final Map<Address, Long> movedNanos = new HashMap<>();

    private record Heard(Report report, long atNanos) {}

    ClusterView(BalancerSettings settings) {
        this.silentAfterNanos = settings.silentAfter().toNanos();
        this.windowNanos = settings.window().toNanos();
    }

    /** Something is moved on a node: what it reports is of before for a while, whenever it was sent. */
    void move(Address node, long nowNanos) {
        movedNanos.put(node, nowNanos);
    }

    void hear(Report report, long nowNanos) {
        heard.put(report.node(), new Heard(report, nowNanos));
    }

    /** What moves things on a node, if it has reported. */
    Optional<ActorRef<NodeAgent.Command>> agent(Address node) {
        return Optional.ofNullable(heard.get(node)).map(known -> known.report().agent());
    }

    Optional<Report> report(Address node) {
        return Optional.ofNullable(heard.get(node)).map(Heard::report);
    }

    List<Report> reports() {
        return heard.values().stream().map(Heard::report).toList();
    }

    ClusterSnapshot snapshot(CurrentClusterState state, Wishes wishes, long nowNanos) {
        Set<Address> unreachable =
                state.getUnreachable().stream().map(Member::address).collect(Collectors.toSet());
        List<Member> members = new ArrayList<>();
        state.getMembers().forEach(member -> {
            if (isMember(member)) {
                members.add(member);
            }
        });
        Set<Address> addresses = members.stream().map(Member::address).collect(Collectors.toSet());
        heard.keySet().retainAll(addresses);
        movedNanos.values().removeIf(moved -> nowNanos - moved >= windowNanos);
        double median = medianProbe();
        List<NodeUse> nodes = members.stream()
                .sorted(Comparator.comparing(Member::address, Address.addressOrdering()))
                .map(member ->
                        use(member.address(), nodeState(member, unreachable, wishes.drained(), nowNanos), median))
                .toList();
        return new ClusterSnapshot(nowNanos / 1_000_000, nodes, wishes.pins());
    }

    private static boolean isMember(Member member) {
        MemberStatus status = member.status();
        return status.equals(MemberStatus.up())
                || status.equals(MemberStatus.leaving())
                || status.equals(MemberStatus.exiting());
    }

    private NodeState nodeState(Member member, Set<Address> unreachable, Set<Address> drained, long nowNanos) {
        Heard known = heard.get(member.address());
        if (unreachable.contains(member.address())) {
            return NodeState.UNREACHABLE;
        }
        if (known == null || nowNanos - known.atNanos() > silentAfterNanos) {
            return NodeState.SILENT;
        }
        if (!member.status().equals(MemberStatus.up())) {
            return NodeState.LEAVING;
        }
        return drained.contains(member.address()) ? NodeState.DRAINING : NodeState.UP;
    }

    private NodeUse use(Address node, NodeState state, double medianProbe) {
        @Nullable Heard known = heard.get(node);
        if (known == null) {
            return new NodeUse(node, state, false, 1, List.of(), List.of(), List.of());
        }
        Report report = known.report();
        return new NodeUse(
                node,
                state,
                report.isSettled() && !movedNanos.containsKey(node),
                speed(report.probeNanos(), medianProbe),
                report.cores(),
                report.databases(),
                report.shards());
    }

    private double medianProbe() {
        List<Long> probes = heard.values().stream()
                .map(known -> known.report().probeNanos())
                .filter(nanos -> nanos > 0)
                .sorted()
                .toList();
        return probes.isEmpty() ? 0 : probes.get(probes.size() / 2);
    }

    private static double speed(long probeNanos, double medianProbe) {
        if (probeNanos <= 0 || medianProbe <= 0) {
            return 1;
        }
        double speed = Math.clamp(medianProbe / probeNanos, SPEED_MIN, SPEED_MAX);
        return speed <= SPEED_TOLERANCE && speed >= 1 / SPEED_TOLERANCE ? 1 : speed;
    }
}
