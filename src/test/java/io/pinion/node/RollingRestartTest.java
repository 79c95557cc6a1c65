package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.node.auth.SigningKeys;
import io.pinion.store.value.Bytes;
import io.pinion.testing.LedgerModule;
import io.pinion.testing.PostgresExtension;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes, one after the other of which leaves in order and is replaced, while clients call over HTTP. */
@ExtendWith({PostgresExtension.class, QuietLog.class})
@Timeout(300)
class RollingRestartTest {
    private static final int NODES = 3;
    private static final String NAME = "ledger";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    @Tag("slow")
    void noCallFailsAndEachHappensOnceWhileAllNodesAreReplaced(PostgresServer server) throws Exception {
        shareKeys();
        try (ClusterNodes nodes = ClusterNodes.start(NODES, directory, server, Map.of())) {
            publish(nodes.node(0));
            String token = Bank.at(nodes.node(0).url(), NAME, "").token();
            assertEquals(
                    200,
                    Bank.at(nodes.node(1).url(), NAME, token)
                            .call("open", "[4,1000]")
                            .statusCode());

            try (Clients clients = new Clients(token, nodes.all())) {
                for (PinionNode node : nodes.all()) {
                    clients.awaitAnswers(30);
                    nodes.leave(node);
                    clients.awaitAnswers(30);
                    nodes.add();
                    clients.know(nodes.all());
                }
                clients.awaitAnswers(30);
                clients.finish();
            }

            HttpResponse<String> found =
                    Bank.at(nodes.node(0).url(), NAME, token).sql("SELECT id FROM transfers");
            assertEquals(
                    Clients.count(),
                    new ObjectMapper()
                            .readTree(found.body())
                            .path(0)
                            .path("rows")
                            .size());
        }
    }

    /** Tokens of one node are good at all of them. */
    private void shareKeys() throws Exception {
        Path first = Files.createDirectories(directory.resolve("node-0"));
        SigningKeys.loadOrCreate(first);
        for (int node = 1; node < 2 * NODES; node++) {
            Path other = Files.createDirectories(directory.resolve("node-" + node));
            for (String key : List.of("id_ecdsa", "id_ecdsa.pub")) {
                Files.copy(first.resolve(key), other.resolve(key));
            }
        }
    }

    private static void publish(PinionNode node) {
        PinionHost.PublishResult published = LedgerCalls.await(node.host()
                .publish(
                        new PinionHost.Target.Named(NAME),
                        Bytes.wrap(LedgerModule.program()),
                        LedgerCalls.OWNER,
                        false));
        assertInstanceOf(Published.class, published.outcome());
    }

    /** As many clients as nodes, each with a node that it prefers; a call that a node does not answer goes to the next, with its id. */
    private static final class Clients implements AutoCloseable {
        private static final AtomicLong IDS = new AtomicLong();

        private final String token;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Future<Integer>> clients = new ArrayList<>();
        private final AtomicLong answers = new AtomicLong();
        private final AtomicBoolean isOver = new AtomicBoolean();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private volatile List<URI> nodes;

        Clients(String token, List<PinionNode> nodes) {
            this.token = token;
            this.nodes = urls(nodes);
            for (int client = 0; client < NODES; client++) {
                int first = client;
                clients.add(threads.submit(() -> run(first)));
            }
        }

        static long count() {
            return IDS.get();
        }

        private static List<URI> urls(List<PinionNode> nodes) {
            return nodes.stream().map(PinionNode::url).toList();
        }

        void know(List<PinionNode> known) {
            nodes = urls(known);
        }

        private int run(int first) throws Exception {
            Map<URI, Bank> banks = new HashMap<>();
            int calls = 0;
            while (!isOver.get()) {
                long id = IDS.incrementAndGet();
                String requestId = RequestId.next().toString();
                int turn = first;
                while (!isAnswered(banks, nodes.get(turn++ % NODES), id, requestId)) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5)); // as clients do before they try another
                }
                answers.incrementAndGet();
                calls++;
            }
            return calls;
        }

        private boolean isAnswered(Map<URI, Bank> banks, URI node, long id, String requestId) throws Exception {
            Bank bank = banks.get(node);
            if (bank == null) {
                bank = Bank.at(node, NAME, token);
                banks.put(node, bank);
            }
            String arguments = "[" + id + "," + (1 + id % 4) + "," + (1 + (id + 1) % 4) + ",1]";
            try {
                long begin = System.nanoTime();
                HttpResponse<String> answer = bank.call("transfer", arguments, requestId);
                if (answer.statusCode() != 200) {
                    failures.add("call " + id + " through " + node + ": " + answer.statusCode() + " " + answer.body()
                            + " after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin) + " ms");
                }
                return true;
            } catch (IOException e) {
                return false; // the node is not there any more
            }
        }

        void awaitAnswers(int count) {
            long wanted = answers.get() + count;
            ClusterTest.await(
                    wanted + " answers",
                    () -> answers.get() >= wanted || clients.stream().anyMatch(Future::isDone));
        }

        void finish() throws Exception {
            isOver.set(true);
            long calls = 0;
            for (Future<Integer> client : clients) {
                calls += client.get(2, TimeUnit.MINUTES);
            }
            assertEquals(List.of(), List.copyOf(failures));
            assertEquals(count(), calls);
        }

        @Override
        public void close() {
            isOver.set(true);
            threads.shutdownNow();
        }
    }
}
