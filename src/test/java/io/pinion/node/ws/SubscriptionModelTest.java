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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
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
    private static final int SETS_MAX = 6;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    private final List<ModelClient> clients = new ArrayList<>();
    private int bells;

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

    private void run(String name, long seed, int rounds) throws Exception {
        System.out.println("subscription model: seed " + seed);
        publish(name);
        Random random = new Random(seed);
        try {
            connect(name);
            for (int round = 0; round < rounds; round++) {
                act(random);
                settle(round % 4 == 3, seed);
            }
            requireEverythingHappened(seed);
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        } finally {
            clients.forEach(ModelClient::close);
            clients.clear();
            bells = 0;
        }
    }

    private void connect(String name) throws Exception {
        for (Protocol protocol : Protocol.values()) {
            clients.add(ModelClient.connect(node.url(), name, protocol, "compression=None"));
            clients.add(ModelClient.connect(node.url(), name, protocol, "compression=Brotli&confirmed=false"));
        }
        clients.add(ModelClient.connect(node.url(), name, Protocol.V3, "compression=Gzip"));
        clients.add(ModelClient.connect(node.url(), name, Protocol.V1_BSATN, "light=true&confirmed=true"));
        for (ModelClient client : clients) {
            if (!client.isV1()) {
                client.subscribe(1_000, List.of("SELECT * FROM bells"));
            }
            client.awaitAnswers();
        }
    }

    /** Everybody does something, and nobody waits for anybody. */
    private void act(Random random) throws Exception {
        ModelQueries queries = new ModelQueries(random);
        for (int step = 0; step < 60; step++) {
            ModelClient client = clients.get(random.nextInt(clients.size()));
            List<Integer> sets =
                    client.liveSets().stream().filter(set -> set < 1_000).toList();
            int choice = random.nextInt(10);
            if (choice < 6) {
                client.change(numbers(random));
            } else if (choice < 8 && sets.size() < SETS_MAX) {
                client.subscribe(client.nextSet(), someQueries(random, queries));
            } else if (choice == 8 && !sets.isEmpty()) {
                client.unsubscribe(sets.get(random.nextInt(sets.size())));
            } else {
                List<String> live = client.queries();
                client.ask(live.isEmpty() ? queries.next() : live.get(random.nextInt(live.size())));
            }
            client.takeAll();
        }
    }

    private static List<String> someQueries(Random random, ModelQueries queries) {
        Set<String> some = new HashSet<>();
        for (int count = 1 + random.nextInt(2); count > 0; count--) {
            some.add(queries.next());
        }
        return List.copyOf(some);
    }

    private List<Integer> numbers(Random random) {
        List<Integer> numbers = new ArrayList<>();
        for (int count = 1 + random.nextInt(5); count > 0; count--) {
            int value = random.nextInt(ModelQueries.VALUES);
            int room = random.nextInt(ModelQueries.ROOMS);
            switch (random.nextInt(8)) {
                case 0, 1 -> numbers.addAll(List.of(0, random.nextInt(40), room, value));
                case 2 -> numbers.addAll(List.of(1, random.nextInt(40), 0, 0));
                case 3 -> numbers.addAll(List.of(2, room, value, 0));
                case 4 -> numbers.addAll(List.of(3, room, 0, 0));
                case 5 -> numbers.addAll(List.of(4 + random.nextInt(2), 1_000 + random.nextInt(200), value, room));
                case 6 -> numbers.addAll(List.of(6, random.nextInt(20), value, 0));
                default -> numbers.addAll(List.of(7, 0, room, bells++));
            }
        }
        return numbers;
    }

    /** When everything is answered, everybody asks for what it has. */
    private void settle(boolean dropsAll, long seed) throws Exception {
        for (ModelClient client : clients) {
            client.awaitAnswers();
        }
        for (ModelClient client : clients) {
            client.ask("SELECT * FROM rooms"); // also who has no set hears of every commit before its answer
            client.queries().stream()
                    .filter(query -> !ModelQueries.returned(query).equals("bells"))
                    .forEach(client::ask);
            client.awaitAnswers();
        }
        for (ModelClient client : clients) {
            if (!client.isV1()) {
                assertEquals(bells, client.events(), () -> "seed " + seed + ": events of " + client);
            }
        }
        if (dropsAll) {
            for (ModelClient client : clients) {
                client.liveSets().stream().filter(set -> set < 1_000).forEach(client::unsubscribe);
                client.awaitAnswers();
                client.requireNothingLeft();
            }
        }
    }

    /** A model that never gets to the interesting cases proves nothing. */
    private void requireEverythingHappened(long seed) {
        for (ModelClient client : clients) {
            assertTrue(client.checks() > 3, () -> "seed " + seed + ": checks of " + client + ": " + client.checks());
            assertTrue(
                    client.updates() > 10, () -> "seed " + seed + ": updates of " + client + ": " + client.updates());
        }
        assertTrue(bells > 20, () -> "bells: " + bells);
    }
}
