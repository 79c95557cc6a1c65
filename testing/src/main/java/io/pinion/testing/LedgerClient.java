package io.pinion.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A client of a database with the {@link LedgerModule}, over HTTP. Threadsafe. */
public final class LedgerClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String DATABASE = "/v1/database/ledger";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI node;
    private final String token;

    public LedgerClient(URI node, String token) {
        this.node = node;
        this.token = token;
    }

    /** A new identity's token. */
    public static String newToken(URI node) throws IOException {
        try (LedgerClient nobody = new LedgerClient(node, "")) {
            return JSON.readTree(nobody.send("POST", "/v1/identity", BodyPublishers.noBody())
                            .body())
                    .path("token")
                    .asText();
        }
    }

    public void publish() throws IOException {
        require(send("PUT", DATABASE, BodyPublishers.ofByteArray(LedgerModule.program())));
    }

    public void open(int accounts, long balance) throws IOException {
        require(call("open", "[" + accounts + "," + balance + "]"));
    }

    private static void require(HttpResponse<String> answer) throws IOException {
        if (answer.statusCode() != 200) {
            throw new IOException("the node answered " + answer.statusCode() + " " + answer.body());
        }
    }

    /**
     * @param requestId names the call if it is sent again; empty for none
     * @throws IOException if the node is gone: whether it was done is not known then
     */
    public HttpResponse<String> transfer(Transfer transfer, String requestId) throws IOException {
        String arguments =
                "[" + transfer.id() + "," + transfer.source() + "," + transfer.target() + "," + transfer.amount() + "]";
        return send("POST", DATABASE + "/call/transfer", BodyPublishers.ofString(arguments), requestId);
    }

    private HttpResponse<String> call(String reducer, String arguments) throws IOException {
        return send("POST", DATABASE + "/call/" + reducer, BodyPublishers.ofString(arguments));
    }

    private HttpResponse<String> send(String method, String path, BodyPublisher body) throws IOException {
        return send(method, path, body, "");
    }

    private HttpResponse<String> send(String method, String path, BodyPublisher body, String requestId)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(method, body);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!requestId.isEmpty()) {
            request.header("Pinion-Request-Id", requestId);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** The rows of a query whose columns are all numbers, when the database serves. */
    public List<List<Long>> rows(String sql) throws IOException {
        long begin = System.nanoTime();
        HttpResponse<String> answer = send("POST", DATABASE + "/sql", BodyPublishers.ofString(sql));
        while (answer.statusCode() == 503 && System.nanoTime() - begin < PATIENCE.toNanos()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            answer = send("POST", DATABASE + "/sql", BodyPublishers.ofString(sql));
        }
        require(answer);
        List<List<Long>> rows = new ArrayList<>();
        for (JsonNode row : JSON.readTree(answer.body()).path(0).path("rows")) {
            List<Long> values = new ArrayList<>();
            row.forEach(value -> values.add(value.asLong()));
            rows.add(values);
        }
        return rows;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /** One transfer; the id is one of its own for ever. */
    public record Transfer(long id, long source, long target, long amount) {}
}
