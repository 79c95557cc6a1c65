package io.pinion.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A whole node in this process, in a folder of its own that goes with it, and banks published to it. Used by one thread. */
final class LoopbackNode implements AutoCloseable {
    private static final int OK = 200;

    private final Path data;
    private final PinionNode node;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String token;
    private int databases;

    private LoopbackNode(Path data, PinionNode node) throws IOException, InterruptedException {
        this.data = data;
        this.node = node;
        this.token = new ObjectMapper()
                .readTree(request("POST", "/v1/identity", BodyPublishers.noBody(), ""))
                .path("token")
                .asText();
    }

    static LoopbackNode start() throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("pinion-bench");
        try {
            return new LoopbackNode(
                    data,
                    PinionNode.start(NodeConfig.load(
                            Map.of("pinion.data-directory", data.toString(), "pinion.http.port", 0),
                            Optional.empty())));
        } catch (NodeStartException e) {
            throw new IllegalStateException("the node does not start", e);
        }
    }

    /** Publishes another bank, which {@link #database} is from now on. */
    void publish(Bytes program, int accounts, long balance) throws IOException, InterruptedException {
        databases++;
        request("PUT", "/v1/database/" + database(), BodyPublishers.ofByteArray(program.toArray()), token);
        String arguments = "[" + accounts + "," + balance + "]";
        request("POST", "/v1/database/" + database() + "/call/seed", BodyPublishers.ofString(arguments), token);
    }

    private String request(String method, String path, HttpRequest.BodyPublisher body, String bearer)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node.url() + path))
                .header("Content-Type", "application/json")
                .method(method, body);
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != OK) {
            throw new IOException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    int port() {
        return node.url().getPort();
    }

    String database() {
        return "bank-" + databases;
    }

    String token() {
        return token;
    }

    @Override
    public void close() throws IOException {
        client.close();
        node.close();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
