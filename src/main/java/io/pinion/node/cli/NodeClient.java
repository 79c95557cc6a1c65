package io.pinion.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** A running node over HTTP, as one user. */
final class NodeClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI server;
    private final Optional<String> token;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    private NodeClient(URI server, Optional<String> token) {
        this.server = server;
        this.token = token;
    }

    static NodeClient anonymous(URI server) {
        return new NodeClient(server, Optional.empty());
    }

    NodeClient as(String userToken) {
        return new NodeClient(server, Optional.of(userToken));
    }

    URI server() {
        return server;
    }

    /** A status and a text. */
    record Answer(int status, String body) {
        boolean isSuccess() {
            return status / 100 == 2;
        }

        /** What a refusal says: a text, or an object with an error, as the management has it. */
        String message() {
            return body.startsWith("{\"error\":")
                    ? json().path("error").path("message").asText()
                    : body;
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new CliException("the server did not answer with JSON: " + body, e);
            }
        }
    }

    Answer get(String path) {
        return send(request(path).GET().build());
    }

    Answer delete(String path) {
        return send(request(path).DELETE().build());
    }

    Answer post(String path, String contentType, String body) {
        return send(request(path)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    Answer post(String path, byte[] body) {
        return send(
                request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
    }

    Answer put(String path, byte[] body) {
        return send(
                request(path).PUT(HttpRequest.BodyPublishers.ofByteArray(body)).build());
    }

    /** Sends what a stream has, which is opened here and read to its end. */
    Answer upload(String path, Supplier<InputStream> body) {
        return send(request(path)
                .header("Content-Type", "application/zip")
                .POST(HttpRequest.BodyPublishers.ofInputStream(body))
                .build());
    }

    /** For as long as the caller reads; to be closed. */
    InputStream stream(String path) {
        HttpResponse<InputStream> response =
                exchange(request(path).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() == 200) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            throw failure(new Answer(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new CliException(server + " answered " + response.statusCode() + " and broke off: " + e, e);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(server + path));
        token.ifPresent(text -> builder.header("Authorization", "Bearer " + text));
        return builder;
    }

    private Answer send(HttpRequest request) {
        HttpResponse<String> response = exchange(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (ConnectException e) {
            throw new CliException(unreachable(e), e);
        } catch (IOException e) {
            throw new CliException("the connection to " + server + " broke: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted", e);
        }
    }

    private String unreachable(ConnectException e) {
        return e.getCause() instanceof UnresolvedAddressException
                ? "there is no host " + server.getHost()
                : "no node answers at " + server
                        + ". Start one with: pinion start   (or name another with --server URL)";
    }

    /** The answer as the error that it is. */
    CliException failure(Answer refused) {
        Answer answer = new Answer(refused.status(), refused.message());
        return new CliException(
                switch (answer.status()) {
                    case 401 ->
                        server + " does not accept your saved token: " + answer.body()
                                + "\nThe node's keys have changed, for instance because its data directory is a new one."
                                + "\nGet a new identity with: pinion login --new --server " + server
                                + "\n(databases of the old identity stay with it)";
                    case 404 -> answer.body().isEmpty() ? "not found at " + server : answer.body();
                    default ->
                        answer.body().isEmpty() ? server + " answered with status " + answer.status() : answer.body();
                });
    }

    /** The answer, if it is a success. */
    Answer require(Answer answer) {
        if (!answer.isSuccess()) {
            throw failure(answer);
        }
        return answer;
    }

    /** One segment of a path. */
    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
