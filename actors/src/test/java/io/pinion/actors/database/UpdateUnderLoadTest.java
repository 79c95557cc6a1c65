package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.InvalidProgram;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Returned;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A module is updated again and again while reducers, procedures and views of it run: every call ends, and well. */
class UpdateUnderLoadTest {
    private static final int IN_FLIGHT = 64;
    private static final String COUNT = "SELECT COUNT(*) AS n FROM items";

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;
    private String program = "";

    private final Semaphore places = new Semaphore(IN_FLIGHT);
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicReference<@Nullable Object> wrong = new AtomicReference<>();

    @BeforeEach
    void start() throws IOException {
        node = TestDatabases.start(directory, "", ModuleLoader::load);
        database = node.database();
        program = Files.readString(Path.of("..", "examples", "contract-js", "contract.js"));
        assertInstanceOf(Published.class, publish("0"));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Database.PublishOutcome publish(String version) {
        return database.publish(Bytes.ofUtf8(program + "\n// version " + version), OWNER, false);
    }

    @Test
    void threeUpdatesLoseNothing() throws InterruptedException {
        update(3);
    }

    @Test
    @Tag("slow")
    void aHundredUpdatesLoseNothing() throws InterruptedException {
        update(100);
    }

    private void update(int times) throws InterruptedException {
        Thread load = Thread.ofPlatform().start(this::callUntilOver);

        for (int i = 1; i <= times; i++) {
            Published published = assertInstanceOf(Published.class, publish(Integer.toString(i)));
            assertTrue(published.offset() > i, published.toString());
            assertInstanceOf(InvalidProgram.class, database.publish(Bytes.ofUtf8("throw 1"), OWNER, false));
        }
        isOver.set(true);
        load.join();
        places.acquire(IN_FLIGHT);

        assertEquals(null, wrong.get());
        assertTrue(committed.get() > 0, "no load");
        assertEquals(List.of(committed.get()), database.numbers(COUNT));
        assertEquals(List.of(committed.get()), database.numbers("SELECT COUNT(*) AS n FROM all_items"));
        assertEquals(1 + times, updates());
        node.close();
        node = TestDatabases.start(directory, "", ModuleLoader::load);
        assertEquals(List.of(committed.get()), node.database().numbersWhenServing(COUNT));
    }

    /** Reducers, and procedures with a transaction each, as fast as they are answered; a view is kept meanwhile. */
    private void callUntilOver() {
        for (long call = 0; !isOver.get() && wrong.get() == null; call++) {
            places.acquireUninterruptibly();
            if (call % 8 == 7) {
                CompletionStage<ProcedureOutcome> answer =
                        database.procedureLater(OWNER, "two_transactions", "[\"procedure " + call + "\"]");
                ended(answer, Returned.class);
            } else {
                ended(
                        database.callLater(
                                OWNER, "fill", new Arguments.Json("[\"reducer " + call + "\", " + call + "]")),
                        Committed.class);
            }
            if (call % 100 == 99) {
                database.query(OWNER, "SELECT COUNT(*) AS n FROM all_items");
            }
        }
    }

    private void ended(CompletionStage<?> answer, Class<?> expected) {
        var _ = answer.whenComplete((outcome, failure) -> {
            if (expected.isInstance(outcome)) {
                committed.incrementAndGet();
            } else {
                wrong.compareAndSet(null, outcome == null ? failure : outcome);
            }
            places.release();
        });
    }

    private long updates() {
        Database.LogOutcome log = await(database.ask(replyTo -> new Database.Command.ReadLog(OWNER, -1, replyTo)));
        return assertInstanceOf(Database.LogLines.class, log).lines().stream()
                .filter(line -> line.contains("\"Database updated\"") || line.contains("\"Database created\""))
                .count();
    }
}
