package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.testing.LedgerClient;
import io.pinion.testing.NodeProcess;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes in processes of their own, one of which stands still for longer than the others wait for it, and one of which
 * is killed; a ledger is called all the time.
 */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@Timeout(600)
class LostNodesTest {
    private static final int NODES = 3;
    private static final int ACCOUNTS = 4;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> problems = ConcurrentHashMap.newKeySet();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http = HttpClient.newHttpClient();
    private List<String> arguments = List.of();
    private String token = "";

    @BeforeEach
    void start(PostgresServer server) throws Exception {
        for (int i = 0; i < NODES; i++) {
            ports.add(freePort());
        }
        arguments = List.of(
                "--seed",
                ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")),
                "--journal",
                "postgresql",
                "--journal-url",
                server.url(server.createDatabase()),
                "--config",
                impatient().toString());
        nodes.add(launch(0));
        nodes.getFirst().awaitReady();
        token = LedgerClient.newToken(nodes.getFirst().url());
        for (int i = 1; i < NODES; i++) {
            shareKeys(i);
            nodes.add(launch(i));
        }
        for (NodeProcess node : nodes.subList(1, NODES)) {
            node.awaitReady();
        }
    }

    @AfterEach
    void stop() {
        isOver.set(true);
        nodes.forEach(NodeProcess::close);
        threads.shutdownNow();
        http.shutdownNow();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Nodes are given up sooner than by default. */
    private Path impatient() throws IOException {
        return Files.writeString(directory.resolve("impatient.conf"), """
            pinion.operators.open-reads = on
            pinion.postgresql.connections = 5
            pinion.host.repeat-after = 2 s
            pekko.cluster {
              seed-node-timeout = 2 s
              failure-detector.acceptable-heartbeat-pause = 4 s
              split-brain-resolver.stable-after = 4 s
            }
            """);
    }

    private Path data(int node) {
        return directory.resolve("node-" + node).resolve("data");
    }

    private NodeProcess launch(int node) throws IOException {
        Files.createDirectories(data(node));
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--cluster", "127.0.0.1:" + ports.get(node)));
        return NodeProcess.launch(data(node), all);
    }

    /** A token that one node has signed is good for all. */
    private void shareKeys(int node) throws IOException {
        Files.createDirectories(data(node));
        for (String key : List.of("id_ecdsa", "id_ecdsa.pub")) {
            Files.copy(data(0).resolve(key), data(node).resolve(key));
        }
    }

    @Test
    @Tag("slow")
    void whatIsAcknowledgedIsThereOnceWhateverBecomesOfANode() throws Exception {
        LedgerClient first = new LedgerClient(nodes.getFirst().url(), token);
        first.publish();
        first.open(ACCOUNTS, 1_000_000);
        for (NodeProcess node : nodes) {
            assertEquals(200, transfer(node));
        }
        for (int i = 0; i < NODES; i++) {
            int preferred = i;
            threads.execute(() -> callAllTheTime(preferred));
        }

        int frozen = ownerBut(-1);
        nodes.get(frozen).freeze();
        int heir = ownerBut(frozen);
        Set<Long> before = Set.copyOf(acknowledged);
        nodes.get(frozen).thaw();
        requireNothingStale(nodes.get(frozen), before);
        nodes.get(frozen).awaitEnd(Duration.ofMinutes(2));

        nodes.set(frozen, launch(frozen));
        nodes.get(frozen).awaitReady();
        nodes.get(heir).kill();
        ownerBut(heir);
        isOver.set(true);
        threads.shutdown();
        assertTrue(threads.awaitTermination(90, TimeUnit.SECONDS), "calls are under way still");

        assertEquals(Set.of(), problems);
        LedgerClient last = new LedgerClient(nodes.get(frozen).url(), token);
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
        try (LedgerClient client = new LedgerClient(node.url(), token)) {
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
                transfer(nodes.get(node));
            } catch (IOException e) {
                node = (node + 1) % NODES;
            }
        }
    }

    /** A node that says of itself that it serves the ledger, when there is one other than that; calls are served by then. */
    private int ownerBut(int excluded) {
        int[] owner = {-1};
        ClusterTest.await("that a node serves", () -> {
            for (int node = 0; node < NODES; node++) {
                if (node != excluded && serves(node)) {
                    owner[0] = node;
                }
            }
            return owner[0] >= 0;
        });
        int count = acknowledged.size();
        ClusterTest.await("that calls are served", () -> acknowledged.size() > count + 5);
        return owner[0];
    }

    private boolean serves(int node) throws InterruptedException {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(nodes.get(node).url() + "/pinion/databases/ledger"))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200
                    && answer.body().contains("\"serving\"")
                    && answer.body().contains("\"127.0.0.1:" + ports.get(node) + "\"");
        } catch (IOException _) {
            return false;
        }
    }

    /** It may say nothing, but nothing from before it stood still. */
    private void requireNothingStale(NodeProcess node, Set<Long> before) {
        try (LedgerClient client = new LedgerClient(node.url(), token)) {
            List<Long> seen = client.rows("SELECT id FROM transfers").stream()
                    .map(List::getFirst)
                    .toList();
            assertTrue(seen.containsAll(before), "it shows what was before it stood still");
        } catch (IOException _) {
            // It has ended, as it should.
        }
    }
}
