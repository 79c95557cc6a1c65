package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say without a node. */
class MainTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path home;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestTerminal terminal;

    @BeforeEach
    void sitDown() {
        terminal = new TestTerminal(home);
    }

    @Test
    void helpNamesEveryCommand() {
        TestTerminal.Result result = terminal.run("--help");

        assertEquals(0, result.exitCode());
        for (String command : new String[] {
            "start",
            "quickstart",
            "init",
            "publish",
            "call",
            "sql",
            "logs",
            "list",
            "describe",
            "delete",
            "login",
            "version"
        }) {
            assertTrue(result.out().contains("  " + command + " "), command + " in " + result.out());
        }
    }

    @Test
    void anUnknownCommandIsAMisuseWithASuggestion() {
        TestTerminal.Result result = terminal.run("pubish", "bank");

        assertEquals(2, result.exitCode());
        assertTrue(result.err().contains("publish"), result.err());
    }

    @Test
    void aBadDatabaseNameIsRefusedWithAGoodOne() throws IOException {
        Files.writeString(home.resolve("bank.js"), "");

        TestTerminal.Result result = terminal.run("publish", "bank_js", "bank.js");

        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("`bank_js`"), result.err());
        assertTrue(result.err().contains("try `bank-js`"), result.err());
    }

    @Test
    void whatCannotBeAClusterIsSaidSoBeforeANodeStarts() {
        assertRefused("--journal: oracle is not one of [embedded, postgresql]", "--journal", "oracle");
        assertRefused("--cluster: here is not HOST:PORT", "--cluster", "here");
        assertRefused("--cluster: 70000 is not between 0 and 65535", "--cluster", "here:70000");
        assertRefused("pinion.cluster.seed-nodes: there is not HOST:PORT", "--seed", "127.0.0.1:7621,there");
        assertRefused("cannot start", "--cluster-name", "not a name");
    }

    private void assertRefused(String why, String... options) {
        String[] start = {"start", "--port", "0", "--data", home.resolve("data").toString()};
        String[] all = Stream.concat(Stream.of(start), Stream.of(options)).toArray(String[]::new);

        TestTerminal.Result result = terminal.run(all);

        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains(why), result.err());
    }

    @Test
    void aModuleThatIsNotThereIsSaidSoByName() {
        TestTerminal.Result result = terminal.run("publish", "bank", "nowhere.js");

        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("nowhere.js: it does not exist"), result.err());
    }

    @Test
    void aNodeThatIsNotThereIsSaidSoWithWhatToDo() throws IOException {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            freePort = socket.getLocalPort();
        }

        TestTerminal.Result result = terminal.run("list", "--server", "http://127.0.0.1:" + freePort);

        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("no node answers at http://127.0.0.1:" + freePort), result.err());
        assertTrue(result.err().contains("pinion start"), result.err());
    }

    @Test
    void aServerThatIsNoUrlIsRefused() {
        assertTrue(terminal.run("list", "--server", "ftp://x").err().contains("is no URL"));
        assertTrue(terminal.run("list", "--server", "http://").err().contains("is no URL"));
    }

    @Test
    void deletingAsksFirstAndDoesNotGoOnWithoutAnAnswer() throws IOException {
        TestTerminal.Result result = terminal.run("delete", "bank_js");

        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("bank-js"), result.err());
    }

    @Test
    void versionNamesPinionAndJava() {
        TestTerminal.Result result = terminal.run("version");

        assertEquals(0, result.exitCode());
        assertTrue(result.out().matches("pinion \\S+ \\(Java 25.*\\)\n"), result.out());
        assertFalse(result.out().contains("$"), result.out());
    }

    @Test
    void initRefusesAFolderWithSomethingInIt() throws IOException {
        Files.createDirectories(home.resolve("app"));
        Files.writeString(home.resolve("app/mine.txt"), "mine");

        TestTerminal.Result result = terminal.run("init", "app");

        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("is not empty"), result.err());
    }
}
