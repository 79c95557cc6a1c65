package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.testing.NodeProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A node that is killed while it restores a backup has the whole database afterwards, or none and no name. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(600)
class KilledRestoreTest {
    private static final int ACCOUNTS = 20_000;
    private static final int KILLS = 3;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void aKilledRestoreLeavesAllOrNothingAndTheNextOneWorks() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String context = "seed " + seed;
        Path data = directory.resolve("data");
        NodeProcess node = NodeProcess.start(data, List.of());
        String token;
        byte[] archive;
        try {
            Bank bank = Bank.at(node.url(), "bank", "");
            token = bank.token();
            assertEquals(200, bank.publish(Bank.WASM_PROGRAM).statusCode(), context);
            assertEquals(200, bank.call("seed", "[" + ACCOUNTS + ",100]").statusCode(), context);
            archive = send(node.url(), "GET", "/pinion/databases/bank/backup", token, new byte[0])
                    .body();
            for (int kill = 0; kill < KILLS; kill++) {
                URI url = node.url();
                CompletableFuture<HttpResponse<byte[]>> restoring = client.sendAsync(
                        request(url, "POST", "/pinion/restore?database=copy", token, archive),
                        HttpResponse.BodyHandlers.ofByteArray());
                awaitOrMillis(restoring, random.nextInt(1500));
                node.kill();
                node = NodeProcess.start(data, List.of());
                int accounts = accounts(node.url(), token);
                assertTrue(accounts == 0 || accounts == ACCOUNTS, context + ": " + accounts + " accounts");
                if (accounts > 0) {
                    assertEquals(
                            200,
                            send(node.url(), "DELETE", "/v1/database/copy", token, new byte[0])
                                    .statusCode(),
                            context);
                }
            }
            HttpResponse<byte[]> last = send(node.url(), "POST", "/pinion/restore?database=copy", token, archive);
            assertEquals(
                    200, last.statusCode(), () -> context + ": " + new String(last.body(), StandardCharsets.UTF_8));
            node.kill();
            node = NodeProcess.start(data, List.of());
            assertEquals(ACCOUNTS, accounts(node.url(), token), context);
        } finally {
            node.close();
        }
    }

    private static void awaitOrMillis(CompletableFuture<?> future, int millis) {
        future.handle((_, _) -> "over")
                .completeOnTimeout("time is up", millis, TimeUnit.MILLISECONDS)
                .join();
    }

    /** Of the copy; 0 if there is no such database. */
    private static int accounts(URI node, String token) throws IOException, InterruptedException {
        Bank copy = Bank.at(node, "copy", token);
        if (copy.get("").statusCode() == 404) {
            return 0;
        }
        Map<Long, Long> balances = copy.balances();
        assertEquals(
                100L * ACCOUNTS,
                balances.values().stream().mapToLong(Long::longValue).sum());
        return balances.size();
    }

    private HttpResponse<byte[]> send(URI node, String method, String path, String token, byte[] body)
            throws IOException, InterruptedException {
        return client.send(request(node, method, path, token, body), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpRequest request(URI node, String method, String path, String token, byte[] body) {
        return HttpRequest.newBuilder(URI.create(node + path))
                .timeout(Duration.ofMinutes(2))
                .header("Authorization", "Bearer " + token)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }
}
