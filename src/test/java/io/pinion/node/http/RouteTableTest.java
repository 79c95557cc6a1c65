package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.Bank;
import io.pinion.node.NodeRequests;
import io.pinion.node.PinionNode;
import io.pinion.node.TestNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every route by nobody, by a stranger and by the owner, against a whole node: who may, and what each answer carries. */
@Timeout(120)
class RouteTableTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String BODY_OVER_THE_LIMIT = "x".repeat((2 << 20) + 1);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static NodeRequests requests;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static JsonNode owner;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static JsonNode stranger;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static byte[] program;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.start(directory.resolve("data"));
        requests = new NodeRequests(node.url());
        owner = JSON.readTree(requests.send("POST", "/v1/identity", "").body());
        stranger = JSON.readTree(requests.send("POST", "/v1/identity", "").body());
        program = Files.readAllBytes(Bank.WASM_PROGRAM);
        publish("bank");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static void publish(String name) throws IOException, InterruptedException {
        HttpResponse<String> published =
                requests.send("PUT", "/v1/database/" + name, token(owner), BodyPublishers.ofByteArray(program));
        assertEquals(200, published.statusCode(), published.body());
    }

    private static String token(JsonNode who) {
        return who.path("token").asText();
    }

    /**
     * Columns: method, path, body, then the status for nobody, the stranger and the owner, then whether the answer shows who
     * the request was made as: A for routes that make an identity, - for others. {@code {fresh}} is a database of
     * the owner made for the request, {@code {new}} a name that is free, {@code {owner}} the owner's identity.
     */
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "POST, /v1/identity, '', 200, 200, 200, -",
        "GET, /v1/identity/public-key, '', 200, 200, 200, -",
        "POST, /v1/identity/websocket-token, '', 401, 200, 200, -",
        "GET, /v1/identity/{owner}/verify, '', 401, 400, 204, -",
        "GET, /v1/identity/{owner}/databases, '', 200, 200, 200, -",
        "POST, /v1/database, PROGRAM, 200, 200, 200, A",
        "POST, /v1/database?clear=true, PROGRAM, 400, 400, 400, A",
        "PUT, /v1/database/{new}, PROGRAM, 200, 200, 200, A",
        "PUT, /v1/database/{new}, '', 500, 500, 500, A",
        "PUT, /v1/database/{fresh}, PROGRAM, 403, 403, 200, A",
        "PUT, /v1/database/{fresh}?clear=true, PROGRAM, 403, 403, 200, A",
        "PUT, /v1/database/{fresh}?policy=BreakClients, PROGRAM, 400, 400, 400, A",
        "PUT, /v1/database/{fresh}?num_replicas=256, PROGRAM, 400, 400, 400, A",
        "PUT, /v1/database/{fresh}?parent=nobody-has-it, PROGRAM, 404, 404, 404, A",
        "PUT, /v1/database/{fresh}?org=nobody-has-it, PROGRAM, 404, 404, 404, A",
        "PUT, /v1/database/Not_A_Name, PROGRAM, 400, 400, 400, A",
        "GET, /v1/database/bank, '', 200, 200, 200, A",
        "GET, /v1/database/nobody-has-it, '', 404, 404, 404, A",
        "DELETE, /v1/database/{fresh}, '', 403, 403, 200, A",
        "DELETE, /v1/database/nobody-has-it, '', 404, 404, 404, A",
        "DELETE, /v1/database/{owner}, '', 200, 200, 200, A",
        "GET, /v1/database/bank/identity, '', 200, 200, 200, A",
        "GET, /v1/database/{owner}/identity, '', 200, 200, 200, A",
        "GET, /v1/database/bank/names, '', 200, 200, 200, A",
        "GET, /v1/database/{owner}/names, '', 404, 404, 404, A",
        "POST, /v1/database/{fresh}/names, {new}, 403, 403, 200, A",
        "POST, /v1/database/{fresh}/names, bank, 403, 403, 500, A",
        "POST, /v1/database/{fresh}/names, Not_A_Name, 400, 400, 400, A",
        "PUT, /v1/database/{fresh}/names, '[\"{new}\"]', 401, 401, 200, A",
        "PUT, /v1/database/{fresh}/names, '[]', 401, 401, 200, A",
        "PUT, /v1/database/{fresh}/names, '[\"bank\"]', 401, 401, 400, A",
        "PUT, /v1/database/{fresh}/names, '[1]', 422, 422, 422, A",
        "PUT, /v1/database/{fresh}/names, '{}', 422, 422, 422, A",
        "PUT, /v1/database/{fresh}/names, 'no json', 400, 400, 400, A",
        "PUT, /v1/database/{owner}/names, '[\"{new}\"]', 404, 404, 404, A",
        "POST, /v1/database/bank/pre_publish, PROGRAM, 403, 403, 200, A",
        "POST, /v1/database/nobody-has-it/pre_publish, PROGRAM, 404, 404, 404, A",
        "POST, /v1/database/bank/pre-publish, PROGRAM, 404, 404, 404, -",
        "PUT, /v1/database/{fresh}/reset, '', 403, 403, 200, A",
        "PUT, /v1/database/{fresh}/reset, PROGRAM, 403, 403, 200, A",
        "PUT, /v1/database/nobody-has-it/reset, '', 404, 404, 404, A",
        "POST, /v1/database/{fresh}/lock, '', 403, 403, 200, A",
        "POST, /v1/database/{fresh}/unlock, '', 403, 403, 200, A",
        "POST, /v1/database/{owner}/lock, '', 404, 404, 404, A",
        "GET, /v1/database/bank/schema?version=9, '', 200, 200, 200, A",
        "GET, /v1/database/bank/schema?version=10, '', 200, 200, 200, A",
        "GET, /v1/database/bank/schema?version=8, '', 400, 400, 400, A",
        "GET, /v1/database/bank/schema, '', 400, 400, 400, A",
        "GET, /v1/database/bank/logs, '', 403, 403, 200, A",
        "GET, /v1/database/bank/logs?num_lines=-1, '', 400, 400, 400, A",
        "POST, /v1/database/bank/sql, SELECT * FROM accounts, 200, 200, 200, A",
        "POST, /v1/database/bank/sql, SELECT * FROM nothing, 400, 400, 400, A",
        "POST, /v1/database/bank/sql, SELECT * FROM audit_timer, 400, 400, 200, A",
        "POST, /v1/database/{fresh}/sql, DELETE FROM accounts, 400, 400, 200, A",
        "POST, /v1/database/bank/sql?confirmed=maybe, SELECT * FROM accounts, 400, 400, 400, A",
        "POST, /v1/database/bank/call/seed, '[1, 1]', 200, 200, 200, A",
        "POST, /v1/database/bank/call/seed, '[1]', 400, 400, 400, A",
        "POST, /v1/database/bank/call/nothing, '[]', 404, 404, 404, A",
        "POST, /v1/database/bank/call/init, '[]', 400, 400, 400, A",
        "POST, /v1/database/bank/call/transfer, '[1, 1, 1]', 530, 530, 530, A",
        "GET, /v1/database/bank/subscribe, '', 426, 426, 426, A",
        "GET, /v1/database/bank/unstable/timestamp, '', 200, 200, 200, A",
        "GET, /v1/database/bank/route, '', 404, 404, 404, -",
        "GET, /v1/database/bank/route/deep/er, '', 404, 404, 404, -",
        "GET, /v1/energy/{owner}, '', 200, 200, 200, -",
        "POST, /v1/energy/{owner}?amount=5, '', 401, 200, 200, -",
        "POST, /v1/energy/{owner}?amount=all, '', 401, 400, 400, -",
        "PUT, /v1/energy/{owner}?balance=5, '', 401, 401, 401, -",
        "GET, /v1/ping, '', 200, 200, 200, -",
        "GET, /v1/health, '', 200, 200, 200, -",
        "GET, /v1/prometheus/sd_config, '', 200, 200, 200, -",
        "GET, /v1/nothing, '', 404, 404, 404, -",
        "GET, /v1/database/bank/, '', 404, 404, 404, -",
        "PATCH, /v1/database/bank, '', 405, 405, 405, -"
    })
    void whoMayDoWhat(
            String method, String path, String body, int nobodys, int strangers, int owners, String showsIdentity)
            throws Exception {
        require(method, path, body, nobodys, "", showsIdentity);
        require(method, path, body, strangers, token(stranger), showsIdentity);
        require(method, path, body, owners, token(owner), showsIdentity);
    }

    private static void require(String method, String path, String body, int status, String token, String showsIdentity)
            throws Exception {
        HttpResponse<String> answer = send(method, path, body, token);

        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(Optional.of("*"), answer.headers().firstValue("access-control-allow-origin"));
        assertEquals(
                Optional.of("origin, access-control-request-method, access-control-request-headers"),
                answer.headers().firstValue("vary"));
        boolean isShown = answer.headers().firstValue("spacetime-identity").isPresent();
        assertEquals(showsIdentity.equals("A"), isShown, "spacetime-identity");
        if (isShown && !token.isEmpty()) {
            assertEquals(Optional.of(token), answer.headers().firstValue("spacetime-identity-token"));
        }
        answer.headers()
                .firstValue("content-type")
                .filter(type -> type.contains("json"))
                .ifPresent(type -> {
                    if (!path.contains("logs")) {
                        assertEquals("application/json", type);
                    }
                });
    }

    private static HttpResponse<String> send(String method, String path, String body, String token) throws Exception {
        String fresh = "fresh-" + NAMES.incrementAndGet();
        if (path.contains("{fresh}")) {
            publish(fresh);
        }
        String free = "free-" + NAMES.incrementAndGet();
        String real = path.replace("{fresh}", fresh)
                .replace("{new}", free)
                .replace("{owner}", owner.path("identity").asText());
        BodyPublisher publisher = body.equals("PROGRAM")
                ? BodyPublishers.ofByteArray(program)
                : BodyPublishers.ofString(body.replace("{new}", free));
        return requests.send(method, real, token, publisher, "Content-Type", "application/json");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/identity/websocket-token",
        "GET, /v1/identity/{owner}/verify",
        "POST, /v1/database",
        "GET, /v1/database/bank",
        "GET, /v1/database/bank/identity",
        "POST, /v1/database/bank/lock",
        "POST, /v1/database/bank/sql",
        "GET, /v1/database/bank/subscribe",
        "POST, /v1/energy/{owner}?amount=5",
        "GET, /v1/ping"
    })
    void aTokenThatIsNotValidIs401AndShowsNoIdentity(String method, String path) throws Exception {
        HttpResponse<String> answer = send(method, path, "", "a.b.c");

        assertEquals(401, answer.statusCode());
        assertTrue(answer.body().startsWith("Invalid token:"), answer.body());
        assertTrue(answer.headers().firstValue("spacetime-identity").isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/database/bank/sql",
        "POST, /v1/database/bank/call/seed",
        "POST, /v1/database/bank/names",
        "PUT, /v1/database/bank/names",
        "PUT, /v1/database/bank/reset"
    })
    void aBodyBeyondTheLimitIs413(String method, String path) throws Exception {
        assertEquals(413, send(method, path, BODY_OVER_THE_LIMIT, token(owner)).statusCode());
    }

    @Test
    void preflightRequestsAreAnsweredForEveryPath() throws Exception {
        for (String path : List.of("/v1/database/bank/call/seed", "/v1/nothing", "/v1/database/bank/route/x")) {
            HttpResponse<String> answer = requests.send("OPTIONS", path, "");

            assertEquals(200, answer.statusCode());
            assertEquals("", answer.body());
            assertEquals(Optional.of("*"), answer.headers().firstValue("access-control-allow-methods"));
            assertEquals(
                    Optional.of("authorization,accept,content-type"),
                    answer.headers().firstValue("access-control-allow-headers"));
        }
    }

    @Test
    void headIsAnsweredAsGetWithoutABody() throws Exception {
        HttpResponse<String> answer = requests.send("HEAD", "/v1/database/bank", "");

        assertEquals(200, answer.statusCode());
        assertEquals("", answer.body());
        assertEquals(Optional.of("application/json"), answer.headers().firstValue("content-type"));
    }

    @Test
    void aWrongMethodIsToldTheRightOnes() throws Exception {
        HttpResponse<String> answer = requests.send("DELETE", "/v1/database/bank/names", "");

        assertEquals(405, answer.statusCode());
        assertEquals("", answer.body());
        List<String> allowed =
                List.of(answer.headers().firstValue("allow").orElse("").split(","));
        assertTrue(allowed.containsAll(List.of("GET", "HEAD", "POST", "PUT")), allowed.toString());
    }

    @Test
    void aNameOfAnotherOwnerIsPermissionDeniedInJson() throws Exception {
        String theirs = "theirs-" + NAMES.incrementAndGet();
        requests.send("PUT", "/v1/database/" + theirs, token(stranger), BodyPublishers.ofByteArray(program));

        HttpResponse<String> added = send("POST", "/v1/database/{fresh}/names", theirs, token(owner));
        HttpResponse<String> renamed = send("PUT", "/v1/database/{fresh}/names", "[\"" + theirs + "\"]", token(owner));

        for (HttpResponse<String> refused : List.of(added, renamed)) {
            assertEquals(401, refused.statusCode());
            assertEquals("{\"PermissionDenied\":{\"domain\":\"" + theirs + "\"}}", refused.body());
        }
    }

    @Test
    void namesNeedTheContentTypeOfJson() throws Exception {
        HttpResponse<String> answer =
                requests.send("PUT", "/v1/database/bank/names", token(owner), BodyPublishers.ofString("[\"x\"]"));

        assertEquals(415, answer.statusCode());
    }

    @Test
    void aRenameThatIsRefusedChangesNothing() throws Exception {
        String kept = "kept-" + NAMES.incrementAndGet();
        publish(kept);
        String free = "free-" + NAMES.incrementAndGet();

        HttpResponse<String> refused =
                send("PUT", "/v1/database/" + kept + "/names", "[\"" + free + "\",\"bank\"]", token(owner));

        assertEquals(400, refused.statusCode(), refused.body());
        assertEquals(
                "{\"names\":[\"" + kept + "\"]}",
                send("GET", "/v1/database/" + kept + "/names", "", "").body());
        assertEquals(404, send("GET", "/v1/database/" + free, "", "").statusCode());
        publish(free);
    }

    @Test
    void aNameThatWasGivenUpIsFreeForAnybody() throws Exception {
        String old = "old-" + NAMES.incrementAndGet();
        publish(old);

        assertEquals(
                200,
                send("PUT", "/v1/database/" + old + "/names", "[]", token(owner))
                        .statusCode());

        HttpResponse<String> taken =
                requests.send("PUT", "/v1/database/" + old, token(stranger), BodyPublishers.ofByteArray(program));
        assertEquals(200, taken.statusCode(), taken.body());
        assertTrue(taken.body().contains("\"created\""), taken.body());
    }

    @Test
    void aResetKeepsTheProgramAndLosesTheRows() throws Exception {
        String database = "/v1/database/reset-" + NAMES.incrementAndGet();
        publish(database.substring("/v1/database/".length()));
        send("POST", database + "/call/seed", "[3, 100]", token(owner));
        String before = send("GET", database, "", "").body();

        HttpResponse<String> answer = send("PUT", database + "/reset", "", token(owner));

        assertTrue(answer.body().contains("\"updated\""), answer.body());
        assertEquals(before, send("GET", database, "", "").body());
        String rows =
                send("POST", database + "/sql", "SELECT * FROM accounts", "").body();
        assertTrue(rows.contains("\"rows\":[]"), rows);
    }

    @Test
    void aTextThatIsNotUtf8IsNoStatement() throws Exception {
        HttpResponse<String> answer = requests.send(
                "POST",
                "/v1/database/bank/sql",
                "",
                BodyPublishers.ofByteArray("é".getBytes(StandardCharsets.ISO_8859_1)));

        assertEquals(400, answer.statusCode());
    }

    @Test
    void aLargeResultIsStreamedAndTheSame() throws Exception {
        String database = "/v1/database/large-" + NAMES.incrementAndGet();
        publish(database.substring("/v1/database/".length()));
        send("POST", database + "/call/seed", "[20000, 100]", token(owner));

        HttpResponse<String> answer = send("POST", database + "/sql", "SELECT * FROM accounts", "");

        assertEquals(Optional.of("chunked"), answer.headers().firstValue("transfer-encoding"));
        assertEquals(Optional.of("application/json"), answer.headers().firstValue("content-type"));
        assertEquals(20_000, JSON.readTree(answer.body()).at("/0/rows").size());
    }
}
