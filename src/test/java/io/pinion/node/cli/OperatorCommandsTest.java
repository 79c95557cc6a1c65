package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.Bank;
import io.pinion.node.management.ManagedNode;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What operators do from the command line, against a whole node. */
@Timeout(240)
class OperatorCommandsTest {
    private static final Duration DEADLINE = Duration.ofMinutes(1);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path home;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ManagedNode node;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestTerminal terminal;

    @BeforeEach
    void start() {
        node = ManagedNode.start(home.resolve("data"));
        new Logins(home.resolve(".config/pinion"))
                .save(
                        node.node().url(),
                        new Logins.Login(
                                node.operator().identity().toHex(),
                                node.operator().token()));
        terminal = terminal(home);
    }

    private TestTerminal terminal(Path directory) {
        return new TestTerminal(directory)
                .with("PINION_SERVER", node.node().url().toString())
                .with("PINION_MANAGEMENT", node.node().managementUrl().toString());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private String done(String... arguments) {
        TestTerminal.Result result = terminal.run(arguments);
        assertEquals(0, result.exitCode(), () -> String.join(" ", arguments) + ": " + result.out() + result.err());
        return result.out();
    }

    private static String failed(TestTerminal user, String... arguments) {
        TestTerminal.Result result = user.run(arguments);
        assertEquals(1, result.exitCode(), () -> String.join(" ", arguments) + ": " + result.out());
        return result.err();
    }

    @Test
    void operatorsSeeTheClusterAndChangeDatabases() throws Exception {
        Bank bank = node.publish("bank");
        assertEquals(200, bank.call("seed", "[2,100]").statusCode());

        assertTrue(done("nodes").matches("(?s)NODE +STATUS .*127.0.0.1:\\d+ +Up +.*"), done("nodes"));
        assertTrue(done("cores").matches("(?s)NODE +CORE .*127.0.0.1:\\d+ +0 .*"), done("cores"));
        assertTrue(done("databases").matches("(?s)DATABASE +STATE .* serving +127.*bank\\s*"), done("databases"));
        assertTrue(done("databases", "--state", "damaged").strip().lines().count() == 1);
        assertTrue(done("databases", "--json").startsWith("{\"database_identity\":"));
        // A database is known to the balancer when its node has reported it.
        TestProbe.create(node.node().system()).awaitAssert(DEADLINE, () -> {
            assertTrue(done("rebind", "bank", "0").startsWith("bank goes to core 0 of 127.0.0.1:"));
            return true;
        });
        assertTrue(done("decisions").contains("an operator said so"), done("decisions"));
        String self = node.node().system().address().getHost().orElseThrow() + ":"
                + node.node().system().address().getPort().orElseThrow();
        assertTrue(done("drain", self).startsWith(self + " is being drained; it hosts "));
        assertEquals(
                self + " may host databases again", done("drain", self, "--end").strip());

        assertEquals(
                "bank is paused",
                done("pause", "bank", "--reason", "stock taking").strip());
        assertEquals(503, bank.call("transfer", "[1,2,1]").statusCode());
        assertTrue(done("databases").contains(" paused "));
        assertEquals("bank serves again", done("resume", "bank").strip());
        assertEquals(200, bank.call("transfer", "[1,2,1]").statusCode());
    }

    @Test
    void whatIsRefusedIsSaidAsTheNodeSaysIt() throws Exception {
        node.publish("bank");
        TestTerminal stranger = terminal(home.resolve("stranger"));

        assertTrue(failed(stranger, "pause", "bank", "--reason", "x").contains("only an operator may"));
        TestProbe.create(node.node().system()).awaitAssert(DEADLINE, () -> {
            assertTrue(failed(terminal, "rebind", "bank", "4000").contains("there is no core 4000"));
            return true;
        });
        assertTrue(failed(terminal, "relocate", "bank", "x:1").contains("there is no node x:1"));
        assertTrue(failed(terminal, "drain", "x:1").contains("there is no node x:1"));
        assertTrue(failed(terminal, "resume", "nobody").contains("`nobody` not found"));
        assertTrue(failed(terminal, "cores", "--node", "x:1").contains("there is no node x:1"));
        assertTrue(failed(terminal, "nodes", "--management", "ftp://x").contains("--management: ftp://x is no URL"));
        assertEquals(2, terminal.run("pause", "bank").exitCode());
    }
}
