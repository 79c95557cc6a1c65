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

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI node;
    private final String token;
    private final String database;
    private final Duration patience;

    /** A client of the database that is called ledger. */
    public LedgerClient(URI node, String token) {
        this(node, token, "ledger", PATIENCE);
    }

    /**
     * @param database its name or identity
     * @param patience of each request; what has no answer by then fails
     */
    public LedgerClient(URI node, String token, String database, Duration patience) {
        this.node = node;
        this.token = token;
        this.database = "/v1/database/" + database;
        this.patience = patience;
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
        require(send("PUT", database, BodyPublishers.ofByteArray(LedgerModule.program())));
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
        return send("POST", database + "/call/transfer", BodyPublishers.ofString(arguments), requestId);
    }

    /** @throws IOException as {@link #transfer} */
    public HttpResponse<String> write(long register, long value) throws IOException {
        return call("write", "[" + register + "," + value + "]");
    }

    /** @throws IOException as {@link #transfer} */
    public HttpResponse<String> swap(long register, long expected, long value) throws IOException {
        return call("swap", "[" + register + "," + expected + "," + value + "]");
    }

    private HttpResponse<String> call(String reducer, String arguments) throws IOException {
        return send("POST", database + "/call/" + reducer, BodyPublishers.ofString(arguments));
    }

    private HttpResponse<String> send(String method, String path, BodyPublisher body) throws IOException {
        return send(method, path, body, "");
    }

    private HttpResponse<String> send(String method, String path, BodyPublisher body, String requestId)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node + path))
                .timeout(patience)
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
        HttpResponse<String> answer = send("POST", database + "/sql", BodyPublishers.ofString(sql));
        while (answer.statusCode() == 503 && System.nanoTime() - begin < patience.toNanos()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            answer = send("POST", database + "/sql", BodyPublishers.ofString(sql));
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
