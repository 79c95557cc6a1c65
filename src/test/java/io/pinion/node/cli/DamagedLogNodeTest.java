package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.Bank;
import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * A byte of a database's log is flipped on the disk: the node starts and says what is wrong, its operator cuts the log, and
 * the database goes on from there. Another database does not notice.
 */
@Timeout(300)
class DamagedLogNodeTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Keys of the journal, as its README has them. */
    private static final byte NUMBER = 0x02;

    private static final byte EVENT = 0x04;
    private static final int NUMBER_AT = 4;

    private static final int INTACT_OFFSET = 3;
    /** Of the event behind it: one each for the beginning, the program and two calls come before. */
    private static final int DAMAGED_EVENT = 5;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path home;

    @SuppressWarnings("NullAway.Init") // set by each test
    private PinionNode node;

    /** The same for every start, as users are logged in at an address. */
    private int port;

    @AfterEach
    void stop() {
        node.close();
    }

    private void start(List<String> operators) throws NodeStartException {
        node = PinionNode.start(NodeConfig.load(
                Map.of(
                        "pinion.http.port",
                        port,
                        "pinion.data-directory",
                        home.resolve("data").toString(),
                        "pinion.operators.identities",
                        operators),
                Optional.empty()));
        port = node.url().getPort();
    }

    private TestTerminal terminal(String user) throws IOException {
        Path folder = home.resolve(user);
        Files.createDirectories(folder);
        return new TestTerminal(folder).with("PINION_SERVER", node.url().toString());
    }

    private static String done(TestTerminal terminal, String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(0, result.exitCode(), () -> String.join(" ", arguments) + ": " + result.out() + result.err());
        return result.out();
    }

    private static String failed(TestTerminal terminal, String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(1, result.exitCode(), () -> String.join(" ", arguments) + ": " + result.out() + result.err());
        return result.err();
    }

    private static void open(Bank bank) throws Exception {
        assertEquals(200, bank.publish(Bank.WASM_PROGRAM).statusCode());
        assertEquals(200, bank.call("seed", "[2,100]").statusCode());
    }

    @Test
    void anOperatorCutsADamagedLogWhileAnotherDatabaseServes() throws Exception {
        start(List.of());
        Bank bank = Bank.at(node.url(), "bank", "");
        open(bank);
        String identity = bank.get("/identity").body().strip();
        for (int amount = 1; amount <= 3; amount++) {
            assertEquals(200, bank.call("transfer", "[1,2," + amount + "]").statusCode());
        }
        Bank other = Bank.at(node.url(), "other", bank.token());
        open(other);
        String operator = done(terminal("operator"), "login").strip();
        node.close();

        flip("database-" + identity, DAMAGED_EVENT);

        start(List.of(operator));
        AtomicBoolean isOver = new AtomicBoolean();
        Bank beside = Bank.at(node.url(), "other", bank.token());
        CompletableFuture<Integer> transfers = CompletableFuture.supplyAsync(() -> transfers(beside, isOver));
        try {
            assertDamagedAndCut(bank.token(), identity);
        } finally {
            isOver.set(true);
        }
        assertTrue(transfers.join() > 0, "the other database has done nothing");

        node.close();
        start(List.of());
        Bank again = Bank.at(node.url(), "bank", bank.token());
        assertEquals(Map.of(1L, 89L, 2L, 111L), again.balances());
        assertEquals(200, again.call("transfer", "[1,2,1]").statusCode());
    }

    private void assertDamagedAndCut(String token, String identity) throws Exception {
        Bank bank = Bank.at(node.url(), "bank", token);
        HttpResponse<String> refused = bank.call("transfer", "[1,2,1]");
        assertEquals(503, refused.statusCode(), refused.body());
        assertTrue(refused.body().contains("cannot be read after offset " + INTACT_OFFSET), refused.body());

        TestTerminal operator = terminal("operator");
        String operatorToken = done(operator, "login", "--show-token").split("\n", -1)[1];
        JsonNode state = find(Bank.at(node.managementUrl(), "bank", operatorToken), identity);
        // Also while the log is read again, which happens now and then.
        assertEquals("damaged", state.path("state").asText(), state.toString());
        assertEquals(INTACT_OFFSET, state.path("damage").path("offset").asInt(), state.toString());
        assertEquals(DAMAGED_EVENT, state.path("damage").path("sequence_nr").asInt(), state.toString());
        assertTrue(state.path("damage").path("cause").asText().contains("wrong checksum"), state.toString());

        String recovery = done(operator, "recovery", "bank");
        assertTrue(recovery.contains("is damaged"), recovery);
        assertTrue(recovery.contains("pinion truncate-log bank " + INTACT_OFFSET), recovery);
        assertTrue(failed(terminal("stranger"), "truncate-log", "bank", "3", "--yes")
                .contains("truncate log"));
        String notThere = failed(operator, "truncate-log", "bank", "2", "--yes");
        assertTrue(notThere.contains("offset " + INTACT_OFFSET), notThere);

        String cut = done(operator, "truncate-log", "bank", Integer.toString(INTACT_OFFSET), "--yes");
        assertEquals("Cut the log of bank after offset 3: 2 events", cut.strip());

        HttpResponse<String> transfer = bank.call("transfer", "[1,2,10]");
        long begin = System.nanoTime();
        while (transfer.statusCode() == 503 && System.nanoTime() - begin < TimeUnit.MINUTES.toNanos(1)) {
            transfer = bank.call("transfer", "[1,2,10]");
        }
        assertEquals(200, transfer.statusCode(), transfer.body());
        assertEquals(Map.of(1L, 89L, 2L, 111L), bank.balances());
        assertTrue(done(operator, "recovery", "bank").contains("is serving\ndurable up to offset 4\n"));
    }

    /** As the list of all databases has it. */
    private static JsonNode find(Bank operator, String identity) throws Exception {
        HttpResponse<String> list = operator.send("GET", "/pinion/databases", "");
        assertEquals(200, list.statusCode(), list.body());
        return JSON.readTree(list.body())
                .path("databases")
                .valueStream()
                .filter(database ->
                        identity.equals(database.path("database_identity").asText()))
                .findFirst()
                .orElseThrow();
    }

    /** Each has to succeed. */
    private static int transfers(Bank bank, AtomicBoolean isOver) {
        try {
            int count = 0;
            while (!isOver.get()) {
                HttpResponse<String> answer = bank.call("transfer", count % 2 == 0 ? "[1,2,1]" : "[2,1,1]");
                assertEquals(200, answer.statusCode(), answer.body());
                count++;
            }
            return count;
        } catch (IOException e) {
            throw new IllegalStateException("the node is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Of an event in the journal of the node, which does not run. */
    private void flip(String persistenceId, long sequenceNr) throws RocksDBException {
        RocksDB.loadLibrary();
        try (RocksDB db = RocksDB.open(
                home.resolve("data").resolve("journal").resolve("db").toString())) {
            byte[] name = persistenceId.getBytes(StandardCharsets.UTF_8);
            byte[] number = Objects.requireNonNull(
                    db.get(ByteBuffer.allocate(1 + name.length)
                            .put(NUMBER)
                            .put(name)
                            .array()),
                    persistenceId);
            byte[] key = ByteBuffer.allocate(1 + 2 * Long.BYTES)
                    .put(EVENT)
                    .putLong(ByteBuffer.wrap(number).getLong(NUMBER_AT))
                    .putLong(sequenceNr)
                    .array();
            byte[] event = Objects.requireNonNull(db.get(key), "there is no event " + sequenceNr);
            event[event.length / 2] ^= 1;
            db.put(key, event);
        }
    }
}
