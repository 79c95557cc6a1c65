package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A node that has started again, and what its probe says while it recovers a database. */
@ExtendWith(QuietLog.class)
@Timeout(180)
class ReadinessTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private String token = "";

    @BeforeEach
    void publish() throws Exception {
        GatedReadJournal.gate = CompletableFuture.completedFuture(true);
        try (PinionNode node = start()) {
            Bank bank = Bank.at(node.url(), "bank", "");
            assertEquals(200, bank.publish(Bank.WASM_PROGRAM).statusCode());
            token = bank.token();
            ClusterTest.await("the node is ready", () -> ready(node).statusCode() == 200);
        }
    }

    @AfterEach
    void open() {
        GatedReadJournal.gate.complete(true);
        GatedReadJournal.gate = CompletableFuture.completedFuture(true);
        threads.shutdown();
    }

    private PinionNode start() throws NodeStartException {
        return PinionNode.start(NodeConfig.load(
                Map.of(
                        "pinion.http.port",
                        0,
                        "pinion.management.port",
                        0,
                        "pinion.data-directory",
                        directory.toString(),
                        "pinion.durability.read-journal-id",
                        GatedReadJournal.ID,
                        GatedReadJournal.ID + ".class",
                        GatedReadJournal.class.getName() + "$Provider"),
                Optional.empty()));
    }

    private static HttpResponse<String> ready(PinionNode node) throws Exception {
        return new NodeRequests(node.managementUrl()).send("GET", "/ready", "");
    }

    private Future<HttpResponse<String>> seed(PinionNode node) throws Exception {
        Bank bank = Bank.at(node.url(), "bank", token);
        return threads.submit(() -> bank.call("seed", "[2,100]"));
    }

    private static void awaitRecovering(PinionNode node) {
        NodeRequests management = new NodeRequests(node.managementUrl());
        ClusterTest.await(
                "a database recovers",
                () -> management
                        .send("GET", "/pinion/databases?state=recovering", "")
                        .body()
                        .contains("database_identity"));
    }

    @Test
    void aNodeIsReadyWhenTheDatabasesThatItRecoversHaveRecovered() throws Exception {
        CompletableFuture<Boolean> gate = new CompletableFuture<>();
        GatedReadJournal.gate = gate;
        try (PinionNode node = start()) {
            Future<HttpResponse<String>> call = seed(node);
            awaitRecovering(node);

            ClusterTest.await(
                    "it has looked", () -> ready(node).body().contains("databases that are being recovered: 1"));
            HttpResponse<String> early = ready(node);
            assertEquals(500, early.statusCode(), early.body());

            gate.complete(true);
            ClusterTest.await("the node is ready", () -> ready(node).statusCode() == 200);
            assertEquals(200, call.get(1, TimeUnit.MINUTES).statusCode());
        }
    }

    @Test
    void aDatabaseThatCannotBeRecoveredDoesNotKeepTheNodeFromBeingReady() throws Exception {
        GatedReadJournal.gate = CompletableFuture.failedFuture(new IllegalStateException("the disk is broken"));
        try (PinionNode node = start()) {
            HttpResponse<String> call = seed(node).get(1, TimeUnit.MINUTES);
            assertEquals(503, call.statusCode());
            assertTrue(call.body().contains("recover"), call.body());

            ClusterTest.await("the node is ready", () -> ready(node).statusCode() == 200);
        }
    }
}
