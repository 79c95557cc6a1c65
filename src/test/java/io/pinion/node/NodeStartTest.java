package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStartTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void aNodeServesOnAFreePortAndStartsAgainOnItsData() throws Exception {
        String firstKey;
        try (PinionNode node = start(Map.of())) {
            assertTrue(node.url().getPort() > 0);
            assertEquals(200, get(node.url() + "/v1/ping").statusCode());
            firstKey = get(node.url() + "/v1/identity/public-key").body();
        }

        try (PinionNode node = start(Map.of())) {
            assertEquals(firstKey, get(node.url() + "/v1/identity/public-key").body());
            assertTrue(Files.readString(directory.resolve("data/node.log"))
                    .contains(node.url().toString()));
        }
    }

    @Test
    void aPortInUseIsSaidSoAndNothingIsLeftRunning() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String message = refusal(Map.of("pinion.http.port", taken.getLocalPort()));

            assertTrue(message.contains("port " + taken.getLocalPort() + " is in use"), message);
            assertTrue(message.contains("--port"), message);
        }
        // The data directory is free again.
        start(Map.of()).close();
    }

    @Test
    void aDataDirectoryOfARunningNodeIsSaidSo() throws Exception {
        try (PinionNode node = start(Map.of())) {
            String message = refusal(Map.of());

            assertTrue(message.contains(directory.resolve("data") + " is in use by another node"), message);
            assertEquals(200, get(node.url() + "/v1/ping").statusCode());
        }
    }

    @Test
    void halfAKeyPairStopsTheStart() throws Exception {
        Files.createDirectories(directory.resolve("data"));
        Files.writeString(directory.resolve("data/id_ecdsa"), "");

        assertTrue(refusal(Map.of()).contains("id_ecdsa.pub back"));
    }

    @Test
    void aKeyThatDoesNotExistIsRefusedByName() {
        assertTrue(refusal(Map.of("pinion.http.prot", 3000)).contains("pinion.http.prot"));
        assertTrue(refusal(Map.of("pinion.htpp.port", 3000)).contains("pinion.htpp"));
    }

    @Test
    void anIssuerThatIsNoAddressIsRefusedByName() throws Exception {
        String message = refusal(Map.of("pinion.auth.issuers", List.of("auth.example.com")));

        assertTrue(message.contains("pinion.auth.issuers") && message.contains("auth.example.com"), message);
    }

    @Test
    void aFileIsReadAndWhatTheCommandLineSaysWins() throws Exception {
        Path file = directory.resolve("pinion.conf");
        Files.writeString(file, "pinion { http.port = 4000, data-directory = \"elsewhere\" }");

        var config = NodeConfig.load(Map.of("pinion.http.port", 5000), Optional.of(file));

        assertEquals(5000, config.getInt("pinion.http.port"));
        assertEquals("elsewhere", config.getString("pinion.data-directory"));
        assertEquals("elsewhere/journal", config.getString("pinion.journal.rocksdb.directory"));
        assertFalse(config.getBoolean("pekko.actor.allow-java-serialization"));
    }

    @Test
    void aFileThatIsNotThereOrBrokenStopsTheStart() throws Exception {
        Path file = directory.resolve("pinion.conf");
        assertThrows(NodeStartException.class, () -> NodeConfig.load(Map.of(), Optional.of(file)));

        Files.writeString(file, "pinion {");
        assertThrows(NodeStartException.class, () -> NodeConfig.load(Map.of(), Optional.of(file)));
    }

    private PinionNode start(Map<String, Object> further) throws NodeStartException {
        return TestNode.start(directory.resolve("data"), further);
    }

    private String refusal(Map<String, Object> further) {
        return String.valueOf(
                assertThrows(NodeStartException.class, () -> start(further).close())
                        .getMessage());
    }

    private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
