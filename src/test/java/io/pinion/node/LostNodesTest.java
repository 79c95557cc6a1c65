package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.ws.ModelLoad;
import io.pinion.testing.LedgerClient;
import io.pinion.testing.NodeProcess;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes in processes of their own, one of which stands still for longer than the others wait for it, and one of which
 * is killed; a ledger is called all the time, or clients are connected to a database.
 */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class LostNodesTest {
    private static final int NODES = 3;
    private static final int ACCOUNTS = 4;

    @TempDir
    private static Path directory;

    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> problems = ConcurrentHashMap.newKeySet();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @SuppressWarnings("NullAway.Init") // set before all tests
    private ProcessNodes nodes;

    @BeforeAll
    void start(PostgresServer server) throws Exception {
        List<ProcessNodes.Place> places = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            places.add(ProcessNodes.Place.onLoopback());
        }
        nodes = ProcessNodes.start(directory, server.url(server.createDatabase()), places);
    }

    @BeforeEach
    void startWhatHasEnded() throws IOException {
        for (int node = 0; node < NODES; node++) {
            if (nodes.node(node).hasEnded()) {
                nodes.startAgain(node);
            }
        }
    }

    @AfterAll
    void stop() {
        isOver.set(true);
        nodes.close();
        threads.shutdownNow();
    }

    @Test
    @Tag("slow")
    void whatIsAcknowledgedIsThereOnceWhateverBecomesOfANode() throws Exception {
        LedgerClient first = new LedgerClient(nodes.node(0).url(), nodes.token());
        first.publish();
        first.open(ACCOUNTS, 1_000_000);
        for (int i = 0; i < NODES; i++) {
            assertEquals(200, transfer(nodes.node(i)));
        }
        for (int i = 0; i < NODES; i++) {
            int preferred = i;
            threads.execute(() -> callAllTheTime(preferred));
        }

        int frozen = ownerBut(-1);
        nodes.node(frozen).freeze();
        int heir = ownerBut(frozen);
        Set<Long> before = Set.copyOf(acknowledged);
        nodes.node(frozen).thaw();
        requireNothingStale(nodes.node(frozen), before);
        nodes.node(frozen).awaitEnd(Duration.ofMinutes(2));

        nodes.startAgain(frozen);
        nodes.node(heir).kill();
        ownerBut(heir);
        isOver.set(true);
        threads.shutdown();
        assertTrue(threads.awaitTermination(90, TimeUnit.SECONDS), "calls are under way still");

        assertEquals(Set.of(), problems);
        LedgerClient last = new LedgerClient(nodes.node(frozen).url(), nodes.token());
        List<Long> found = last.rows("SELECT id FROM transfers").stream()
                .map(List::getFirst)
                .toList();
        Set<Long> missing = new HashSet<>(acknowledged);
        found.forEach(missing::remove);
        assertEquals(Set.of(), missing, "acknowledged and lost");
        assertEquals(new HashSet<>(found).size(), found.size());
        long sum = last.rows("SELECT balance FROM accounts").stream()
                .mapToLong(List::getFirst)
                .sum();
        assertEquals(ACCOUNTS * 1_000_000L, sum);
    }

    private int transfer(NodeProcess node) throws IOException {
        long id = ids.incrementAndGet();
        try (LedgerClient client = new LedgerClient(node.url(), nodes.token())) {
            int status = client.transfer(
                            new LedgerClient.Transfer(id, 1 + id % ACCOUNTS, 1 + (id + 1) % ACCOUNTS, 1), "")
                    .statusCode();
            if (status == 200) {
                acknowledged.add(id);
            } else if (status < 500 || status == 530) {
                problems.add(id + " was answered " + status);
            }
            return status;
        }
    }

    /** Through one node, and through the next where that is gone. */
    private void callAllTheTime(int preferred) {
        int node = preferred;
        while (!isOver.get()) {
            try {
                transfer(nodes.node(node));
            } catch (IOException e) {
                node = (node + 1) % NODES;
            }
        }
    }

    /** A node that says of itself that it serves the ledger, when there is one other than that; calls are served by then. */
    private int ownerBut(int excluded) {
        int owner = nodeThatServes("ledger", excluded);
        int count = acknowledged.size();
        ClusterTest.await("that calls are served", () -> acknowledged.size() > count + 5);
        return owner;
    }

    private int nodeThatServes(String database, int excluded) {
        int[] owner = {-1};
        ClusterTest.await("that a node serves", () -> {
            for (int node = 0; node < NODES; node++) {
                if (node != excluded && nodes.serves(node, database)) {
                    owner[0] = node;
                }
            }
            return owner[0] >= 0;
        });
        return owner[0];
    }

    /** It may say nothing, but nothing from before it stood still. */
    private void requireNothingStale(NodeProcess node, Set<Long> before) {
        try (LedgerClient client = new LedgerClient(node.url(), nodes.token())) {
            List<Long> seen = client.rows("SELECT id FROM transfers").stream()
                    .map(List::getFirst)
                    .toList();
            assertTrue(seen.containsAll(before), "it shows what was before it stood still");
        } catch (IOException _) {
            // It has ended, as it should.
        }
    }

    /** Calls are under way all the time; each has its effect once, and no change of rows is missed or told twice. */
    @Test
    @Tag("slow")
    void connectionsGoOnWhenTheNodeOfTheirDatabaseStandsStillOrIsKilled() throws Exception {
        ModelLoad.publish(Bank.at(nodes.node(0).url(), "model", nodes.token()), directory);
        Random random = new Random();

        int frozen = nodeThatServes("model", -1);
        try (ModelLoad load = ModelLoad.start(urlsBut(frozen), "model", random.nextLong())) {
            load.awaitRounds(4);
            nodes.node(frozen).freeze();
            load.awaitRounds(4);
            nodes.node(frozen).thaw();
            nodes.node(frozen).awaitEnd(Duration.ofMinutes(2));
            load.awaitRounds(4);
            load.finish();
        }

        nodes.startAgain(frozen);
        int killed = nodeThatServes("model", -1);
        try (ModelLoad load = ModelLoad.start(urlsBut(killed), "model", random.nextLong())) {
            load.awaitRounds(4);
            nodes.node(killed).kill();
            load.awaitRounds(8);
            load.finish();
        }
    }

    private List<URI> urlsBut(int excluded) {
        List<URI> urls = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            if (node != excluded) {
                urls.add(nodes.node(node).url());
            }
        }
        return urls;
    }
}
