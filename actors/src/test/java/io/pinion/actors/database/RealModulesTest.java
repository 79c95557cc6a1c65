package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.pinion.actors.database.Database.BadQuery;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.Database.Returned;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Views, procedures, HTTP and schedules of the contract modules, in both engines. */
class RealModulesTest {
    private static final String JS = "contract-js/contract.js";
    private static final String WASM = "contract-c/contract.wasm";
    private static final String COUNT = "SELECT COUNT(*) AS n FROM items";

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init") // every test begins with a start
    private TestDatabases node;

    @SuppressWarnings("NullAway.Init") // as above
    private TestDatabase database;

    private void start(String example, String settings) throws IOException {
        node = TestDatabases.start(directory, settings, ModuleLoader::load);
        database = node.database();
        Bytes program = Bytes.wrap(Files.readAllBytes(Path.of("..", "examples").resolve(example)));
        assertInstanceOf(Database.Published.class, database.publish(program, OWNER, false));
    }

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
    }

    private ProcedureOutcome run(String procedure, String arguments) {
        return await(database.procedureLater(OWNER, procedure, arguments));
    }

    private long number(String procedure, String arguments) {
        Returned returned = assertInstanceOf(Returned.class, run(procedure, arguments));
        return new BsatnReader(returned.value()).readLong();
    }

    private long count(Identity caller, String table) {
        Database.Rows rows =
                assertInstanceOf(Database.Rows.class, database.query(caller, "SELECT COUNT(*) AS n FROM " + table));
        return database.numbers(rows).getFirst();
    }

    @ParameterizedTest
    @ValueSource(strings = {JS, WASM})
    void viewsOfEveryFormFollowTheirTables(String example) throws IOException {
        start(example, "");
        long kind = OWNER.word0() & 0xFFFF_FFFFL;

        for (int items = 0; items < 3; items++) {
            assertEquals(items, count(OWNER, "all_items"));
            assertEquals(items, count(GUEST, "all_items"));
            assertEquals(items, count(OWNER, "queried"));
            assertEquals(Math.min(items, 1), count(OWNER, "first_item"));
            assertEquals(items, count(OWNER, "my_items"));
            assertEquals(0, count(GUEST, "my_items"));
            assertInstanceOf(Committed.class, database.call("fill", "[\"item " + items + "\", " + kind + "]"));
        }

        BadQuery refused = assertInstanceOf(BadQuery.class, database.query(OWNER, "SELECT * FROM refusing"));
        assertEquals("the view refusing failed: view refused", refused.message());
        assertInstanceOf(BadQuery.class, database.query(OWNER, "SELECT * FROM failing"));
        assertInstanceOf(Committed.class, database.call("fill", "[\"more\", 1]"));
        assertEquals(4, count(OWNER, "all_items"));
    }

    @ParameterizedTest
    @ValueSource(strings = {JS, WASM})
    void proceduresComputeWriteAndEndAsReducersCannot(String example) throws IOException {
        start(example, "pinion.limits.procedure-time = 2 s");
        assertEquals(0, count(OWNER, "all_items"));

        assertEquals(5, number("add", "[2, 3]"));
        assertEquals(1, number("two_transactions", "[\"first\"]"));
        assertEquals(1, count(OWNER, "all_items"), "evaluated by the commit");
        assertEquals(1, number("abort", "[]"));
        assertInstanceOf(Returned.class, run("procedure_errors", "[]"));
        assertInstanceOf(Failed.class, run("procedure_fails", "[]"));
        assertEquals(List.of(2L), database.numbers(COUNT), "what was committed before stays");
        run("leave_open", "[\"undone\"]");
        assertEquals(List.of(2L), database.numbers(COUNT));

        CompletionStage<ProcedureOutcome> endless = database.procedureLater(OWNER, "commit_forever", "[]");
        for (int i = 0; i < 20; i++) {
            assertInstanceOf(Committed.class, database.call("fill", "[\"meanwhile " + i + "\", 1]"));
        }
        assertInstanceOf(Stopped.class, await(endless));
        assertEquals(22, count(OWNER, "all_items"));
        assertEquals(5, number("add", "[2, 3]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {JS, WASM})
    void aProcedureAsksAServerIfItMay(String example) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = ("got " + new String(exchange.getRequestBody().readAllBytes(), UTF_8)).getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String arguments = "[\"http://127.0.0.1:" + server.getAddress().getPort() + "/\"]";
            start(example, "pinion.procedure.http { enabled = on, allow-addresses = [\"127.0.0.1/32\"] }");
            // The first one may take longer than its time-out, on a busy machine.
            node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
                String text = fetched(arguments);
                assertTrue(text.startsWith("200 text/plain"), text);
                assertTrue(text.endsWith("got ping"), text);
                return text;
            });
            node.close();

            node = TestDatabases.start(directory, "pinion.procedure.http.enabled = on", ModuleLoader::load);
            database = node.database();
            String text = fetched(arguments);
            assertTrue(text.contains("private or special-purpose addresses"), text);
        } finally {
            server.stop(0);
        }
    }

    private String fetched(String arguments) {
        Returned returned = assertInstanceOf(Returned.class, run("fetch", arguments));
        return new BsatnReader(returned.value()).readString();
    }

    private Database.HttpOutcome request(String method, String path) {
        HttpRequest request = new HttpRequest(
                method,
                "https://example.com" + path + "?q",
                HttpVersion.HTTP_1_1,
                List.of(new HttpHeader("x-in", Bytes.ofUtf8("in"))),
                null,
                Bytes.ofUtf8("body"));
        return await(
                database.ask(replyTo -> new Database.Command.HandleHttp(path, request, Database.NO_DEADLINE, replyTo)));
    }

    @ParameterizedTest
    @ValueSource(strings = {JS, WASM})
    void handlersAnswerTheRequestsOfTheirRoutes(String example) throws IOException {
        start(example, "");
        database.call("fill", "[\"a\", 1]");

        Database.Answered echo = assertInstanceOf(Database.Answered.class, request("POST", "/echo"));
        assertEquals(201, echo.response().code());
        assertEquals(
                "https://example.com/echo?q|in|body", echo.response().body().toUtf8());
        assertTrue(
                echo.response().headers().contains(new HttpHeader("x-count", Bytes.ofUtf8("1"))),
                echo.response().headers().toString());
        assertInstanceOf(Database.Answered.class, request("DELETE", "/any"));
        assertInstanceOf(Database.NoSuchRoute.class, request("GET", "/echo"));
        assertInstanceOf(Failed.class, request("GET", "/broken"));
        assertInstanceOf(Database.Answered.class, request("GET", "/any"));
    }

    @ParameterizedTest
    @ValueSource(strings = {JS, WASM})
    void aScheduledProcedureRunsAndItsRowIsGone(String example) throws IOException {
        start(example, "");
        assertInstanceOf(Committed.class, database.call("schedule", "[]"));
        assertEquals(List.of(1L), database.numbers("SELECT id FROM jobs"));

        database.awaitNumbers("SELECT id FROM jobs", List.of());

        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            Database.LogOutcome log = await(database.ask(replyTo -> new Database.Command.ReadLog(OWNER, -1, replyTo)));
            String lines = String.join(
                    "\n", assertInstanceOf(Database.LogLines.class, log).lines());
            assertTrue(lines.contains("job 1 Time"), lines);
            return lines;
        });
        assertEquals(List.of(1L), database.numbers("SELECT id FROM ticks"));
    }
}
