package io.pinion.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** A customer of the sample bank, over HTTP. Threadsafe. */
public final class Bank {
    /** The sample as it stands in the tree. */
    public static final Path PROGRAM = Path.of("../examples/bank-js/bank.js");

    /** The same in WebAssembly, which loads faster. */
    public static final Path WASM_PROGRAM = Path.of("../examples/bank-c/bank.wasm");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final URI node;
    private final String name;
    private final String token;

    private Bank(URI node, String name, String token) {
        this.node = node;
        this.name = name;
        this.token = token;
    }

    /** @param token of an earlier customer, or empty for a new identity */
    public static Bank at(URI node, String name, String token) throws IOException, InterruptedException {
        if (!token.isEmpty()) {
            return new Bank(node, name, token);
        }
        HttpResponse<String> minted = new Bank(node, name, "").send("POST", "/v1/identity", "");
        return new Bank(node, name, JSON.readTree(minted.body()).path("token").asText());
    }

    public String token() {
        return token;
    }

    /** One request to the node. */
    public HttpResponse<String> send(String method, String path, String body) throws IOException, InterruptedException {
        return send(method, path, BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(String method, String path, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        return client.send(request(path).method(method, body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node + path))
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json");
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    public HttpResponse<String> publish() throws IOException, InterruptedException {
        return publish(PROGRAM);
    }

    public HttpResponse<String> publish(Path program) throws IOException, InterruptedException {
        return send("PUT", "/v1/database/" + name, BodyPublishers.ofFile(program));
    }

    public HttpResponse<String> call(String reducer, String arguments) throws IOException, InterruptedException {
        return send("POST", "/v1/database/" + name + "/call/" + reducer, arguments);
    }

    /** @param requestId names the call, for when it is sent again */
    public HttpResponse<String> call(String function, String arguments, String requestId)
            throws IOException, InterruptedException {
        HttpRequest request = request("/v1/database/" + name + "/call/" + function)
                .header("Pinion-Request-Id", requestId)
                .POST(BodyPublishers.ofString(arguments))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> sql(String statement) throws IOException, InterruptedException {
        return send("POST", "/v1/database/" + name + "/sql", statement);
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", "/v1/database/" + name + path, "");
    }

    /** Balances by account. */
    public Map<Long, Long> balances() throws IOException, InterruptedException {
        HttpResponse<String> answer = sql("SELECT * FROM accounts");
        if (answer.statusCode() != 200) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
        Map<Long, Long> balances = new TreeMap<>();
        for (JsonNode row : JSON.readTree(answer.body()).path(0).path("rows")) {
            balances.put(row.path(0).asLong(), row.path(2).asLong());
        }
        return balances;
    }
}
