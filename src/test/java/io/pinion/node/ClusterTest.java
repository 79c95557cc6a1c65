package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.DescribeOutcome;
import io.pinion.actors.database.Database.NotOwner;
import io.pinion.actors.database.Database.Published;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import io.pinion.testing.LedgerModule;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.Address;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes with one PostgreSQL server between them. */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class ClusterTest {
    private static final Bytes PROGRAM = Bytes.wrap(LedgerModule.program());

    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private ClusterNodes nodes;

    @BeforeAll
    void start(PostgresServer server) throws Exception {
        nodes = ClusterNodes.start(3, directory, server, Map.of());
    }

    @AfterAll
    void stop() {
        nodes.close();
    }

    private PinionHost host(int node) {
        return nodes.node(node).host();
    }

    @Test
    void databasesAreSpreadAndEachIsCalledFromEveryNode() {
        Set<Address> places = new HashSet<>();
        for (int i = 0; i < 9; i++) {
            LedgerCalls ledger = LedgerCalls.publish(host(i % 3));
            for (int node = 0; node < 3; node++) {
                assertInstanceOf(
                        Committed.class, LedgerCalls.await(ledger.transfer(host(node), node)), "from node " + node);
            }
            assertEquals(List.of(0L, 1L, 2L), ledger.transfers(host(i % 3)));
            places.add(whereAlone(ledger));
        }

        assertEquals(3, places.size(), () -> "all of nine databases are on " + places);
    }

    /** The one node that has it in memory. */
    private Address whereAlone(LedgerCalls ledger) {
        List<Address> hosts = nodes.all().stream()
                .filter(node -> node.host().databasesHere().stream()
                        .anyMatch(state -> state.database().equals(ledger.database())))
                .map(ClusterNodes::address)
                .toList();
        assertEquals(1, hosts.size(), () -> ledger.database() + " is on " + hosts);
        return hosts.getFirst();
    }

    @Test
    void callsFromAllNodesHappenOnceWhileTheirDatabaseMovesAgainAndAgain() throws Exception {
        LedgerCalls ledger = LedgerCalls.publish(host(0));

        Load load = new Load(ledger, nodes.all());
        for (int move = 0; move < 8; move++) {
            PinionNode target = nodes.node(move % 3);
            moveTo(ledger, target);
            load.awaitAnswers(30);
        }

        load.requireAllHappenedOnce(host(0));
    }

    private void moveTo(LedgerCalls ledger, PinionNode target) {
        Address address = ClusterNodes.address(target);
        assertInstanceOf(PinionHost.Relocating.class, LedgerCalls.await(host(0).relocate(ledger.bucket(), address)));
        await(
                "the move to " + address,
                () -> target.host().databasesHere().stream()
                        .anyMatch(state -> state.database().equals(ledger.database())
                                && state.offsetDurable().isPresent()));
        assertEquals(address, LedgerCalls.await(target.host().locations()).get(ledger.bucket()));
    }

    /** The coordinator places it, which is on the first node, and hears of the wish, which is another's, at the same time. */
    @Test
    void aBucketThatIsSentSomewhereWhileItIsPlacedIsMeantToBeThereAndNowhereElse() {
        Map<Integer, Address> sent = new HashMap<>();
        for (int i = 0; i < 64; i++) {
            Identity unborn = Identity.derive("localhost", "unborn " + i);
            int bucket = PinionHost.bucket(unborn);
            Address target = ClusterNodes.address(nodes.node(i % 3));
            CompletionStage<DescribeOutcome> placed =
                    host(0).ask(unborn, Command.Describe::new, Duration.ofSeconds(30));
            assertInstanceOf(PinionHost.Relocating.class, LedgerCalls.await(host(1).relocate(bucket, target)));
            LedgerCalls.await(placed);
            sent.put(bucket, target);
        }

        Map<Integer, Address> locations = LedgerCalls.await(host(0).locations());

        sent.forEach((bucket, target) -> assertEquals(target, locations.get(bucket), "bucket " + bucket));
    }

    @Test
    void callsHappenOnceWhileNodesComeAndLeave() throws Exception {
        LedgerCalls ledger = LedgerCalls.publish(host(0));
        PinionNode guest = nodes.add();

        Load load = new Load(ledger, List.of(nodes.node(0), nodes.node(1)));
        moveTo(ledger, guest);
        load.awaitAnswers(30);
        nodes.leave(guest);
        load.awaitAnswers(30);

        load.requireAllHappenedOnce(host(2));
    }

    /** What the others wait for the databases of a node that is gone is a moment, not the time after which it is given up. */
    @Test
    void callsGoOnSoonAfterANodeHasEndedThatHadNoTimeToHandItsDatabasesOver() throws Exception {
        LedgerCalls ledger = LedgerCalls.publish(host(0));
        PinionNode guest =
                nodes.add(Map.of("pekko.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout", "1 ms"));
        Load load = new Load(ledger, List.of(nodes.node(0), nodes.node(1)));
        moveTo(ledger, guest);
        load.awaitAnswers(30);

        nodes.leave(guest);
        long begin = System.nanoTime();
        load.awaitAnswers(30);

        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
        assertTrue(seconds < 12, () -> "calls waited for " + seconds + " s");
        load.requireAllHappenedOnce(host(2));
    }

    @Test
    void aNameThatAllNodesCreateAtTheSameMomentIsOneDatabase() throws Exception {
        for (int round = 0; round < 8; round++) {
            String name = "contested-" + round;
            List<CompletionStage<PinionHost.PublishResult>> publishes = new ArrayList<>();
            for (int node = 0; node < 3; node++) {
                publishes.add(host(node)
                        .publish(
                                new PinionHost.Target.Named(name),
                                PROGRAM,
                                Identity.derive("localhost", "publisher " + node),
                                false));
            }
            List<PinionHost.PublishResult> results =
                    publishes.stream().map(LedgerCalls::await).toList();

            List<PinionHost.PublishResult> winners = results.stream()
                    .filter(result -> result.outcome() instanceof Published)
                    .toList();
            assertEquals(1, winners.size(), () -> name + ": " + results);
            assertEquals(
                    2,
                    results.stream()
                            .filter(result -> result.outcome() instanceof NotOwner)
                            .count(),
                    () -> name + ": " + results);
            for (int node = 0; node < 3; node++) {
                assertEquals(
                        Optional.of(winners.getFirst().database()),
                        LedgerCalls.await(host(node).resolve(name)));
            }
        }
    }

    @Test
    void aBucketIsNotMovedToWhoIsNoHost() {
        Address nobody = new Address("pekko", "pinion", "127.0.0.1", 1);

        assertInstanceOf(PinionHost.NotRelocated.class, LedgerCalls.await(host(0).relocate(0, nobody)));
    }

    static void await(String what, Callable<Boolean> condition) {
        long begin = System.nanoTime();
        try {
            while (!condition.call()) {
                assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(120), () -> what + " did not happen");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        } catch (Exception e) {
            throw new AssertionError(what, e);
        }
    }

    /** Transfers through several nodes at the same time, one after the other through each. */
    private static final class Load {
        private final LedgerCalls ledger;
        private final AtomicLong ids = new AtomicLong();
        private final AtomicLong answers = new AtomicLong();
        private final AtomicBoolean isOver = new AtomicBoolean();
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Future<List<CallOutcome>>> callers = new ArrayList<>();

        Load(LedgerCalls ledger, List<PinionNode> through) {
            this.ledger = ledger;
            through.forEach(node -> callers.add(threads.submit(() -> run(node.host()))));
        }

        private List<CallOutcome> run(PinionHost host) {
            List<CallOutcome> outcomes = new ArrayList<>();
            while (!isOver.get()) {
                outcomes.add(LedgerCalls.await(ledger.transfer(host, ids.incrementAndGet())));
                answers.incrementAndGet();
            }
            return outcomes;
        }

        void awaitAnswers(int count) {
            long wanted = answers.get() + count;
            await(wanted + " answers", () -> answers.get() >= wanted);
        }

        void requireAllHappenedOnce(PinionHost host) throws Exception {
            isOver.set(true);
            long count = 0;
            for (Future<List<CallOutcome>> caller : callers) {
                for (CallOutcome outcome : caller.get(90, TimeUnit.SECONDS)) {
                    assertInstanceOf(Committed.class, outcome);
                    count++;
                }
            }
            threads.close();
            assertEquals(count, ids.get());
            assertEquals(count, ledger.transfers(host).size());
        }
    }
}
