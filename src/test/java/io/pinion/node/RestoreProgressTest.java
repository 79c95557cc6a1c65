package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** While an archive comes the node shows how far its restore is. */
@Timeout(180)
class RestoreProgressTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ACCOUNTS = 20_000;
    /** So few of an archive that they hold none of its parts. */
    private static final int TAIL_BYTES = 64;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private PinionNode node;

    @SuppressWarnings("NullAway.Init") // as above
    private Bank bank;

    @BeforeEach
    void openTheBank() throws Exception {
        node = TestNode.start(directory.resolve("data"), Map.of("pinion.operators.open-reads", true));
        bank = Bank.at(node.url(), "bank", "");
        assertEquals(200, bank.publish(Bank.WASM_PROGRAM).statusCode());
        assertEquals(200, bank.call("seed", "[" + ACCOUNTS + ",100]").statusCode());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private byte[] backup() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.url() + "/pinion/databases/bank/backup"))
                .header("Authorization", "Bearer " + bank.token())
                .timeout(Duration.ofMinutes(1))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
        }
    }

    @Test
    void bytesAndRowsAreShownWhileADatabaseIsReplacedAndNothingAfterwards() throws Exception {
        byte[] archive = backup();
        assertFalse(shown().has("restore"), "nothing is restored yet");
        try (Socket socket = new Socket(node.url().getHost(), node.url().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write("""
                    POST /pinion/restore?database=bank&replace=true HTTP/1.1\r
                    Host: localhost\r
                    Authorization: Bearer %s\r
                    Content-Length: %d\r
                    Connection: close\r
                    \r
                    """.formatted(bank.token(), archive.length).getBytes(StandardCharsets.US_ASCII));
            out.write(archive, 0, archive.length - TAIL_BYTES);
            out.flush();

            JsonNode restore = awaitRows();
            assertEquals("reading", restore.path("step").asText(), restore.toString());
            assertTrue(restore.path("bytes_read").asLong() > 12L * ACCOUNTS, restore.toString());
            assertEquals(0, restore.path("bytes_written").asLong(), restore.toString());
            assertEquals("serving", shown().path("state").asText());
            assertEquals(200, bank.call("transfer", "[1,2,1]").statusCode());

            out.write(archive, archive.length - TAIL_BYTES, TAIL_BYTES);
            out.flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
            assertTrue(answer.contains("\"rows\":"), answer);
        }
        assertEquals(100L, bank.balances().get(1L));
        assertFalse(shown().has("restore"), "the restore is over");
    }

    /** When all rows are read; the archive has not come to its end. */
    private JsonNode awaitRows() throws Exception {
        long begin = System.nanoTime();
        JsonNode restore = shown().path("restore");
        while (restore.path("rows_read").asLong() < ACCOUNTS
                && System.nanoTime() - begin < TimeUnit.MINUTES.toNanos(1)) {
            restore = shown().path("restore");
        }
        assertTrue(restore.path("rows_read").asLong() >= ACCOUNTS, restore.toString());
        return restore;
    }

    private JsonNode shown() throws Exception {
        return JSON.readTree(bank.send("GET", "/pinion/databases/bank", "").body());
    }
}
