package io.pinion.balancer;

import static io.pinion.balancer.Clusters.DEFAULTS;
import static io.pinion.balancer.Clusters.address;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.balancer.Action.Relocate;
import io.pinion.balancer.Refusal.Reason;
import io.pinion.balancer.Refusal.Subject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.Address;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private final Places places = new Places(DEFAULTS);

    private Map<Integer, Address> corrections(Clusters cluster, Map<Integer, Address> records) {
        return places.corrections(cluster.snapshot(), PlannerHistory.NONE, records);
    }

    @Test
    void aBucketInMemoryIsRecordedWhereItIsIfTheRecordIsMissingOrNamesANodeThatIsGone() {
        Clusters cluster =
                Clusters.of(2, 1).with(1, 1, 0, 0, 0.1).with(2, 2, 1, 0, 0.1).with(3, 3, 0, 0, 0.1);

        assertEquals(Map.of(1, address(0), 2, address(1)), corrections(cluster, Map.of(2, address(9), 3, address(0))));
    }

    @Test
    void aRecordOfAnotherMemberIsLeftAsTheBucketMayBeOnItsWay() {
        Clusters cluster = Clusters.of(2, 1).with(1, 1, 0, 0, 0.1);

        assertEquals(Map.of(), corrections(cluster, Map.of(1, address(1))));
    }

    @Test
    void idleBucketsGoWhereTheyArePinnedAndLeaveNodesThatAreEmptied() {
        Clusters cluster =
                Clusters.of(3, 1).with(9, 9, 0, 0, 0.5).pinShard(1, 2).state(1, NodeState.DRAINING);

        Map<Integer, Address> corrections = corrections(cluster, Map.of(1, address(0), 2, address(1), 9, address(0)));

        assertEquals(address(2), corrections.get(1));
        assertEquals(2, corrections.size());
        assertTrue(List.of(address(0), address(2)).contains(corrections.get(2)));
    }

    @Test
    void aBucketThatHasNotArrivedIsSaidOnce() {
        Clusters cluster = Clusters.of(2, 1).with(1, 1, 0, 0, 0.1);
        PlannerHistory history = PlannerHistory.NONE.after(
                List.of(new Relocate(1, address(0), address(1), Action.Reason.BY_HAND)), 0, DEFAULTS);

        assertEquals(List.of(), places.late(cluster.snapshot(), history));
        cluster.later(DEFAULTS.arriveWithin().toMillis());
        assertEquals(
                List.of(new Refusal(new Subject.OfShard(1), Reason.NOT_ARRIVED)),
                places.late(cluster.snapshot(), history));
        assertEquals(List.of(), places.late(cluster.snapshot(), history));
    }

    @Test
    void onlyNodesThatAreUpAreSentAnything() {
        Clusters cluster = Clusters.of(2, 1).state(1, NodeState.DRAINING);

        assertEquals(Optional.empty(), places.problem(address(0), cluster.snapshot()));
        assertEquals(Optional.of(address(1) + " is DRAINING"), places.problem(address(1), cluster.snapshot()));
        assertEquals(
                Optional.of("no member of the cluster is at " + address(5)),
                places.problem(address(5), cluster.snapshot()));
    }
}
