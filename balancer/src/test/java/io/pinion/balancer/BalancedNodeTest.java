package io.pinion.balancer;

import static io.pinion.balancer.TestNode.await;
import static io.pinion.balancer.TestNode.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.balancer.BalancerProtocol.Changed;
import io.pinion.balancer.BalancerProtocol.NotDone;
import io.pinion.balancer.BalancerProtocol.Ordered;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.pekko.actor.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node, two cores, databases with a module, calls without a pause. */
class BalancedNodeTest {
    @TempDir
    private Path directory;

    @Test
    void hotDatabasesOfOneCoreAreSpreadOverBothAndNoCallIsLost() {
        try (TestNode node = TestNode.start(directory)) {
            List<BusyDatabase> databases = IntStream.range(0, 4)
                    .mapToObj(_ -> BusyDatabase.publish(node))
                    .toList();
            databases.forEach(database -> database.on(0));
            databases.forEach(BusyDatabase::start);

            eventually("two databases are on each core", () -> onCore(databases, 0) == 2);

            for (BusyDatabase database : databases) {
                assertEquals(database.finish(), database.rows());
            }
            List<Decision> decisions = await(node.balancer().decisions(100)).decisions();
            assertTrue(
                    decisions.stream()
                            .anyMatch(decision -> decision.decided() instanceof Action.Rebind rebind
                                    && rebind.from() == 0
                                    && rebind.core() == 1
                                    && databases.stream()
                                            .anyMatch(database ->
                                                    database.identity().equals(rebind.database()))),
                    decisions.toString());
        }
    }

    private static long onCore(List<BusyDatabase> databases, int core) {
        return databases.stream().filter(database -> database.core() == core).count();
    }

    @Test
    void switchedOffItMovesNothingButWhatOperatorsSay() {
        try (TestNode node = TestNode.start(directory)) {
            BusyDatabase one = BusyDatabase.publish(node).on(0);
            BusyDatabase two = BusyDatabase.publish(node).on(0);
            assertInstanceOf(Changed.class, await(node.balancer().change(new Wish.Switch(false))));
            one.start();
            two.start();

            eventually(
                    "it says that it is off",
                    () -> await(node.balancer().decisions(10)).decisions().stream()
                            .anyMatch(decision -> decision.decided() instanceof Refusal refusal
                                    && refusal.reason() == Refusal.Reason.SWITCHED_OFF));
            for (int round = 0; round < 5; round++) {
                assertEquals(List.of(), await(node.balancer().planNow()).actions());
            }
            assertEquals(0, one.core());
            assertEquals(0, two.core());

            assertInstanceOf(Ordered.class, await(node.balancer().rebind(one.identity(), 1)));
            eventually("it is where it was sent", () -> one.core() == 1);
            assertInstanceOf(Changed.class, await(node.balancer().change(new Wish.PinDatabase(two.identity(), 1))));
            eventually("it is where it is pinned", () -> two.core() == 1);

            assertEquals(one.finish(), one.rows());
            assertEquals(two.finish(), two.rows());
        }
    }

    @Test
    void wishesOutliveTheNode() {
        Identity database = Identity.derive("localhost", "somebody");
        Address elsewhere = new Address("pekko", "pinion", "10.0.0.7", 7355);
        try (TestNode node = TestNode.start(directory)) {
            await(node.balancer().change(new Wish.PinDatabase(database, 1)));
            await(node.balancer().change(new Wish.PinShard(7, elsewhere)));
            await(node.balancer().change(new Wish.PinShard(8, elsewhere)));
            await(node.balancer().change(new Wish.UnpinShard(8)));
            await(node.balancer().change(new Wish.Drain(elsewhere)));
            await(node.balancer().change(new Wish.Switch(false)));
        }
        try (TestNode node = TestNode.start(directory)) {
            BalancerProtocol.Status status = await(node.balancer().status());

            assertEquals(Map.of(database, 1), status.pins().databases());
            assertEquals(Map.of(7, elsewhere), status.pins().shards());
            assertEquals(Set.of(elsewhere), status.drained());
            assertFalse(status.isOn());
        }
    }

    @Test
    void whatCannotBeIsRefusedWithTheReason() {
        try (TestNode node = TestNode.start(directory)) {
            eventually(
                    "the node has reported",
                    () -> await(node.balancer().status()).nodes().stream()
                            .anyMatch(each -> each.state() == NodeState.UP));
            Address elsewhere = new Address("pekko", "pinion", "10.0.0.7", 7355);

            assertEquals(
                    new NotDone("buckets are numbered from 0 to 1023, not 1024"),
                    await(node.balancer().change(new Wish.PinShard(1024, elsewhere))));
            assertEquals(
                    new NotDone("cores are numbered from 0, not -1"),
                    await(node.balancer().change(new Wish.PinDatabase(Identity.ZERO, -1))));
            assertEquals(
                    new NotDone("no member of the cluster is at " + elsewhere),
                    await(node.balancer().relocate(1, elsewhere)));
            assertEquals(
                    new NotDone("no node has reported the bucket of " + Identity.ZERO),
                    await(node.balancer().rebind(Identity.ZERO, 0)));
        }
    }
}
