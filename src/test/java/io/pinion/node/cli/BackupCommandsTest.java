package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.node.Bank;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import io.pinion.node.TestNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups, restores and exports against whole nodes. */
@Timeout(300)
class BackupCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A column of every kind, and rows at the edges of what they hold. */
    private static final String KINDS = """
            import { every, hours, init, module, reducer, t, table, Identity, ConnectionId, Timestamp, Duration, Uuid }
              from 'pinion:module@1';
            const Shape = t.sum('Shape', { circle: t.f64, point: t.object('Point', { x: t.i32, y: t.i32 }), none: t.unit });
            const kinds = table({
              id: t.u64.primaryKey().autoIncrement(), bool: t.bool, i8: t.i8, u8: t.u8, i16: t.i16, u16: t.u16, i32: t.i32,
              u32: t.u32, i64: t.i64, u64: t.u64, i128: t.i128, u128: t.u128, i256: t.i256, u256: t.u256, f32: t.f32,
              f64: t.f64, string: t.string.index('btree'), bytes: t.bytes, list: t.array(t.string), option: t.option(t.u32),
              shape: Shape, identity: t.identity, connection: t.connectionId, timestamp: t.timestamp, duration: t.duration,
              uuid: t.uuid,
            });
            const timers = table(
              { id: t.u64.primaryKey().autoIncrement(), at: t.scheduleAt }, { schedule: 'tick', public: true });
            export default module({
              tables: { kinds, timers },
              reducers: {
                start: init(ctx => { ctx.db.timers.insert({ id: 0n, at: every(hours(1)) }); }),
                tick: reducer({ row: timers.row }, () => {}),
                fill: reducer({ sign: t.i8, text: t.string }, (ctx, { sign, text }) => {
                  const big = bits => (1n << BigInt(bits)) - 1n;
                  const signed = bits => sign < 0 ? -(1n << BigInt(bits - 1)) : (1n << BigInt(bits - 1)) - 1n;
                  ctx.db.kinds.insert({
                    id: 0n, bool: sign > 0, i8: Number(signed(8)), u8: 255, i16: Number(signed(16)), u16: 65535,
                    i32: Number(signed(32)), u32: 4294967295, i64: signed(64), u64: big(64), i128: signed(128),
                    u128: big(128), i256: signed(256), u256: big(256), f32: sign * 1.5, f64: sign / 3, string: text,
                    bytes: new Uint8Array([0, 127, 255]), list: ['', text], option: sign > 0 ? 7 : null,
                    shape: sign > 0 ? { tag: 'circle', value: 2.5 } : { tag: 'point', value: { x: -1, y: 1 } },
                    identity: ctx.sender, connection: ctx.connection, timestamp: ctx.timestamp,
                    duration: KINDS_DURATION, uuid: KINDS_UUID,
                  });
                }),
              },
            });
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path home;

    private final List<PinionNode> nodes = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestTerminal terminal;

    @BeforeEach
    void startANode() throws NodeStartException, IOException {
        terminal = new TestTerminal(home);
        Files.copy(Bank.WASM_PROGRAM, home.resolve("bank.wasm"));
        Files.createDirectory(home.resolve("backups"));
        use(start("data", Map.of()));
    }

    private PinionNode start(String data, Map<String, ?> settings) throws NodeStartException {
        PinionNode node = TestNode.start(home.resolve(data), settings);
        nodes.add(node);
        return node;
    }

    private void use(PinionNode node) {
        terminal.with("PINION_SERVER", node.url().toString());
    }

    @AfterEach
    void stopTheNodes() {
        nodes.forEach(PinionNode::close);
    }

    private TestTerminal.Result done(String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(0, result.exitCode(), () -> String.join(" ", arguments) + ": " + result.out() + result.err());
        return result;
    }

    private String failed(String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(1, result.exitCode(), () -> String.join(" ", arguments) + ": " + result.out() + result.err());
        return result.err();
    }

    private void openBank(int accounts) {
        done("publish", "my-bank", "bank.wasm");
        done("call", "my-bank", "seed", Integer.toString(accounts), "100");
    }

    private Bank bank(PinionNode node, String name) throws IOException, InterruptedException {
        return Bank.at(node.url(), name, token());
    }

    private String token() {
        return done("login", "--show-token").out().split("\n", -1)[1];
    }

    private Path onlyBackup() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("backups"))) {
            List<Path> all = files.toList();
            assertEquals(1, all.size(), all.toString());
            return all.getFirst();
        }
    }

    @Test
    void aBackupUnderTransferLoadIsRestoredAtAnotherNodeWithTheSameSum() throws Exception {
        openBank(20);
        PinionNode first = nodes.getFirst();
        Bank bank = bank(first, "my-bank");
        AtomicBoolean isOver = new AtomicBoolean();
        List<CompletableFuture<Integer>> loads = new ArrayList<>();
        for (int load = 0; load < 3; load++) {
            int seed = load;
            loads.add(CompletableFuture.supplyAsync(() -> transfers(bank, seed, isOver)));
        }

        String created = done("backup", "create", "my-bank", "backups").out();
        isOver.set(true);
        for (CompletableFuture<Integer> load : loads) {
            assertTrue(load.join() > 0);
        }

        Path file = onlyBackup();
        String listed = done("backup", "list", "backups", "--verify").out();
        assertTrue(listed.startsWith(file.getFileName() + ": my-bank, offset "), listed);
        assertTrue(listed.contains(", intact"), listed);
        String offset = created.replaceAll("(?s).*offset ([0-9]+) .*", "$1");
        assertTrue(listed.contains("offset " + offset + " "), listed);
        PinionNode second = start("second", Map.of());
        use(second);
        String restored = done("backup", "restore", file.toString()).out();
        assertTrue(restored.contains("the state at offset " + offset + ","), restored);
        Map<Long, Long> balances = bank(second, "my-bank").balances();
        assertEquals(20, balances.size());
        assertEquals(2000, balances.values().stream().mapToLong(Long::longValue).sum());
        assertTrue(done("list").out().contains("  my-bank\n"));
        done("call", "my-bank", "transfer", "1", "2", "1");
    }

    private static int transfers(Bank bank, int seed, AtomicBoolean isOver) {
        int count = 0;
        try {
            while (!isOver.get()) {
                int from = 1 + (seed * 7 + count) % 20;
                int to = 1 + (from + 3 + count % 5) % 20;
                if (from != to) {
                    HttpResponse<String> answer = bank.call("transfer", "[" + from + "," + to + ",1]");
                    count += answer.statusCode() == 200 ? 1 : 0;
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return count;
    }

    @Test
    void aDatabaseIsReplacedOnlyWhenThatIsSaidAndAnEarlierStateIsFoundAgain() throws Exception {
        openBank(2);
        done("call", "my-bank", "transfer", "1", "2", "30");
        done("backup", "create", "my-bank", "backups", "--log");
        String file = onlyBackup().toString();
        done("call", "my-bank", "transfer", "1", "2", "30");

        assertTrue(failed("backup", "restore", file).contains("there is a database my-bank already"));
        assertTrue(failed("backup", "restore", file, "--replace").contains("say --yes"));
        done("backup", "restore", file, "--replace", "--yes");
        PinionNode node = nodes.getFirst();
        assertEquals(Map.of(1L, 70L, 2L, 130L), bank(node, "my-bank").balances());

        // Offset 1 is the publish, 2 the seed, 3 the first transfer.
        done("backup", "restore", file, "seeded", "--at", "2");
        assertEquals(Map.of(1L, 100L, 2L, 100L), bank(node, "seeded").balances());
        done("backup", "restore", "--from-database", "my-bank", "twice", "--at", "4");
        assertEquals(Map.of(1L, 40L, 2L, 160L), bank(node, "twice").balances());
        String outside = failed("backup", "restore", file, "never", "--at", "99");
        assertTrue(outside.contains("offset 99 is not in the backup: it holds the states from offset 1"), outside);
        assertTrue(failed("sql", "never", "SELECT * FROM accounts").contains("not found"));
        assertTrue(failed("backup", "restore", file, "never", "--at", "soon").contains("neither an offset nor a time"));
    }

    @Test
    void aDamagedOrIncompleteFileIsSaidSo() throws Exception {
        openBank(3);
        done("backup", "create", "my-bank", "backups/one.pinion.zip");
        Path file = onlyBackup();
        byte[] whole = Files.readAllBytes(file);
        assertTrue(
                failed("backup", "create", "my-bank", "backups/one.pinion.zip").contains("is there already"));
        assertTrue(
                failed("backup", "create", "nobody", "backups/two.pinion.zip").contains("not found"));
        assertFalse(Files.exists(home.resolve("backups/two.pinion.zip.part")));

        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 100));
        assertTrue(failed("backup", "list", "backups").contains("incomplete"));
        assertTrue(failed("backup", "restore", file.toString(), "copy").contains("incomplete"));
        byte[] flipped = whole.clone();
        flipped[whole.length / 3] ^= 4;
        Files.write(file, flipped);
        String damaged = failed("backup", "list", "--verify", file.toString());
        assertTrue(damaged.contains("one.pinion.zip: the part 00000"), damaged);
        String refused = failed("backup", "restore", file.toString(), "copy");
        assertTrue(refused.contains("the part 00000"), refused);
        assertTrue(failed("sql", "copy", "SELECT * FROM accounts").contains("not found"));
        Files.write(file, whole);
        done("backup", "restore", file.toString(), "copy");
    }

    @Test
    void everyKindOfColumnSurvivesAndIsExported() throws Exception {
        Files.writeString(home.resolve("kinds.js"), kinds());
        done("publish", "kinds", "kinds.js");
        done("call", "kinds", "fill", "1", "a \"b\", ü");
        done("call", "kinds", "--", "fill", "-1", "");

        done("backup", "create", "kinds", "backups");
        done("backup", "restore", onlyBackup().toString(), "copy");

        String rows = done("export", "kinds", "kinds").out();
        assertEquals(2, rows.lines().count());
        assertEquals(
                sortedLines(rows), sortedLines(done("export", "copy", "kinds").out()));
        done("export", "copy", "kinds", "--format", "csv", "--output", "kinds.csv");
        List<String> csv = Files.readAllLines(home.resolve("kinds.csv"));
        assertEquals(3, csv.size());
        assertTrue(csv.getFirst().startsWith("id,bool,i8,u8,"), csv.getFirst());
        assertTrue(csv.stream().anyMatch(line -> line.contains("\"a \"\"b\"\", ü\"")), csv.toString());
        assertTrue(failed("export", "copy", "kinds", "--output", "kinds.csv").contains("is there already"));
        // The sequence and the schedule are where they were.
        done("call", "copy", "fill", "1", "third");
        assertTrue(done("export", "copy", "kinds").out().contains("{\"id\":3,"));
        assertEquals(
                done("export", "kinds", "timers").out(),
                done("export", "copy", "timers").out());
        assertTrue(failed("export", "copy", "kinds", "--format", "xml").contains("xml is none of jsonl, csv"));
        assertTrue(failed("export", "copy", "nothing").contains("there is no table nothing"));
        assertTrue(failed("export", "copy", "st_connection_credentials").contains("are not exported"));
        TestTerminal stranger = new TestTerminal(home.resolve("stranger"))
                .with("PINION_SERVER", nodes.getFirst().url().toString());
        assertTrue(stranger.run("export", "copy", "kinds").err().contains("only the owner"));
        assertEquals(0, stranger.run("export", "copy", "timers").exitCode());
        assertTrue(stranger.run(
                        "backup", "create", "copy", home.resolve("x.pinion.zip").toString())
                .err()
                .contains("only its owner is, or an operator"));
    }

    private static List<String> sortedLines(String text) {
        return text.lines().sorted().toList();
    }

    private static String kinds() {
        return KINDS.replace("KINDS_DURATION", "new Duration(-5n)")
                .replace("KINDS_UUID", "new Uuid(12345678901234567890n)");
    }

    @Test
    void ownersAndOperatorsSeeHowDatabasesAreAndOthersAreToldWhyNot() throws Exception {
        openBank(2);
        String identity = done("login").out().strip();
        TestTerminal stranger = new TestTerminal(home.resolve("stranger"))
                .with("PINION_SERVER", nodes.getFirst().url().toString());
        Bank owner = bank(nodes.getFirst(), "my-bank");

        String recovery = done("recovery", "my-bank").out();
        assertTrue(recovery.contains(") is serving\ndurable up to offset 2\n"), recovery);
        assertTrue(stranger.run("recovery", "my-bank").err().contains("view database status"));
        assertEquals(404, owner.send("GET", "/pinion/databases", "").statusCode());
        HttpResponse<String> snapshot = owner.send("POST", "/pinion/databases/my-bank/snapshot", "");
        assertEquals("{\"offset\":2,\"rows\":3}", snapshot.body());
        assertTrue(done("recovery", "my-bank").out().contains("snapshot at offset 2, "));
        assertTrue(failed("truncate-log", "my-bank", "1").contains("say --yes"));
        assertTrue(failed("truncate-log", "my-bank", "1", "--yes").contains("is not damaged"));
        assertTrue(stranger.run("truncate-log", "my-bank", "1", "--yes").err().contains("truncate log"));

        nodes.removeFirst().close();
        PinionNode again = start("data", Map.of("pinion.operators.identities", List.of(identity)));
        use(again);
        Bank operator = Bank.at(again.url(), "my-bank", owner.token());
        TestTerminal other = new TestTerminal(home.resolve("stranger"))
                .with("PINION_SERVER", again.url().toString());
        Files.copy(Bank.WASM_PROGRAM, home.resolve("stranger/bank.wasm"));
        assertEquals(0, other.run("publish", "theirs", "bank.wasm").exitCode());
        String theirs = other.run("login").out().strip();
        terminal.with("PINION_SERVER", again.url().toString());
        Bank atManagement = Bank.at(again.managementUrl(), "my-bank", owner.token());
        JsonNode all =
                JSON.readTree(atManagement.send("GET", "/pinion/databases", "").body());
        assertTrue(all.path("databases").size() >= 1, all.toString());
        assertEquals(200, operator.send("GET", "/pinion/databases/theirs", "").statusCode());
        assertEquals(
                200, operator.send("GET", "/pinion/databases/theirs/backup", "").statusCode());
        String made = operator.send("POST", "/pinion/restore?from=my-bank&database=gift&owner=" + theirs, "")
                .body();
        assertTrue(made.contains("\"offset_of_backup\":2"), made);
        assertEquals(
                0,
                other.run(
                                "backup",
                                "create",
                                "gift",
                                home.resolve("gift.pinion.zip").toString())
                        .exitCode());
    }
}
