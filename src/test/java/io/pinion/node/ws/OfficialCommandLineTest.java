package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.NodeRequests;
import io.pinion.node.PinionNode;
import io.pinion.node.TestNode;
import io.pinion.store.value.Identity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The requests of the official command line, as it sends them: paths, queries, headers and bodies; and its way of reading
 * the answers, which is stricter than most.
 */
@Timeout(120)
class OfficialCommandLineTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static NodeRequests requests;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static byte[] program;

    private String token = "";
    private String me = "";
    private String name = "";

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.start(directory.resolve("data"));
        requests = new NodeRequests(node.url());
        try (InputStream in = OfficialCommandLineTest.class.getResourceAsStream("values.js")) {
            program = Objects.requireNonNull(in).readAllBytes();
        }
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** {@code login --server-issued-login}: the identity is read from the token, in the standard alphabet. */
    @BeforeEach
    void logIn() throws Exception {
        token = json(requests.send("POST", "/v1/identity", "")).path("token").asText();
        String[] parts = token.split("\\.", -1);
        assertEquals(3, parts.length);
        JsonNode claims = JSON.readTree(Base64.getDecoder().decode(parts[1]));
        assertTrue(claims.path("iat").isIntegralNumber(), claims.toString());
        me = Identity.derive(claims.path("iss").asText(), claims.path("sub").asText())
                .toHex();
        assertEquals(me, claims.path("hex_identity").asText());
        name = "demo-" + NAMES.incrementAndGet();
    }

    @Test
    void serverAddAndPing() throws Exception {
        HttpResponse<String> fingerprint = requests.send("GET", "/v1/identity/public-key", "");

        assertEquals(200, fingerprint.statusCode());
        assertTrue(fingerprint.body().startsWith("-----BEGIN PUBLIC KEY-----"), fingerprint.body());
        assertEquals(200, requests.send("GET", "/v1/ping", "").statusCode());
    }

    @Test
    void publishPlansThenPublishesAndReadsTheIdentity() throws Exception {
        HttpResponse<String> unknown = send(
                "POST", "/v1/database/" + name + "/pre_publish?pretty_print_style=AnsiColor&host_type=Js", program);
        assertEquals(404, unknown.statusCode(), unknown.body());

        JsonNode created = json(send("PUT", "/v1/database/" + name + "?host_type=Js", program));
        assertEquals("created", created.at("/Success/op").asText());
        assertEquals(name, created.at("/Success/domain").asText());
        String identity = created.at("/Success/database_identity").asText();
        assertTrue(identity.matches("[0-9a-f]{64}"), identity);

        JsonNode plan = json(send(
                "POST", "/v1/database/" + name + "/pre_publish?pretty_print_style=NoColor&host_type=Js", changed()));
        assertTrue(plan.at("/AutoMigrate/migrate_plan").isTextual(), plan.toString());
        assertTrue(plan.at("/AutoMigrate/break_clients").isBoolean(), plan.toString());
        String migration = plan.at("/AutoMigrate/token").asText();
        String again = "0x" + new BigInteger(migration.substring(2), 16).toString(16);
        JsonNode updated = json(send(
                "PUT", "/v1/database/" + name + "?token=" + again + "&policy=BreakClients&host_type=Js", changed()));
        assertEquals("updated", updated.at("/Success/op").asText());
        assertEquals(identity, updated.at("/Success/database_identity").asText());

        JsonNode cleared = json(send("PUT", "/v1/database/" + name + "?clear=true&host_type=Js", program));
        assertEquals("updated", cleared.at("/Success/op").asText());
        JsonNode unnamed = json(send("POST", "/v1/database?host_type=Js", program));
        assertEquals("created", unnamed.at("/Success/op").asText());
        assertTrue(unnamed.at("/Success/domain").isNull(), unnamed.toString());
    }

    @Test
    void aNameOfSomebodyElseIsPermissionDenied() throws Exception {
        publish();
        String stranger =
                json(requests.send("POST", "/v1/identity", "")).path("token").asText();

        HttpResponse<String> refused = requests.send(
                "PUT", "/v1/database/" + name + "?host_type=Js", stranger, BodyPublishers.ofByteArray(program));

        assertEquals(403, refused.statusCode(), refused.body());
        assertTrue(refused.body().contains("update database"), refused.body());
    }

    @Test
    void namesBecomeIdentities() throws Exception {
        String identity = publish();

        HttpResponse<String> found = requests.send("GET", "/v1/database/" + name + "/identity", "");

        assertEquals(200, found.statusCode());
        assertEquals(identity, found.body());
        assertEquals(
                404,
                requests.send("GET", "/v1/database/nobody-has-it/identity", "").statusCode());
    }

    @Test
    void callLooksTheFunctionUpAndCallsIt() throws Exception {
        String database = "/v1/database/" + publish();

        JsonNode schema = json(requests.send("GET", database + "/schema?version=10", token));
        assertTrue(schema.path("sections").isArray(), schema.toString());
        assertEquals(
                400,
                requests.send("GET", database + "/schema?version=11", token).statusCode());
        assertTrue(json(requests.send("GET", database + "/schema?version=9", token))
                .path("typespace")
                .path("types")
                .isArray());

        HttpResponse<String> called = call(database, "add_person", "[\"Ann\", \"Bern\", 41]");
        assertEquals(200, called.statusCode(), called.body());
        assertEquals("", called.body());
        HttpResponse<String> procedure = call(database, "count_people", "[]");
        assertEquals(200, procedure.statusCode(), procedure.body());
        assertEquals("1", procedure.body());
        HttpResponse<String> refused = call(database, "add_person", "[\"Bo\", \"Bern\", 200]");
        assertEquals(530, refused.statusCode());
        assertEquals("nobody is 200", refused.body());
        HttpResponse<String> arguments = call(database, "add_person", "[\"Bo\"]");
        assertEquals(400, arguments.statusCode());
        assertTrue(arguments.body().startsWith("invalid arguments for reducer add_person"), arguments.body());
        HttpResponse<String> unknown = call(database, "add_persons", "[]");
        assertEquals(404, unknown.statusCode());
        assertTrue(unknown.body().startsWith("no such procedure"), unknown.body());
    }

    @Test
    void sqlAnswersOneResultWithItsSchema() throws Exception {
        String database = "/v1/database/" + publish();
        call(database, "add_person", "[\"Ann\", \"Bern\", 41]");

        for (String query : List.of("", "?confirmed=true", "?confirmed=false")) {
            JsonNode results = json(requests.send(
                    "POST",
                    database + "/sql" + query,
                    token,
                    BodyPublishers.ofString("SELECT * FROM people"),
                    "Content-Type",
                    "text/plain; charset=utf-8"));

            assertEquals(1, results.size());
            JsonNode result = results.get(0);
            assertEquals("nick_name", result.at("/schema/elements/1/name/some").asText(), () -> results.toString());
            assertEquals("[[1,\"Ann\",\"Bern\",41]]", result.path("rows").toString());
            assertTrue(result.path("total_duration_micros").isIntegralNumber());
        }
        HttpResponse<String> wrong =
                requests.send("POST", database + "/sql", token, BodyPublishers.ofString("SELECT * FROM nothing"));
        assertEquals(400, wrong.statusCode());
        assertFalse(wrong.body().isBlank());
    }

    @Test
    void logsAreRecordsOnOneLineEachAndFollowingStaysOpen() throws Exception {
        String database = "/v1/database/" + publish();
        HttpResponse<InputStream> followed = requests.stream(database + "/logs?num_lines=10&follow=true", token);
        assertEquals(200, followed.statusCode());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(followed.body(), StandardCharsets.UTF_8))) {
            call(database, "add_person", "[\"Bo\", \"Bern\", 200]");
            String line = lines.readLine();
            while (!line.contains("nobody is 200")) {
                requireRecord(line);
                line = lines.readLine();
            }
            requireRecord(line);
        }

        HttpResponse<String> kept = requests.send("GET", database + "/logs?follow=false", token);
        assertTrue(kept.body().endsWith("\n"), kept.body());
        kept.body().lines().forEach(OfficialCommandLineTest::requireRecord);
        assertEquals(
                403, requests.send("GET", database + "/logs?follow=false", "").statusCode());
    }

    private static void requireRecord(String line) {
        try {
            JsonNode parsed = JSON.readTree(line);
            assertTrue(
                    List.of("Error", "Warn", "Info", "Debug", "Trace", "Panic")
                            .contains(parsed.path("level").asText()),
                    line);
            assertTrue(parsed.path("message").isTextual(), line);
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }

    @Test
    void subscribePrintsEachTransactionInVersionThree() throws Exception {
        String database = "/v1/database/" + publish();
        try (RawClient client =
                RawClient.connect(node.url(), database + "/subscribe?compression=None", token, RawClient.V3)) {
            assertEquals(RawClient.V3, client.subprotocol());
            client.message();
            client.subscribe(0, 0, "SELECT * FROM people");
            RawClient.Message applied = client.message();
            assertEquals(1, applied.tag, "SubscribeApplied");

            call(database, "add_person", "[\"Ann\", \"Bern\", 41]");

            RawClient.Message update = client.message();
            assertEquals(4, update.tag, "TransactionUpdate");
            List<RawClient.Row> changes = update.changes();
            assertEquals(1, changes.size());
            assertEquals("people", changes.getFirst().table());
        }
        try (RawClient client =
                RawClient.connect(node.url(), database + "/subscribe?compression=None", token, RawClient.V3)) {
            client.message();
            client.subscribe(0, 0, "SELECT * FROM nothing");
            assertEquals(3, client.message().tag, "SubscriptionError");
        }
    }

    @Test
    void subscribeFallsBackToJson() throws Exception {
        String database = "/v1/database/" + publish();
        try (RawClient client = RawClient.connect(node.url(), database + "/subscribe", token, RawClient.V1_JSON)) {
            assertTrue(text(client).startsWith("{\"IdentityToken\":"));
            client.sendText("{\"Subscribe\":{\"query_strings\":[\"SELECT * FROM people\"],\"request_id\":0}}");
            assertTrue(text(client).startsWith("{\"InitialSubscription\":"));

            call(database, "add_person", "[\"Ann\", \"Bern\", 41]");

            String update = text(client);
            assertTrue(update.startsWith("{\"TransactionUpdate"), update);
            assertTrue(update.contains("Ann"), update);
        }
    }

    private static String text(RawClient client) throws Exception {
        return new String(client.next(), StandardCharsets.UTF_8);
    }

    @Test
    void listNamesTheCallersDatabases() throws Exception {
        String identity = publish();

        JsonNode databases = json(requests.send("GET", "/v1/identity/" + me + "/databases", token));
        JsonNode names = json(requests.send("GET", "/v1/database/" + identity + "/names", ""));

        assertEquals("{\"identities\":[\"" + identity + "\"]}", databases.toString());
        assertEquals("{\"names\":[\"" + name + "\"]}", names.toString());
    }

    @Test
    void renameReplacesAllNames() throws Exception {
        String identity = publish();

        JsonNode renamed = json(rename(identity, "[\"" + name + "-b\"]"));

        assertEquals("\"Success\"", renamed.toString());
        assertEquals(
                404,
                requests.send("GET", "/v1/database/" + name + "/identity", "").statusCode());
        assertEquals(
                identity,
                requests.send("GET", "/v1/database/" + name + "-b/identity", "").body());
        assertEquals(
                "{\"names\":[\"" + name + "-b\"]}",
                json(requests.send("GET", "/v1/database/" + identity + "/names", ""))
                        .toString());
    }

    @Test
    void aLockedDatabaseCannotBeDeletedOrCleared() throws Exception {
        String database = "/v1/database/" + publish();
        call(database, "add_person", "[\"Ann\", \"Bern\", 41]");

        assertEquals(200, requests.send("POST", database + "/lock", token).statusCode());
        HttpResponse<String> kept = requests.send("DELETE", database, token);
        HttpResponse<String> notReset = requests.send("PUT", database + "/reset", token);
        HttpResponse<String> notCleared = send("PUT", "/v1/database/" + name + "?clear=true&host_type=Js", program);
        assertEquals(200, requests.send("POST", database + "/unlock", token).statusCode());

        for (HttpResponse<String> refused : List.of(kept, notReset, notCleared)) {
            assertEquals(403, refused.statusCode(), refused.body());
            assertTrue(refused.body().contains("spacetime unlock"), refused.body());
        }
        assertEquals("1", call(database, "count_people", "[]").body());
        assertEquals(200, requests.send("DELETE", database, token).statusCode());
        assertEquals(
                404,
                requests.send("GET", database + "/schema?version=10", token).statusCode());
    }

    private HttpResponse<String> rename(String identity, String names) throws Exception {
        return requests.send(
                "PUT",
                "/v1/database/" + identity + "/names",
                token,
                BodyPublishers.ofString(names),
                "Content-Type",
                "application/json");
    }

    private HttpResponse<String> call(String database, String function, String arguments) throws Exception {
        BodyPublisher body = BodyPublishers.ofString(arguments);
        return requests.send("POST", database + "/call/" + function, token, body, "Content-Type", "application/json");
    }

    private String publish() throws Exception {
        return json(send("PUT", "/v1/database/" + name + "?host_type=Js", program))
                .at("/Success/database_identity")
                .asText();
    }

    private HttpResponse<String> send(String method, String path, byte[] body) throws Exception {
        return requests.send(method, path, token, BodyPublishers.ofByteArray(body));
    }

    private static byte[] changed() {
        String text = new String(program, StandardCharsets.UTF_8);
        return text.replace("loudness: 11", "loudness: 12").getBytes(StandardCharsets.UTF_8);
    }

    /** The command line takes a body for JSON only if the content type is exactly this. */
    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        assertEquals(200, answer.statusCode(), answer.body());
        assertEquals(Optional.of("application/json"), answer.headers().firstValue("content-type"));
        return JSON.readTree(answer.body());
    }
}
