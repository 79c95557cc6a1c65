package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.util.List;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a journal that fails on demand. */
class FailingJournalTest {
    private static final String LOG = "database-" + DATABASE.toHex();

    private static final Identity DAMAGED = Identity.derive("localhost", "damaged");

    @TempDir
    private Path directory;

    private TestDatabases node;
    private PersistenceTestKit journal;
    private TestDatabase database;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, """
                pekko.persistence.testkit.events.serialize = off
                pekko.persistence.journal.plugin = "pekko.persistence.testkit.journal"
                pekko.persistence.testkit.journal.class = "org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin"
                pinion.durability.journal-plugin-id = "pekko.persistence.testkit.journal"
                pinion.durability.read-journal-id = "pekko.persistence.testkit.query"
                """);
        journal = PersistenceTestKit.create(Adapter.toClassic(node.kit().system()));
        database = node.database();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void aFailedWriteThatIsNotInTheJournalIsSentAgain() {
        database.publish();
        database.call("add", "[1]");
        journal.failNextNPersisted(LOG, 2);

        assertEquals(
                3,
                assertInstanceOf(Committed.class, database.call("add", "[2]")).offset());

        assertInstanceOf(Committed.class, database.call("add", "[3]"));
        assertEquals(List.of(1000L, 1L, 2L, 3L), database.numbers("SELECT value FROM item"));
        assertRecoversTo(List.of(1000L, 1L, 2L, 3L));
    }

    private void assertRecoversTo(List<Long> expected) {
        node.kit().stop(database.ref());
        assertEquals(expected, node.database().numbersWhenServing("SELECT value FROM item"));
    }

    @Test
    void aRejectedWriteIsSentAgain() {
        database.publish();
        journal.rejectNextPersisted(LOG);

        assertInstanceOf(Committed.class, database.call("add", "[2]"));

        assertRecoversTo(List.of(1000L, 2L));
    }

    @Test
    void aPublishWhoseWriteFailsIsSentAgain() {
        journal.failNextPersisted(LOG);

        assertTrue(assertInstanceOf(Published.class, database.publish()).created());

        assertRecoversTo(List.of(1000L));
    }

    @Test
    void aProgramThatCannotBeStoredIsNotPublished() {
        journal.failNextNPersisted(2);

        Unavailable refused = assertInstanceOf(Unavailable.class, database.publish());

        assertTrue(refused.reason().contains("does not take the program"), refused.reason());
        assertInstanceOf(Database.NoSuchModule.class, database.call("add", "[1]"));
    }

    @Test
    void aDamagedLogIsReportedByName() {
        TestDatabase damaged = node.database(DAMAGED);
        String log = "database-" + DAMAGED.toHex();
        assertEquals(List.of(), journal.persistedInStorage(log));
        assertInstanceOf(Database.NoSuchModule.class, damaged.call("add", "[1]"));
        node.kit().stop(damaged.ref());
        journal.persistForRecovery(log, List.of(new byte[] {1, 2, 3}));

        TestDatabase reopened = node.database(DAMAGED);

        Unavailable answer = assertInstanceOf(Unavailable.class, reopened.call("add", "[1]"));
        assertTrue(answer.reason().contains("the log cannot be read after offset 0"), answer.reason());
    }
}
