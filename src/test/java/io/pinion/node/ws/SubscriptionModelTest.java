package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.Bank;
import io.pinion.node.NodeConfig;
import io.pinion.node.PinionNode;
import io.pinion.store.value.BsatnWriter;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random transactions, and clients of every protocol that subscribe and unsubscribe at random: what each has added up is what
 * its queries yield from scratch at that commit, whenever it asks. The large table is read by workers meanwhile.
 */
@Timeout(900)
class SubscriptionModelTest {
    private static final int ARCHIVE_ROWS = 11_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @BeforeAll
    static void start() throws Exception {
        node = PinionNode.start(NodeConfig.load(
                Map.of(
                        "pinion.data-directory",
                        directory.resolve("data").toString(),
                        "pinion.http.port",
                        0,
                        "pinion.websocket.compress-gzip",
                        "on"),
                Optional.empty()));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static Bank publish(String name) throws Exception {
        Path program = directory.resolve("model.js");
        try (InputStream in = SubscriptionModelTest.class.getResourceAsStream("model.js")) {
            Files.write(program, Objects.requireNonNull(in).readAllBytes());
        }
        Bank database = Bank.at(node.url(), name, "");
        HttpResponse<String> published = database.publish(program);
        assertEquals(200, published.statusCode(), published.body());
        HttpResponse<String> filled = database.call("fill", "[1000," + ARCHIVE_ROWS + "]");
        assertEquals(200, filled.statusCode(), filled.body());
        return database;
    }

    @Test
    void whatClientsAddUpIsWhatTheirQueriesYield() throws Exception {
        run("model", new Random().nextLong(), 12);
    }

    @Test
    void rowsOfEventTablesAreToldInTheirCommitAndNowhereElse() throws Exception {
        publish("bells");
        try (RawClient caller = connect("bells", Protocol.V2);
                RawClient other = connect("bells", Protocol.V2)) {
            for (RawClient client : List.of(caller, other)) {
                client.message();
                client.subscribe(
                        1, 1, "SELECT * FROM bells", "SELECT bells.* FROM bells JOIN rooms ON bells.room = rooms.id");
                assertEquals(Map.of(), found(client, 8));
            }
            ModelCodec codec = ModelCodec.of(Protocol.V2);
            caller.send(codec.change(2, List.of(2, 3, 1, 0, 7, 0, 3, 50)));
            caller.send(codec.change(3, List.of(7, 0, 4, 51)));

            assertEquals(
                    List.of(
                            new ModelMessage.Result(2, List.of(bell(3, 50), bell(3, 50))),
                            new ModelMessage.Result(3, List.of(bell(4, 51)))),
                    List.of(decoded(codec, caller), decoded(codec, caller)));
            assertEquals(
                    List.of(
                            new ModelMessage.Update(List.of(bell(3, 50), bell(3, 50))),
                            new ModelMessage.Update(List.of(bell(4, 51)))),
                    List.of(decoded(codec, other), decoded(codec, other)));
            other.ask(4, "SELECT * FROM bells");
            assertEquals(new ModelMessage.Answer(4, List.of()), decoded(codec, other));
            other.subscribe(5, 5, "SELECT rooms.* FROM rooms JOIN bells ON bells.room = rooms.id");
            assertEquals(3, other.message().tag);
        }
    }

    private static ModelMessage.Change bell(int room, int value) {
        String row = new BsatnWriter().writeInt(room).writeInt(value).toBytes().toHex();
        return new ModelMessage.Change(1, new ModelMessage.Change.Row("bells", row), 1, true);
    }

    private static RawClient connect(String name, Protocol protocol) {
        return RawClient.connect(
                node.url(), "/v1/database/" + name + "/subscribe?compression=None", "", protocol.subprotocol());
    }

    private static ModelMessage decoded(ModelCodec codec, RawClient client) throws Exception {
        return codec.decode(client.next()).getFirst();
    }

    private static Map<String, List<byte[]>> found(RawClient client, int idBytes) throws Exception {
        RawClient.Message applied = client.message();
        assertEquals(1, applied.tag);
        applied.in().skip(idBytes);
        return applied.rows();
    }

    @Test
    void versionOneHasNoEventTables() throws Exception {
        publish("silent");
        for (String form : List.of("SubscribeSingle", "SubscribeMulti", "Subscribe")) {
            try (RawClient client = connect("silent", Protocol.V1_JSON)) {
                client.next();
                String query = form.equals("SubscribeSingle")
                        ? "\"query\":\"SELECT * FROM bells\","
                        : "\"query_strings\":[\"SELECT * FROM bells\"],";
                String set = form.equals("Subscribe") ? "" : ",\"query_id\":{\"id\":1}";
                client.sendText("{\"" + form + "\":{" + query + "\"request_id\":1" + set + "}}");

                String error = new String(client.next(), StandardCharsets.UTF_8);

                assertTrue(error.startsWith("{\"SubscriptionError\":"), error);
                assertTrue(error.contains("version 2"), error);
            }
        }
    }

    @Tag("slow")
    @Test
    void whatClientsAddUpIsWhatTheirQueriesYieldForLong() throws Exception {
        for (int round = 0; round < 20; round++) {
            run("model-" + round, new Random().nextLong(), 60);
        }
    }

    private static void run(String name, long seed, int rounds) throws Exception {
        System.out.println("subscription model: seed " + seed);
        publish(name);
        try (ModelCrowd crowd = new ModelCrowd(seed)) {
            connect(name, crowd);
            for (int round = 0; round < rounds; round++) {
                crowd.act();
                crowd.settle(round % 4 == 3);
            }
            crowd.requireEverythingHappened();
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private static void connect(String name, ModelCrowd crowd) throws Exception {
        for (Protocol protocol : Protocol.values()) {
            crowd.add(ModelClient.connect(node.url(), name, protocol, "compression=None"));
            crowd.add(ModelClient.connect(node.url(), name, protocol, "compression=Brotli&confirmed=false"));
        }
        crowd.add(ModelClient.connect(node.url(), name, Protocol.V3, "compression=Gzip"));
        crowd.add(ModelClient.connect(node.url(), name, Protocol.V1_BSATN, "light=true&confirmed=true"));
    }
}
