package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.Bank;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import io.pinion.node.TestNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a whole node. */
@Timeout(180)
class CommandsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path home;

    @SuppressWarnings("NullAway.Init") // set before each test
    private PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestTerminal terminal;

    @BeforeEach
    void startANode() throws NodeStartException {
        node = start("data");
        terminal = new TestTerminal(home).with("PINION_SERVER", node.url().toString());
    }

    private PinionNode start(String data) throws NodeStartException {
        return TestNode.start(home.resolve(data));
    }

    @AfterEach
    void stopTheNode() {
        node.close();
    }

    @Test
    void aModuleGoesFromPublishToDelete() throws IOException {
        Files.copy(Bank.PROGRAM, home.resolve("bank.js"));

        TestTerminal.Result published = done("publish", "my-bank", "bank.js");
        assertTrue(published.out().startsWith("Created database my-bank, identity c200"), published.out());
        assertTrue(published.err().contains("New identity at " + node.url()), published.err());

        assertEquals("", done("call", "my-bank", "seed", "2", "100").out());
        done("call", "my-bank", "transfer", "1", "2", "30");
        assertEquals(
                """
                id | owner     | balance
                ---+-----------+--------
                 2 | account-2 |     130
                (1 row)
                """,
                done("sql", "my-bank", "SELECT * FROM accounts WHERE id = 2").out());
        assertTrue(
                done("sql", "--json", "my-bank", "SELECT * FROM accounts").out().startsWith("[{\"schema\""));

        String description = done("describe", "my-bank").out();
        assertTrue(description.contains("table     accounts(id: U64, owner: String, balance: I64)"), description);
        assertTrue(description.contains("reducer   transfer(from: U64, to: U64, amount: I64)"), description);
        assertTrue(done("describe", "--json", "my-bank").out().startsWith("{\"typespace\""));

        assertTrue(done("list").out().contains("  my-bank\n"));
        done("logs", "my-bank");

        assertTrue(done("publish", "my-bank", "bank.js").out().startsWith("Updated database my-bank"));
        done("delete", "my-bank", "--yes");
        assertFalse(done("list").out().contains("my-bank"));
    }

    @Test
    void whatTheModuleRefusesIsShownAndFailsTheCommand() throws IOException {
        Files.copy(Bank.PROGRAM, home.resolve("bank.js"));
        done("publish", "bank", "bank.js");
        done("call", "bank", "seed", "2", "100");

        TestTerminal.Result refused = terminal.run("call", "bank", "transfer", "1", "2", "101");

        assertEquals(1, refused.exitCode());
        assertEquals("pinion: insufficient funds\n", refused.err());
        TestTerminal.Result unknown = terminal.run("sql", "nobody", "SELECT 1");
        assertEquals(1, unknown.exitCode());
        assertEquals("pinion: `nobody` not found\n", unknown.err());
    }

    @Test
    void anUpdateThatClientsNoticeIsPlannedAndAgreedTo() throws IOException {
        String bank = Files.readString(Bank.PROGRAM);
        Files.writeString(home.resolve("bank.js"), bank);
        Files.writeString(
                home.resolve("more.js"),
                bank.replaceFirst("balance: t.i64 }", "balance: t.i64, limit: t.i32.default(-5) }"));
        Files.writeString(home.resolve("less.js"), bank.replaceFirst("owner: t.string, ", ""));
        done("publish", "--break-clients", "bank", "bank.js");
        done("call", "bank", "seed", "1", "100");

        TestTerminal.Result refused = terminal.run("publish", "bank", "more.js");
        TestTerminal.Result planless = terminal.run("publish", "--break-clients", "bank", "less.js");
        TestTerminal.Result updated = done("publish", "--break-clients", "bank", "more.js");

        assertEquals(1, refused.exitCode());
        assertTrue(refused.err().contains("would disconnect all clients"), refused.err());
        assertTrue(planless.err().contains("column owner of table accounts cannot be removed"), planless.err());
        assertTrue(updated.err().contains("+ add column limit to table accounts, -5 in every row"), updated.err());
        assertTrue(updated.err().contains("Warning: all clients will be disconnected."), updated.err());
        assertEquals("""
                id | owner     | balance | limit
                ---+-----------+---------+------
                 1 | account-1 |     100 |    -5
                (1 row)
                """, done("sql", "bank", "SELECT * FROM accounts").out());
        assertEquals(
                1,
                terminal.run("publish", "--break-clients", "--clear", "bank", "more.js")
                        .exitCode());
    }

    @Test
    void aProjectOfOnesOwnIsPublishedFromItsFolder() {
        TestTerminal.Result written = done("init", "my-app");

        assertTrue(Files.exists(home.resolve("my-app/module.js")), written.out());
        assertTrue(Files.exists(home.resolve("my-app/.gitignore")), written.out());
        assertTrue(Files.exists(home.resolve("my-app/pinion-module.d.ts")), written.out());
        done("publish", "my-guestbook", "my-app");
        done("call", "my-guestbook", "sign", "hello there");
        assertTrue(done("sql", "my-guestbook", "SELECT * FROM entries").out().contains("| hello there |"));
        assertTrue(done("logs", "my-guestbook").out().contains("signed by"));
    }

    @Test
    void anIdentityIsMadeOnceAndKept() {
        String first = done("login").out();

        assertEquals(first, done("login").out());
        assertFalse(first.equals(done("login", "--new").out()));
        String[] lines = done("login", "--show-token").out().split("\n", -1);
        assertEquals(lines[0] + "\n", done("login", "--token", lines[1]).out());
        assertEquals(1, terminal.run("login", "--token", "a.b.c").exitCode());
    }

    @Test
    void aTokenOfOtherKeysIsSaidSoWithWhatToDo() throws NodeStartException {
        done("login");
        int port = node.url().getPort();
        node.close();
        node = TestNode.start(home.resolve("new-data"), Map.of("pinion.http.port", port));

        TestTerminal.Result refused = terminal.run("sql", "bank", "SELECT 1");

        assertEquals(1, refused.exitCode());
        assertTrue(refused.err().contains("keys have changed"), refused.err());
        assertTrue(refused.err().contains("pinion login --new --server " + node.url()), refused.err());
        done("login", "--new");
        assertTrue(terminal.run("sql", "bank", "SELECT 1").err().contains("`bank` not found"));
    }

    @Test
    void quickstartShowsTheBankAsOftenAsOneLikes() throws IOException {
        terminal.with("PINION_HOME", Path.of("..").toAbsolutePath().normalize().toString());
        for (int run = 0; run < 2; run++) {
            TestTerminal.Result shown = done("quickstart", "--once", "--port", "0", "--data", "quick");

            assertTrue(shown.out().contains("account-3 |"), shown.out());
            assertTrue(shown.out().contains("(3 rows)"), shown.out());
            assertTrue(shown.err().startsWith("Starting a node"), shown.err());
        }
    }

    @Test
    void aPortInUseIsSaidSo() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            TestTerminal.Result start = terminal.run("start", "--port", port, "--data", "other");

            assertEquals(1, start.exitCode());
            assertTrue(start.err().contains("port " + port + " is in use"), start.err());
        }
    }

    private TestTerminal.Result done(String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(0, result.exitCode(), () -> String.join(" ", arguments) + ": " + result.out() + result.err());
        return result;
    }
}
