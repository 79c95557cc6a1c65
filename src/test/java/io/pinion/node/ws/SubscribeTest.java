package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.Bank;
import io.pinion.node.NodeConfig;
import io.pinion.node.PinionNode;
import io.pinion.node.ws.RawClient.Close;
import io.pinion.node.ws.RawClient.Message;
import io.pinion.node.ws.RawClient.Row;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections to a whole node, byte by byte. */
@Timeout(180)
class SubscribeTest {
    private static final int GREETING = 0;
    private static final int SUBSCRIBE_APPLIED = 1;
    private static final int UNSUBSCRIBE_APPLIED = 2;
    private static final int SUBSCRIPTION_ERROR = 3;
    private static final int TRANSACTION_UPDATE = 4;
    private static final int ONE_OFF_RESULT = 5;
    private static final int REDUCER_RESULT = 6;
    private static final int PROCEDURE_RESULT = 7;
    private static final int COMMITTED = 0;
    private static final int REJECTED = 2;
    private static final int FAILED = 3;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static Bank owner;

    @BeforeAll
    static void publish() throws Exception {
        node = PinionNode.start(NodeConfig.load(
                Map.of("pinion.data-directory", directory.resolve("data").toString(), "pinion.http.port", 0),
                Optional.empty()));
        owner = publish("chat");
    }

    private static Bank publish(String name) throws Exception {
        Path program = directory.resolve("chat.js");
        try (InputStream in = SubscribeTest.class.getResourceAsStream("chat.js")) {
            Files.write(program, Objects.requireNonNull(in).readAllBytes());
        }
        Bank database = Bank.at(node.url(), name, "");
        HttpResponse<String> answer = database.publish(program);
        assertEquals(200, answer.statusCode(), answer.body());
        return database;
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static RawClient connect() {
        return connect("chat", "", RawClient.V2);
    }

    private static RawClient connect(String database, String token, String... subprotocols) {
        return RawClient.connect(
                node.url(), "/v1/database/" + database + "/subscribe?compression=None", token, subprotocols);
    }

    /** A connection whose greeting is read. */
    private static RawClient open() throws Exception {
        RawClient client = connect();
        assertEquals(GREETING, client.message().tag);
        return client;
    }

    private static BsatnWriter said(int room, String text) {
        return new BsatnWriter().writeInt(room).writeString(text);
    }

    private static List<Row> result(Message message, int requestId) {
        assertEquals(REDUCER_RESULT, message.tag);
        assertEquals(requestId, message.in().readInt());
        assertTrue(message.in().readLong() > 1_600_000_000_000_000L);
        assertEquals(COMMITTED, message.in().readU8());
        assertTrue(message.in().readByteArray().isEmpty());
        return message.changes();
    }

    private static int failure(Message message, int requestId) {
        assertEquals(REDUCER_RESULT, message.tag);
        assertEquals(requestId, message.in().readInt());
        message.in().readLong();
        return message.in().readU8();
    }

    private static List<byte[]> appliedRows(Message message, String table) {
        return applied(message, 1, 1).getOrDefault(table, List.of());
    }

    private static Map<String, List<byte[]>> applied(Message message, int requestId, int setId) {
        assertEquals(SUBSCRIBE_APPLIED, message.tag);
        assertEquals(requestId, message.in().readInt());
        assertEquals(setId, message.in().readInt());
        return message.rows();
    }

    @Test
    void theGreetingSaysWhoTheClientIsAndComesFirst() throws Exception {
        try (RawClient client = connect("chat", owner.token(), RawClient.V3, RawClient.V2)) {
            client.call(1, "nothing", new BsatnWriter());

            assertEquals(RawClient.V3, client.subprotocol());
            Message greeting = client.message();
            assertEquals(GREETING, greeting.tag);
            assertFalse(greeting.in().readIdentity().toHex().isEmpty());
            greeting.in().readConnectionId();
            assertEquals(owner.token(), greeting.in().readString());
        }
    }

    @Test
    void whatWasSentBeforeTheGreetingIsAnsweredAfterIt() throws Exception {
        try (RawClient client = connect()) {
            client.call(5, "nothing", new BsatnWriter());

            assertEquals(GREETING, client.message().tag);
            assertTrue(result(client.message(), 5).isEmpty());
        }
    }

    @Test
    void aSubscriberHearsOfEachCommitOnceAndTheCallerWithItsResult() throws Exception {
        try (RawClient caller = open();
                RawClient other = open()) {
            other.subscribe(1, 7, "SELECT * FROM notes WHERE room = 1");
            assertEquals(Set.of("notes"), applied(other.message(), 1, 7).keySet());
            caller.subscribe(2, 0, "SELECT * FROM notes WHERE room = 1");
            applied(caller.message(), 2, 0);

            caller.call(3, "say", said(1, "hello"));
            caller.call(4, "say", said(2, "elsewhere"));
            caller.call(5, "say", said(1, "again"));

            List<Row> first = result(caller.message(), 3);
            assertEquals(1, first.size());
            assertTrue(result(caller.message(), 4).isEmpty());
            List<Row> second = result(caller.message(), 5);
            assertEquals(List.of(0), second.stream().map(Row::setId).toList());
            Message firstUpdate = other.message();
            assertEquals(TRANSACTION_UPDATE, firstUpdate.tag);
            assertEquals(hex(first), hex(firstUpdate.changes()));
            Message secondUpdate = other.message();
            assertEquals(TRANSACTION_UPDATE, secondUpdate.tag);
            assertEquals(hex(second), hex(secondUpdate.changes()));
            assertFalse(other.hasMore());
            assertFalse(caller.hasMore());
        }
    }

    private static List<String> hex(List<Row> rows) {
        return rows.stream().map(Row::hex).toList();
    }

    @Test
    void errorsOfTheModuleAndOfTheCallHaveTheirForms() throws Exception {
        try (RawClient client = open()) {
            client.call(1, "say", said(1, ""));
            Message rejected = client.message();
            assertEquals(REJECTED, failure(rejected, 1));
            assertEquals("say something", new BsatnReader(rejected.in().readByteArray()).readString());

            client.call(2, "sing", new BsatnWriter());
            Message unknown = client.message();
            assertEquals(FAILED, failure(unknown, 2));
            assertTrue(unknown.in().readString().contains("no such reducer"));

            client.call(3, "say", new BsatnWriter().writeInt(1));
            assertEquals(FAILED, failure(client.message(), 3));

            client.call(4, "enter", new BsatnWriter());
            assertEquals(FAILED, failure(client.message(), 4));
        }
    }

    @Test
    void aSetThatDoesNotCompileOrExistsAlreadyIsRefusedWhole() throws Exception {
        try (RawClient client = open()) {
            client.subscribe(1, 1, "SELECT * FROM notes", "SELECT * FROM nothing");
            refused(client.message(), 1, 1);
            client.subscribe(2, 1, "SELECT * FROM secrets");
            refused(client.message(), 2, 1);
            client.subscribe(3, 1, "SELECT * FROM notes WHERE room = 77");
            applied(client.message(), 3, 1);
            client.subscribe(4, 1, "SELECT * FROM users");
            refused(client.message(), 4, 1);
            client.unsubscribe(5, 9);
            refused(client.message(), 5, 9);

            client.call(6, "say", said(77, "still there"));
            assertEquals(1, result(client.message(), 6).size());
        }
    }

    private static void refused(Message message, int requestId, int setId) {
        assertEquals(SUBSCRIPTION_ERROR, message.tag);
        assertEquals(0, message.in().readU8());
        assertEquals(requestId, message.in().readInt());
        assertEquals(setId, message.in().readInt());
        assertFalse(message.in().readString().isBlank());
    }

    @Test
    void anUnsubscribedSetHearsNothingMoreAndGetsItsRows() throws Exception {
        try (RawClient client = open()) {
            client.subscribe(1, 1, "SELECT * FROM notes WHERE room = 88");
            applied(client.message(), 1, 1);
            client.call(2, "say", said(88, "here"));
            result(client.message(), 2);

            client.unsubscribe(3, 1);
            Message dropped = client.message();
            assertEquals(UNSUBSCRIBE_APPLIED, dropped.tag);
            assertEquals(3, dropped.in().readInt());
            assertEquals(1, dropped.in().readInt());
            assertEquals(0, dropped.in().readU8());
            assertEquals(1, dropped.rows("notes").size());
            client.call(4, "say", said(88, "unheard"));
            assertTrue(result(client.message(), 4).isEmpty());
        }
    }

    @Test
    void aQueryIsAnsweredOnce() throws Exception {
        try (RawClient client = open()) {
            client.call(1, "say", said(99, "found"));
            result(client.message(), 1);

            client.ask(2, "SELECT * FROM notes WHERE room = 99");
            Message found = client.message();
            assertEquals(ONE_OFF_RESULT, found.tag);
            assertEquals(2, found.in().readInt());
            assertEquals(0, found.in().readU8());
            assertEquals(1, found.rows("notes").size());

            client.ask(3, "SELECT id FROM notes");
            Message refused = client.message();
            assertEquals(3, refused.in().readInt());
            assertEquals(1, refused.in().readU8());
        }
    }

    @Test
    void aViewIsSubscribedToAsATableAndYieldsEachCallerItsOwnRows() throws Exception {
        try (RawClient first = open();
                RawClient second = open()) {
            first.subscribe(1, 1, "SELECT * FROM me");
            second.subscribe(1, 1, "SELECT * FROM me");
            String mine = hex(appliedRows(first.message(), "me").getFirst());
            String theirs = hex(appliedRows(second.message(), "me").getFirst());
            assertNotEquals(mine, theirs);
            first.subscribe(2, 2, "SELECT * FROM loud WHERE room = 300");
            applied(first.message(), 2, 2);

            second.call(3, "say", said(300, "quiet"));
            second.call(4, "say", said(300, "loud!"));
            second.call(5, "clear_room", new BsatnWriter().writeInt(300));

            List<Row> came = first.message().changes();
            List<Row> went = first.message().changes();
            assertEquals(List.of(new Row(2, "loud", true, came.getFirst().hex())), came);
            assertEquals(List.of(new Row(2, "loud", false, came.getFirst().hex())), went);
        }
    }

    private static String hex(byte[] row) {
        return HexFormat.of().formatHex(row);
    }

    @Test
    void aProcedureAnswersWithItsValueOrWhyNot() throws Exception {
        try (RawClient client = open()) {
            client.callProcedure(1, "double", new BsatnWriter().writeLong(21));
            Message returned = client.message();
            assertEquals(PROCEDURE_RESULT, returned.tag);
            assertEquals(0, returned.in().readU8());
            assertEquals(42, new BsatnReader(returned.in().readByteArray()).readLong());
            assertTrue(returned.in().readLong() > 1_600_000_000_000_000L);
            returned.in().readLong();
            assertEquals(1, returned.in().readInt());

            client.callProcedure(2, "treble", new BsatnWriter());
            Message unknown = client.message();
            assertEquals(PROCEDURE_RESULT, unknown.tag);
            assertEquals(1, unknown.in().readU8());
            assertFalse(unknown.in().readString().isBlank());
            assertEquals(0, unknown.in().readLong());
            assertEquals(0, unknown.in().readLong());
            assertEquals(2, unknown.in().readInt());
        }
    }

    @Test
    void severalMessagesOfV3ShareAPayloadInBothDirections() throws Exception {
        try (RawClient client = connect("chat", "", RawClient.V3)) {
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            for (int call = 0; call < 100; call++) {
                payload.writeBytes(RawClient.callMessage(call, "nothing", new BsatnWriter()));
            }
            client.send(payload.toByteArray());

            List<Integer> answered = new ArrayList<>();
            boolean isGreeted = false;
            while (answered.size() < 100) {
                byte[] next = client.next();
                BsatnReader in = new BsatnReader(next, 1, next.length - 1);
                while (in.remaining() > 0) {
                    if (!isGreeted) {
                        assertEquals(GREETING, in.readU8());
                        in.readIdentity();
                        in.readConnectionId();
                        in.readString();
                        isGreeted = true;
                    } else {
                        assertEquals(REDUCER_RESULT, in.readU8());
                        answered.add(in.readInt());
                        in.readLong();
                        assertEquals(COMMITTED, in.readU8());
                        in.readByteArray();
                        assertEquals(0, in.readInt());
                    }
                }
            }
            List<Integer> sent = new ArrayList<>();
            for (int call = 0; call < 100; call++) {
                sent.add(call);
            }
            assertEquals(sent, answered);
        }
    }

    @Test
    void whatIsNoMessageClosesTheConnectionAndSaysWhy() throws Exception {
        try (RawClient binary = open();
                RawClient text = open();
                RawClient empty = connect("chat", "", RawClient.V3)) {
            binary.send(new byte[] {77});
            text.sendText("hello");
            empty.send(new byte[0]);

            for (RawClient client : List.of(binary, text, empty)) {
                Close close = client.awaitClose();
                assertEquals(1011, close.code());
                assertFalse(close.reason().isBlank());
            }
        }
    }

    @Test
    void theModuleSeesWhoComesAndGoesAndMayRefuse() throws Exception {
        Bank visitors = publish("visitors");
        Bank visitor = Bank.at(node.url(), "visitors", "");
        for (int visit = 1; visit <= 3; visit++) {
            RawClient client = connect("visitors", visitor.token(), RawClient.V2);
            assertEquals(GREETING, client.message().tag);
            assertEquals("[[" + visit + ",true]]", rows(visitors, "SELECT visits, online FROM users"));
            assertEquals(1, connections(visitors));
            client.close();
            awaitRows(visitors, "SELECT visits, online FROM users", "[[" + visit + ",false]]");
            assertEquals(0, connections(visitors));
        }

        try (RawClient refused = connect("visitors", visitor.token(), RawClient.V2)) {
            assertEquals(1006, refused.awaitClose().code());
            assertFalse(refused.hasMore());
        }
        assertEquals("[[3,false]]", rows(visitors, "SELECT visits, online FROM users"));
        assertEquals(0, connections(visitors));
    }

    /** Beside that of the request itself. */
    private static int connections(Bank database) throws Exception {
        String rows = rows(database, "SELECT COUNT(*) AS n FROM st_client");
        return Integer.parseInt(rows.replaceAll("[^0-9]", "")) - 1;
    }

    private static String rows(Bank database, String sql) throws Exception {
        HttpResponse<String> answer = database.sql(sql);
        assertEquals(200, answer.statusCode(), answer.body());
        String body = answer.body();
        int start = body.indexOf("\"rows\":") + "\"rows\":".length();
        return body.substring(start, body.indexOf(",\"total_duration", start));
    }

    private static void awaitRows(Bank database, String sql, String wanted) throws Exception {
        long deadlineNanos = System.nanoTime() + 30_000_000_000L;
        String rows = rows(database, sql);
        while (!rows.equals(wanted) && System.nanoTime() < deadlineNanos) {
            rows = rows(database, sql);
        }
        assertEquals(wanted, rows);
    }

    @Test
    void theEndOfADatabaseClosesItsConnections() throws Exception {
        Bank doomed = publish("doomed");
        try (RawClient client = connect("doomed", "", RawClient.V2)) {
            assertEquals(GREETING, client.message().tag);

            assertEquals(200, doomed.send("DELETE", "/v1/database/doomed", "").statusCode());

            assertEquals(new Close(1001, "module exited"), client.awaitClose());
        }
    }

    @Test
    void versionOneInJsonIsSpokenToo() throws Exception {
        try (RawClient client = connect("chat", "", RawClient.V1_JSON)) {
            assertTrue(text(client).startsWith("{\"IdentityToken\":"));
            client.sendText("{\"SubscribeMulti\":{\"query_strings\":[\"SELECT * FROM notes WHERE room = 66\"],"
                    + "\"request_id\":1,\"query_id\":{\"id\":8}}}");
            assertTrue(text(client).startsWith("{\"SubscribeMultiApplied\":{\"request_id\":1,"));
            client.sendText("{\"CallReducer\":{\"reducer\":\"say\",\"args\":\"[66,\\\"hi\\\"]\",\"request_id\":11,"
                    + "\"flags\":0}}");

            String update = text(client);

            assertTrue(update.startsWith("{\"TransactionUpdate\":{\"status\":{\"Committed\":"), update);
            assertTrue(update.contains("\\\"text\\\":\\\"hi\\\""), update);
            assertTrue(update.contains("\"reducer_name\":\"say\"") && update.contains("\"request_id\":11"), update);
        }
    }

    private static String text(RawClient client) throws Exception {
        return new String(client.next(), StandardCharsets.UTF_8);
    }

    /** What a client has accumulated is what the queries yield. */
    @Test
    void accumulatedRowsAreThoseOfTheQueryWhateverHappensMeanwhile() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (RawClient writer = open();
                RawClient reader = open()) {
            Map<Row, Integer> seen = new HashMap<>();
            int writes = 0;
            for (int step = 0; step < 60; step++) {
                if (step % 10 == 0) {
                    int room = 200 + step / 10;
                    reader.subscribe(step, step, "SELECT * FROM notes WHERE room = " + room, "SELECT * FROM users");
                }
                int room = 200 + random.nextInt(6);
                if (random.nextInt(4) == 0) {
                    writer.call(writes++, "clear_room", new BsatnWriter().writeInt(room));
                } else {
                    writer.call(writes++, "say", said(room, "note " + step));
                }
            }
            for (int write = 0; write < writes; write++) {
                result(writer.message(), write);
            }
            reader.call(1000, "nothing", new BsatnWriter());
            Message next = reader.message();
            while (next.tag != REDUCER_RESULT) {
                accumulate(next, seen);
                next = reader.message();
            }

            for (int set = 0; set < 60; set += 10) {
                int room = 200 + set / 10;
                reader.ask(2000 + set, "SELECT * FROM notes WHERE room = " + room);
                Message result = reader.message();
                result.in().readInt();
                assertEquals(0, result.in().readU8());
                int setId = set;
                List<String> expected = result.rows("notes").stream()
                        .map(row -> HexFormat.of().formatHex(row))
                        .sorted()
                        .toList();
                assertEquals(
                        expected,
                        seen.entrySet().stream()
                                .filter(row -> row.getKey().setId() == setId
                                        && row.getKey().table().equals("notes"))
                                .filter(row -> row.getValue() > 0)
                                .map(row -> row.getKey().hex())
                                .sorted()
                                .toList(),
                        "seed " + seed + ", set " + set);
            }
            assertEquals(
                    Set.of(),
                    seen.values().stream()
                            .filter(count -> count < 0 || count > 1)
                            .collect(Collectors.toSet()),
                    "seed " + seed);
        }
    }

    private static void accumulate(Message message, Map<Row, Integer> seen) {
        if (message.tag == SUBSCRIBE_APPLIED) {
            message.in().readInt();
            int setId = message.in().readInt();
            message.rows()
                    .forEach((table, rows) -> rows.forEach(row -> seen.merge(
                            new Row(setId, table, true, HexFormat.of().formatHex(row)), 1, Integer::sum)));
        } else {
            assertEquals(TRANSACTION_UPDATE, message.tag);
            for (Row row : message.changes()) {
                seen.merge(new Row(row.setId(), row.table(), true, row.hex()), row.isInsert() ? 1 : -1, Integer::sum);
            }
        }
    }

    @Test
    void whatIsLongIsCompressedForClientsThatTakeIt() throws Exception {
        try (RawClient brotli = RawClient.connect(node.url(), "/v1/database/chat/subscribe", "", RawClient.V2);
                RawClient gzip = RawClient.connect(
                        node.url(), "/v1/database/chat/subscribe?compression=Gzip", "", RawClient.V2)) {
            for (RawClient client : List.of(brotli, gzip)) {
                assertEquals(0, client.next()[0]);
                client.call(1, "say", said(4711, "x".repeat(3000)));
                client.next();
                client.subscribe(2, 1, "SELECT * FROM notes WHERE room = 4711");
            }

            assertEquals(1, brotli.next()[0]);
            assertEquals(0, gzip.next()[0]);
        }
    }
}
