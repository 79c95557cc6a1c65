package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.OrderOutcome;
import io.pinion.actors.database.Database.Ordered;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.Rows;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.durability.LogNames;
import io.pinion.store.value.ConnectionId;
import io.pinion.testing.journal.MemoryLogs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.pekko.persistence.PersistentRepr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A journal that gives less of a log than it has, and does not fail: no database opens on that, nothing is written behind
 * it, and when the journal gives all of it everything is there.
 */
@Timeout(120)
class ShortReadTest {
    private static final MemoryLogs LOGS = MemoryLogs.named("short");
    private static final String LOG = LogNames.log(DATABASE);
    private static final String ITEMS = "SELECT value FROM item";
    private static final List<Long> VALUES = List.of(1000L, 1L, 2L, 3L);

    @TempDir
    private Path directory;

    private final AtomicInteger shortReads = new AtomicInteger();
    private TestDatabases node;

    @BeforeEach
    void write() {
        LOGS.reset();
        // Every attempt has its line.
        ((Logger) LoggerFactory.getLogger("io.pinion.actors")).setLevel(Level.OFF);
        node = TestDatabases.start(directory, """
                short-journal.class = "io.pinion.testing.journal.RefusingJournal"
                short-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                short-journal.logs = short
                short-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
                short-read-journal.logs = short
                pekko.persistence.journal.plugin = short-journal
                pinion.durability {
                  journal-plugin-id = short-journal
                  read-journal-id = short-read-journal
                  journal-is-shared = off
                  restart-backoff-min = 10 ms
                  restart-backoff-max = 50 ms
                }
                """);
        TestDatabase database = node.database();
        database.publish();
        for (int value = 1; value <= 3; value++) {
            database.call("add", "[" + value + "]");
        }
        assertEquals(VALUES, database.numbers(ITEMS));
        node.kit().stop(database.ref());
    }

    @AfterEach
    void stop() {
        node.close();
        ((Logger) LoggerFactory.getLogger("io.pinion.actors")).setLevel(null);
        LOGS.reset();
    }

    /** What is read of logs that are named so. */
    private void reading(String persistenceId, UnaryOperator<List<PersistentRepr>> given) {
        LOGS.reading((id, events) -> {
            if (!id.equals(persistenceId) || events.isEmpty()) {
                return events;
            }
            shortReads.incrementAndGet();
            return given.apply(events);
        });
    }

    private static QueryOutcome query(TestDatabase database) {
        return await(database.ask(replyTo -> new Command.Query(
                ITEMS, new Database.Caller(OWNER, ConnectionId.NONE), true, Database.NO_DEADLINE, replyTo)));
    }

    /** It is refused again and again, with that reason, and what is in the journal stays as it is. */
    private TestDatabase refused(String reason) {
        List<PersistentRepr> before = LOGS.events(LOG);
        int reads = shortReads.get();
        TestDatabase database = node.database();
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            Unavailable refusal = assertInstanceOf(Unavailable.class, query(database));
            assertTrue(refusal.reason().contains(reason), refusal.reason());
            assertTrue(shortReads.get() > reads + 2, "it is not tried again");
            return 0;
        });
        assertEquals(before, LOGS.events(LOG));
        return database;
    }

    private void isWhole(TestDatabase database) {
        LOGS.readingHonestly();
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(VALUES, database.numbers(assertInstanceOf(Rows.class, query(database))));
            return 0;
        });
        node.kit().stop(database.ref());
        TestDatabase again = node.database();
        assertEquals(VALUES, again.numbers(ITEMS));
        node.kit().stop(again.ref());
    }

    @Test
    void aLogThatEndsEarlyOpensNoDatabase() {
        // Every recovery adds an event.
        int count = LOGS.events(LOG).size();
        for (int left = count - 1; left >= 0; left--) {
            int given = left;
            reading(LOG, events -> events.subList(0, Math.min(given, events.size())));

            TestDatabase database = refused("the journal ends after event " + left + " without an error");

            assertTrue(node.vitals(DATABASE).status().damage().isPresent(), "it is not shown as damaged");
            isWhole(database);
        }
    }

    @Test
    void aLogWithAHoleOpensNoDatabase() {
        reading(LOG, events -> without(events, 2));

        isWhole(refused("after offset 1, journal sequence number 3: the journal leaves out events 3 to 3"));
    }

    @Test
    void aLogThatBeginsLateOpensNoDatabase() {
        reading(LOG, events -> without(events, 0));

        isWhole(refused("after offset 0, journal sequence number 1: the journal leaves out events 1 to 1"));
    }

    @Test
    void anEventThatIsGivenTwiceOpensNoDatabase() {
        reading(LOG, events -> {
            List<PersistentRepr> twice = new ArrayList<>(events);
            twice.add(3, events.get(2));
            return twice;
        });

        isWhole(refused("the journal gives event 3 after event 3"));
    }

    private static List<PersistentRepr> without(List<PersistentRepr> events, int index) {
        List<PersistentRepr> rest = new ArrayList<>(events);
        rest.remove(index);
        return rest;
    }

    @Test
    void anOrderThatTheJournalDoesNotGiveIsNotForgotten() {
        TestDatabase database = node.database();
        OrderOutcome ordered =
                await(database.ask(replyTo -> new Command.Order(new Orders.Change.Paused("for a reason"), replyTo)));
        assertInstanceOf(Ordered.class, ordered);
        node.kit().stop(database.ref());
        reading(LogNames.orders(DATABASE), _ -> List.of());

        TestDatabase again = refused("the journal ends after event 0 without an error, but has events up to 1");

        LOGS.readingHonestly();
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            Unavailable refusal = assertInstanceOf(Unavailable.class, query(again));
            assertTrue(refusal.reason().contains("for a reason"), refusal.reason());
            return 0;
        });
    }
}
