package io.pinion.node.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.pinion.node.auth.AuthSettings;
import io.pinion.node.auth.Credentials;
import io.pinion.node.auth.KeyFileException;
import io.pinion.node.auth.SigningKeys;
import io.pinion.node.auth.TokenAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;

/** The real HTTP front over a fake host, started once for all tests of this JVM, and a client for it. */
final class HttpFixture {
    static final HttpFixture SHARED = new HttpFixture("");

    private final ActorTestKit testKit;
    private final FakeHost host;
    private final TokenAuthority tokens;
    private final URI base;
    private final HttpClient client = HttpClient.newHttpClient();

    /** @param overrides go before the settings of a node */
    HttpFixture(String overrides) {
        testKit = ActorTestKit.create(
                "http-tests",
                ConfigFactory.parseString(overrides)
                        .withFallback(ConfigFactory.parseString(
                                "pinion.cluster{host=\"127.0.0.1\",port=0}, pekko.actor.provider=local"))
                        .withFallback(ConfigFactory.parseResources("pinion-node.conf"))
                        .withFallback(ConfigFactory.defaultReference())
                        .resolve());
        host = new FakeHost(testKit);
        try {
            tokens = new TokenAuthority(
                    SigningKeys.loadOrCreate(Files.createTempDirectory("pinion-http-test")),
                    Clock.systemUTC(),
                    AuthSettings.OWN_TOKENS_ONLY);
        } catch (IOException | KeyFileException e) {
            throw new IllegalStateException(e);
        }
        HttpSettings settings = new HttpSettings(
                "127.0.0.1",
                0,
                2 << 20,
                4 << 20,
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20));
        HttpFront front = HttpFront.start(
                        testKit.system(), new Databases(host, settings), tokens, List.of(), (_, _, _) -> {}, "1.2.3")
                .toCompletableFuture()
                .join();
        base = URI.create("http://127.0.0.1:" + front.address().getPort());
    }

    void close() {
        testKit.shutdownTestKit();
    }

    FakeHost host() {
        return host;
    }

    TokenAuthority tokens() {
        return tokens;
    }

    TestProbe<Object> probe() {
        return testKit.createTestProbe();
    }

    URI base() {
        return base;
    }

    /** One request in the making. */
    final class Call {
        private final HttpRequest.Builder builder;

        private Call(String method, String path, HttpRequest.BodyPublisher body) {
            builder = HttpRequest.newBuilder(URI.create(base + path))
                    .timeout(Duration.ofSeconds(20))
                    .method(method, body);
        }

        Call header(String name, String value) {
            builder.header(name, value);
            return this;
        }

        Call as(Credentials credentials) {
            return header("Authorization", "Bearer " + credentials.token());
        }

        Answer send() {
            try {
                return new Answer(client.send(builder.build(), HttpResponse.BodyHandlers.ofString()));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        HttpRequest request() {
            return builder.build();
        }
    }

    record Answer(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        String body() {
            return response.body();
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        JsonNode json() {
            try {
                return new ObjectMapper().readTree(body());
            } catch (JsonProcessingException e) {
                throw new AssertionError("no JSON: " + body(), e);
            }
        }
    }

    Call get(String path) {
        return new Call("GET", path, HttpRequest.BodyPublishers.noBody());
    }

    Call request(String method, String path) {
        return new Call(method, path, HttpRequest.BodyPublishers.noBody());
    }

    Call request(String method, String path, HttpRequest.BodyPublisher body) {
        return new Call(method, path, body);
    }

    Call post(String path, String body) {
        return new Call("POST", path, HttpRequest.BodyPublishers.ofString(body));
    }

    Call put(String path, byte[] body) {
        return new Call("PUT", path, HttpRequest.BodyPublishers.ofByteArray(body));
    }

    HttpClient client() {
        return client;
    }
}
