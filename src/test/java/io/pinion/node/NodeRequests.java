package io.pinion.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Requests to a node with nothing in them but what a test puts there. Threadsafe. */
public final class NodeRequests {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI node;

    public NodeRequests(URI node) {
        this.node = node;
    }

    /** One request; {@code token} empty for none, {@code headers} names and values by turns. */
    public HttpResponse<String> send(String method, String path, String token, BodyPublisher body, String... headers)
            throws IOException, InterruptedException {
        return http.send(request(method, path, token, body, headers), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> send(String method, String path, String token, String... headers)
            throws IOException, InterruptedException {
        return send(method, path, token, BodyPublishers.noBody(), headers);
    }

    /** For as long as the caller reads. */
    public HttpResponse<InputStream> stream(String path, String token) throws IOException, InterruptedException {
        return http.send(
                request("GET", path, token, BodyPublishers.noBody()), HttpResponse.BodyHandlers.ofInputStream());
    }

    private HttpRequest request(String method, String path, String token, BodyPublisher body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(node + path)).timeout(TIMEOUT).method(method, body);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }
}
