package io.pinion.balancer;

import static io.pinion.balancer.TestNode.await;
import static io.pinion.balancer.TestNode.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pinion.actors.cluster.Pinion;
import io.pinion.balancer.BalancerProtocol.Changed;
import io.pinion.balancer.BalancerProtocol.Ordered;
import io.pinion.balancer.BalancerProtocol.Status;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import org.apache.pekko.actor.Address;
import org.apache.pekko.persistence.PersistentRepr;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes of one cluster in this JVM. */
class BalancerFailoverTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void forget() {
        SharedJournal.LOGS.reset();
    }

    private TestNode node(String name, @Nullable TestNode seed) {
        return TestNode.start(
                directory.resolve(name), SharedJournal.SETTINGS + "pinion.host.ask-timeout = 5 s\n", seed);
    }

    private static void eventuallyStatus(String what, TestNode node, Predicate<Status> condition) {
        eventually(what, () -> {
            try {
                return condition.test(await(node.balancer().status()));
            } catch (CompletionException timeout) {
                return false; // while the balancer moves nobody answers
            }
        });
    }

    private static boolean areUp(Status status, int count) {
        return status.nodes().stream()
                        .filter(node -> node.state() == NodeState.UP)
                        .count()
                == count;
    }

    @Test
    void theBalancerGoesOnElsewhereWithWhatOperatorsWishedWhenItsNodeLeaves() {
        try (TestNode first = node("first", null);
                TestNode second = node("second", first);
                TestNode third = node("third", first)) {
            eventuallyStatus("all have reported", third, status -> areUp(status, 3));
            assertEquals(first.address(), await(third.balancer().status()).node());
            assertInstanceOf(Changed.class, await(third.balancer().change(new Wish.PinShard(7, second.address()))));

            first.leave();

            eventuallyStatus("it runs on another node", third, status -> areUp(status, 2));
            Status status = await(third.balancer().status());
            assertEquals(second.address(), status.node());
            assertEquals(Set.of(7), status.pins().shards().keySet());
            assertEquals(
                    2,
                    SharedJournal.LOGS.events("pinion-balancer").stream()
                            .map(PersistentRepr::payload)
                            .filter(WishKeeper.Opened.class::isInstance)
                            .count());
        }
    }

    @Test
    void bucketsAreRecordedWhereTheyAreSentAndLeaveADrainedNode() {
        try (TestNode first = node("first", null);
                TestNode second = node("second", first)) {
            eventuallyStatus("both have reported", second, status -> areUp(status, 2));

            assertInstanceOf(Ordered.class, await(first.balancer().relocate(5, second.address())));
            eventually("it is recorded", () -> second.address().equals(place(first, 5)));

            assertInstanceOf(Changed.class, await(first.balancer().change(new Wish.PinShard(6, second.address()))));
            eventually("the pinned one is recorded", () -> second.address().equals(place(first, 6)));

            assertInstanceOf(Changed.class, await(second.balancer().change(new Wish.Drain(second.address()))));
            eventuallyStatus(
                    "it is drained",
                    first,
                    status -> status.nodes().stream()
                            .anyMatch(node ->
                                    node.address().equals(second.address()) && node.state() == NodeState.DRAINING));
            eventually(
                    "the idle bucket is recorded elsewhere",
                    () -> first.address().equals(place(second, 5)));
            assertEquals(second.address(), place(first, 6));
        }
    }

    private static @Nullable Address place(TestNode node, int bucket) {
        return await(Pinion.get(node.system()).locations()).get(bucket);
    }
}
