package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SQL over PostgreSQL's protocol: by psql, and by bytes where psql is too well-behaved. */
@Timeout(120)
class PgWireTest {
    private static final int PROTOCOL = 196_608;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static NodeRequests requests;

    private static String owner = "";
    private static String stranger = "";
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        node = TestNode.start(
                directory.resolve("data"), Map.of("pinion.pgwire.enabled", true, "pinion.pgwire.port", port));
        requests = new NodeRequests(node.url());
        owner = newToken();
        stranger = newToken();
        try (InputStream in = PgWireTest.class.getResourceAsStream("/io/pinion/node/ws/values.js")) {
            byte[] program = Objects.requireNonNull(in).readAllBytes();
            HttpResponse<String> published =
                    requests.send("PUT", "/v1/database/values", owner, BodyPublishers.ofByteArray(program));
            assertEquals(200, published.statusCode(), published.body());
        }
        call("add_person", "[\"Ann\", \"Bern\", 41]");
        call("add_person", "[\"B\\\"o\", \"Bern\", 4]");
        call(
                "keep_sample",
                "[7, true, -8, 8, -16, 16, -32, 32, -64, 64, -128, 128, \"-0x100\", \"0x100\", 1.5, -2.5, \"text\","
                        + " \"00ff\", [], [\"0x" + "c2".repeat(32) + "\"], [5], [1000000], [1500000],"
                        + " [1339673755198158349044581307228491775], {\"Interval\": [5]}, {\"some\": \"thing\"}, [1, 2],"
                        + " {\"ok\": 3}, {\"x_pos\": 1, \"y_pos\": 2}, {\"blue\": []}, {\"circle\": 0.5}, []]");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static String newToken() throws Exception {
        return new ObjectMapper()
                .readTree(requests.send("POST", "/v1/identity", "").body())
                .path("token")
                .asText();
    }

    private static void call(String reducer, String arguments) throws Exception {
        HttpResponse<String> called = requests.send(
                "POST",
                "/v1/database/values/call/" + reducer,
                owner,
                BodyPublishers.ofString(arguments),
                "Content-Type",
                "application/json");
        assertEquals(200, called.statusCode(), called.body());
    }

    @Test
    void psqlShowsRowsAndNamesOfColumns() throws Exception {
        assertEquals("""
                id|nick_name|home_town|age
                1|Ann|Bern|41
                2|B"o|Bern|4
                """, psql("values", owner, "SELECT * FROM people WHERE home_town = 'Bern'"));
    }

    @Test
    void everyTypeIsATextInPostgresqlsWay() throws Exception {
        String text = psql("values", owner, "SELECT * FROM samples");

        assertEquals(
                "7|t|-8|8|-16|16|-32|32|-64|64|-128|128|-256|256|1.5|-2.5|text|\\x00ff|{}|\\x" + "c2".repeat(32)
                        + "|\\x"
                        + "0".repeat(31)
                        + "5|1970-01-01T00:00:01.000000Z|PT1.5S|01020304-0506-0708-090a-0b0c0d0e0fff"
                        + "|{\"Interval\":\"PT0.000005S\"}|{\"some\":\"thing\"}|{1,2}|{\"ok\":3}|{\"x_pos\":1,\"y_pos\":2}|blue"
                        + "|{\"circle\":0.5}|[]",
                text.lines().skip(1).findFirst().orElseThrow());
    }

    @Test
    void theOwnerWritesAndNobodyElse() throws Exception {
        String insert = "INSERT INTO secrets (id, text) VALUES (2, 'more')";

        assertTrue(psql("values", owner, insert).startsWith("inserted: 1, server: "));
        assertTrue(psql("values", owner, "UPDATE secrets SET text = 'less' WHERE id = 2")
                .startsWith("updated: 1, "));
        assertTrue(psql("values", owner, "DELETE FROM secrets WHERE id = 2").startsWith("deleted: 1, "));
        assertTrue(psql("values", stranger, insert).startsWith("ERROR: "));
        assertTrue(psql("values", stranger, "SELECT * FROM secrets").startsWith("ERROR: "));
        assertEquals("id|text\n1|hidden\n", psql("values", owner, "SELECT * FROM secrets"));
    }

    @Test
    void aStatementThatIsWrongIsAnsweredAndTheNextOneIsRead() throws Exception {
        try (Client client = new Client()) {
            client.login("values", owner);

            assertEquals("EZ", client.tags(client.query("SELECT * FROM nothing")));
            assertEquals("TDDCZ", client.tags(client.query("SELECT nick_name FROM people")));
            assertEquals("IZ", client.tags(client.query(" ; ")));
        }
    }

    @Test
    void whoIsNotLetInIsToldWhy() throws Exception {
        assertTrue(psql("nobody", owner, "SELECT 1").contains("database `nobody` not found"));
        assertTrue(psql("values", "no.token.really", "SELECT 1").contains("the password has to be a token"));
        try (Client client = new Client()) {
            client.first(PROTOCOL, "user\0ann\0\0");
            assertTrue(client.next().text().contains("C3D000"));
            assertTrue(client.isClosed());
        }
        try (Client client = new Client()) {
            client.first(PROTOCOL, "user\0ann\0database\0values\0\0");
            assertEquals('R', client.next().tag());
            client.send('p', "a.b.c\0");
            assertTrue(client.next().text().contains("C28P01"));
            assertTrue(client.isClosed());
        }
    }

    @Test
    void encryptionIsRefusedAndTheConversationGoesOn() throws Exception {
        try (Client client = new Client()) {
            client.first(80_877_103, "");
            assertEquals('N', client.in.readUnsignedByte());
            client.login("values", owner);
            assertEquals("TDDCZ", client.tags(client.query("SELECT age FROM people")));
        }
    }

    @Test
    void theExtendedProtocolIsRefusedUntilTheClientSynchronises() throws Exception {
        try (Client client = new Client()) {
            client.login("values", owner);
            client.send('P', "\0SELECT 1\0\0\0");
            client.send('B', "\0\0\0\0\0\0\0\0");
            client.send('S', "");
            List<Answer> answers = client.untilReady();
            assertEquals("EZ", client.tags(answers));
            assertTrue(
                    answers.getFirst().text().contains("C0A000"),
                    answers.getFirst().text());
            assertEquals("TDDCZ", client.tags(client.query("SELECT age FROM people")));
        }
    }

    @Test
    void whatIsNoMessageEndsTheConnectionAndNoOther() throws Exception {
        try (Client well = new Client()) {
            well.login("values", owner);
            for (byte[] rubbish : List.of(
                    new byte[] {0, 0, 0, 0},
                    new byte[] {127, 127, 127, 127, 1},
                    new byte[] {0, 0, 0, 8, 9, 9, 9, 9},
                    "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII))) {
                try (Client client = new Client()) {
                    client.out.write(rubbish);
                    client.out.flush();
                    assertTrue(client.isClosed());
                }
            }
            try (Client client = new Client()) {
                client.login("values", owner);
                client.send('?', "");
                assertTrue(client.next().text().contains("C08P01"));
                assertTrue(client.isClosed());
            }
            assertEquals("TDDCZ", well.tags(well.query("SELECT age FROM people")));
        }
    }

    /** What psql prints, without alignment; of an error the first line. */
    private static String psql(String database, String token, String statement) throws Exception {
        Path output = Files.createTempFile(directory, "psql", ".txt");
        ProcessBuilder builder = new ProcessBuilder(
                        program(),
                        "-X",
                        "-w",
                        "-A",
                        "-P",
                        "footer=off",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        "" + port,
                        "-U",
                        "any",
                        "-d",
                        database,
                        "-c",
                        statement)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PGPASSWORD", token);
        Process process = builder.start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "psql did not end");
        return Files.readString(output).replaceFirst("ERROR:\\s+", "ERROR: ");
    }

    private static String program() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(versions)) {
            try (Stream<Path> found = Files.list(versions)) {
                Optional<Path> program = found.map(version -> version.resolve("bin/psql"))
                        .filter(Files::isExecutable)
                        .findFirst();
                if (program.isPresent()) {
                    return program.get().toString();
                }
            }
        }
        return "psql";
    }

    private record Answer(char tag, String text) {}

    /** A client that may say anything. */
    private static final class Client implements AutoCloseable {
        private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        private final DataInputStream in = new DataInputStream(socket.getInputStream());
        private final DataOutputStream out = new DataOutputStream(socket.getOutputStream());

        Client() throws IOException {
            socket.setSoTimeout(30_000);
        }

        void first(int code, String parameters) throws IOException {
            byte[] body = parameters.getBytes(StandardCharsets.UTF_8);
            out.writeInt(body.length + 8);
            out.writeInt(code);
            out.write(body);
            out.flush();
        }

        void login(String database, String token) throws IOException {
            first(PROTOCOL, "user\0ann\0database\0" + database + "\0\0");
            assertEquals('R', next().tag());
            send('p', token + "\0");
            assertTrue(tags(untilReady()).matches("RS+Z"));
        }

        void send(char tag, String text) throws IOException {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            out.writeByte(tag);
            out.writeInt(body.length + 4);
            out.write(body);
            out.flush();
        }

        List<Answer> query(String statement) throws IOException {
            send('Q', statement + "\0");
            return untilReady();
        }

        List<Answer> untilReady() throws IOException {
            List<Answer> answers = new ArrayList<>();
            do {
                answers.add(next());
            } while (answers.getLast().tag() != 'Z');
            return answers;
        }

        String tags(List<Answer> answers) {
            StringBuilder tags = new StringBuilder();
            answers.forEach(answer -> tags.append(answer.tag()));
            return tags.toString();
        }

        Answer next() throws IOException {
            char tag = (char) in.readUnsignedByte();
            byte[] body = new byte[in.readInt() - 4];
            in.readFully(body);
            return new Answer(tag, new String(body, StandardCharsets.UTF_8));
        }

        boolean isClosed() throws IOException {
            try {
                return in.read() < 0;
            } catch (EOFException | SocketException _) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
