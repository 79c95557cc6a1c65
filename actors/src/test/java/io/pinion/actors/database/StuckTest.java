package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.LogLines;
import io.pinion.actors.database.Database.LogOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.DatabaseStatus.Stuck;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call that does not end although it was asked to. */
class StuckTest {
    private static final GuestResult RETURNED = new GuestResult.Returned(Bytes.EMPTY);
    private static final Identity NEIGHBOUR = Identity.derive("localhost", "a neighbour");

    private final CountDownLatch isReleased = new CountDownLatch(1);

    @TempDir
    private Path directory;

    @AfterEach
    void release() {
        isReleased.countDown();
        ScriptedModule.mischief = (_, _) -> RETURNED;
    }

    private GuestResult stubborn() {
        while (isReleased.getCount() > 0) {
            Thread.onSpinWait();
        }
        return new GuestResult.Stopped();
    }

    private static DatabaseStatus status(TestDatabases node) {
        return node.vitals(TestDatabases.DATABASE).status();
    }

    private static void awaitStuck(TestDatabases node) {
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertTrue(status(node).stuck().isPresent());
            return true;
        });
    }

    @Test
    void whoeverWaitsForAStuckDatabaseIsToldAndItGoesOnWhenTheCallEnds() {
        try (TestDatabases node = TestDatabases.start(directory, """
                pinion.cores.reserve = 2
                pinion.limits.reducer-time = 200 ms
                pinion.limits.stuck-after = 100 ms
                """)) {
            TestDatabase database = node.database();
            TestDatabase neighbour = node.database(NEIGHBOUR);
            database.publish();
            neighbour.publish();
            Set<?> before = Set.copyOf(ScriptedModule.OPEN);
            ScriptedModule.mischief = (_, _) -> stubborn();
            List<CompletionStage<CallOutcome>> waiting = new ArrayList<>();
            CompletionStage<CallOutcome> stuck = database.callLater(OWNER, "mischief", new Arguments.Json("[]"));
            for (int i = 0; i < 100; i++) {
                waiting.add(database.callLater(OWNER, "add", new Arguments.Json("[5]")));
            }

            awaitStuck(node);

            for (CompletionStage<CallOutcome> answer : waiting) {
                Unavailable told = assertInstanceOf(Unavailable.class, await(answer));
                assertTrue(told.reason().startsWith("stuck in mischief since "), told.reason());
            }
            assertInstanceOf(Unavailable.class, database.call("add", "[6]"));
            assertInstanceOf(Unavailable.class, database.query(OWNER, "SELECT value FROM item"));
            assertInstanceOf(Committed.class, neighbour.call("add", "[7]"));
            assertFalse(stuck.toCompletableFuture().isDone());
            assertEquals("mischief", status(node).stuck().map(Stuck::function).orElseThrow());

            isReleased.countDown();

            assertInstanceOf(Stopped.class, await(stuck));
            assertInstanceOf(Committed.class, database.call("add", "[8]"));
            assertEquals(List.of(1000L, 8L), database.numbers("SELECT value FROM item"));
            assertEquals(1, status(node).timesStuck());
            assertEquals(1, status(node).stops());
            assertTrue(status(node).stuck().isEmpty());
            assertFalse(ScriptedModule.OPEN.containsAll(before), "the instance is in use again");
            assertLogged(
                    database,
                    "stuck: it was asked to stop and goes on",
                    "no longer stuck",
                    "stopped: it ran longer than 200 ms (pinion.limits.reducer-time)");
        }
    }

    @Test
    void aPowerThatTheEngineDoesNotInterruptMakesItsDatabaseStuckForAsLong() {
        try (TestDatabases node =
                TestDatabases.start(directory, "pinion.limits.stuck-after = 50 ms", ModuleLoader::load)) {
            TestDatabase database = node.database();
            assertInstanceOf(Published.class, database.publish(TestPrograms.runaways("js"), OWNER, false));
            assertInstanceOf(Committed.class, database.call("write", "[1]"));
            Vitals vitals = node.vitals(TestDatabases.DATABASE);
            CallLimits limits = vitals.limits();
            vitals.limits(TestVitals.limits(Duration.ofMillis(100)));

            CallOutcome outcome = null;
            for (int exponent = 500_000; vitals.status().timesStuck() == 0; exponent += exponent / 2) {
                outcome = database.call("power", "[" + exponent + "]");
            }

            assertInstanceOf(Stopped.class, outcome);
            vitals.limits(limits);
            assertInstanceOf(Committed.class, database.call("write", "[1]"));
            assertTrue(vitals.status().stuck().isEmpty());
            assertEquals(List.of(2L), database.numbers("SELECT COUNT(*) AS n FROM notes WHERE value = 1"));
        }
    }

    private static void assertLogged(TestDatabase database, String... messages) {
        LogLines lines = assertInstanceOf(
                LogLines.class, await(database.<LogOutcome>ask(replyTo -> new Command.ReadLog(OWNER, -1, replyTo))));
        for (String message : messages) {
            assertTrue(
                    lines.lines().stream()
                            .anyMatch(line -> line.contains("\"function\":\"mischief\",\"message\":\"" + message)),
                    message + " is not in " + lines);
        }
    }
}
