package io.pinion.balancer;

import static io.pinion.balancer.TestNode.await;
import static io.pinion.balancer.TestNode.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.Pinion;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.balancer.BalancerProtocol.Changed;
import io.pinion.balancer.BalancerProtocol.NodeStatus;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes with databases, and a journal between them. */
class BalancedClusterTest {
    private static final int DATABASES = 6;

    @TempDir
    private Path directory;

    @BeforeEach
    void forget() {
        SharedJournal.LOGS.reset();
    }

    @Test
    void aDrainedNodeHandsItsDatabasesToTheOtherWithAllThatWasCommitted() {
        try (TestNode first = TestNode.start(directory.resolve("first"), SharedJournal.SETTINGS, null);
                TestNode second = TestNode.start(directory.resolve("second"), SharedJournal.SETTINGS, first)) {
            List<BusyDatabase> databases = new ArrayList<>();
            for (int number = 0; number < DATABASES; number++) {
                databases.add(BusyDatabase.publish(first));
            }
            databases.forEach(database -> database.call(2));
            eventually("all are reported", () -> databasesOn(first, first) + databasesOn(first, second) == DATABASES);
            assertTrue(databasesOn(first, first) > 0, "nothing to drain");

            assertInstanceOf(Changed.class, await(second.balancer().change(new Wish.Drain(first.address()))));
            eventually("the node is empty", () -> databasesOn(second, first) == 0);

            databases.forEach(database -> database.call(3));
            databases.forEach(database -> assertEquals(5, database.rows()));
            eventually("all are on the other node", () -> databasesOn(second, second) == DATABASES);
            assertTrue(
                    relocations(second).stream()
                            .anyMatch(relocate -> relocate.reason() == Action.Reason.NODE_DRAINED
                                    && relocate.to().equals(second.address())),
                    () -> relocations(second).toString());
        }
    }

    @Test
    void hotDatabasesOfOneNodeAreSpreadOverBothWhileCallsFromEveryNodeHappenOnce() {
        try (TestNode first = TestNode.start(directory.resolve("first"), SharedJournal.SETTINGS, null);
                TestNode second = TestNode.start(directory.resolve("second"), SharedJournal.SETTINGS, first)) {
            List<BusyDatabase> databases = IntStream.range(0, DATABASES)
                    .mapToObj(_ -> BusyDatabase.publish(first))
                    .toList();
            // Past the balancer: what it has moved itself rests.
            databases.forEach(database -> assertInstanceOf(
                    PinionHost.Relocating.class,
                    await(Pinion.get(first.system())
                            .relocate(PinionHost.bucket(database.identity()), first.address()))));
            eventually("all have left the other node", () -> databasesOn(first, second) == 0);
            databases.forEach(database -> database.call(1));
            eventually("all are on one node", () -> databasesOn(first, first) == DATABASES);
            List<BusyDatabase> callers = databases.stream()
                    .flatMap(database -> Stream.of(database, database.through(second)))
                    .toList();

            callers.forEach(BusyDatabase::start);
            eventually("some are on the other node", () -> databasesOn(second, second) > 0);
            callers.forEach(caller -> caller.awaitCalls(20));

            Map<Identity, Integer> answered = new HashMap<>();
            callers.forEach(caller -> answered.merge(caller.identity(), caller.finish(), Integer::sum));
            for (BusyDatabase database : databases) {
                int calls = answered.getOrDefault(database.identity(), 0);
                assertEquals(1 + calls, database.rows(), "of " + database.identity());
            }
            assertTrue(
                    relocations(second).stream()
                            .anyMatch(relocate -> relocate.reason() == Action.Reason.NODE_OVERLOADED
                                    && relocate.from().equals(first.address())),
                    () -> relocations(second).toString());
        }
    }

    private static List<Action.Relocate> relocations(TestNode node) {
        return await(node.balancer().decisions(1000)).decisions().stream()
                .map(Decision::decided)
                .filter(Action.Relocate.class::isInstance)
                .map(Action.Relocate.class::cast)
                .toList();
    }

    private static int databasesOn(TestNode asked, TestNode node) {
        return await(asked.balancer().status()).nodes().stream()
                .filter(status -> status.address().equals(node.address()))
                .mapToInt(NodeStatus::databases)
                .sum();
    }
}
