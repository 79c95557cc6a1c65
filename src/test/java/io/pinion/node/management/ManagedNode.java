package io.pinion.node.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.Bank;
import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import io.pinion.node.auth.AuthSettings;
import io.pinion.node.auth.Credentials;
import io.pinion.node.auth.KeyFileException;
import io.pinion.node.auth.SigningKeys;
import io.pinion.node.auth.TokenAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;

/** A whole node with a known operator, and a client of its management. */
public final class ManagedNode implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DEADLINE = Duration.ofMinutes(1);

    private final PinionNode node;
    private final Credentials operator;
    private final HttpClient client;

    private ManagedNode(PinionNode node, Credentials operator, HttpClient client) {
        this.node = node;
        this.operator = operator;
        this.client = client;
    }

    public static ManagedNode start(Path directory) {
        return start(directory, Map.of());
    }

    /** @param settings go before all others */
    public static ManagedNode start(Path directory, Map<String, ?> settings) {
        return start(directory, settings, HttpClient.newHttpClient());
    }

    public static ManagedNode start(Path directory, Map<String, ?> settings, HttpClient client) {
        try {
            Files.createDirectories(directory);
            Credentials operator = new TokenAuthority(
                            SigningKeys.loadOrCreate(directory), Clock.systemUTC(), AuthSettings.OWN_TOKENS_ONLY)
                    .mintIdentity();
            Map<String, Object> all = new HashMap<>(Map.of(
                    "pinion.http.port",
                    0,
                    "pinion.management.port",
                    0,
                    "pinion.data-directory",
                    directory.toString(),
                    "pinion.operators.identities",
                    List.of(operator.identity().toHex())));
            all.putAll(settings);
            return new ManagedNode(PinionNode.start(NodeConfig.load(all, Optional.empty())), operator, client);
        } catch (IOException | KeyFileException | NodeStartException e) {
            throw new IllegalStateException(e);
        }
    }

    public PinionNode node() {
        return node;
    }

    public Credentials operator() {
        return operator;
    }

    /** A database of its own owner. */
    public Bank publish(String name) throws Exception {
        Bank bank = Bank.at(node.url(), name, "");
        HttpResponse<String> published = bank.publish(Bank.WASM_PROGRAM);
        if (published.statusCode() != 200) {
            throw new AssertionError(published.body());
        }
        return bank;
    }

    record Answer(int status, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new AssertionError("no JSON: " + body, e);
            }
        }

        /** Of a refusal; checks its shape. */
        String message() {
            JsonNode error = json().path("error");
            if (error.path("status").asInt() != status || !error.path("message").isTextual()) {
                throw new AssertionError("not the shape of an error: " + body);
            }
            return error.path("message").asText();
        }
    }

    /** The answer, once it is a success: what nodes report of themselves takes a moment to arrive. */
    Answer postUntilDone(String path) {
        return TestProbe.create(node.system()).awaitAssert(DEADLINE, () -> {
            Answer answer = post(path);
            if (answer.status() != 200) {
                throw new AssertionError(answer.body());
            }
            return answer;
        });
    }

    Answer get(String path) {
        return send("GET", path, operator.token());
    }

    Answer post(String path) {
        return send("POST", path, operator.token());
    }

    /** @param token empty for none */
    Answer send(String method, String path, String token) {
        return send(method, path, token, BodyPublishers.noBody(), "text/plain");
    }

    Answer send(String method, String path, String token, HttpRequest.BodyPublisher body, String contentType) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node.managementUrl() + path))
                .timeout(Duration.ofMinutes(1))
                .header("Content-Type", contentType)
                .method(method, body);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            Description.check(method, path, response.statusCode());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        node.close();
    }
}
