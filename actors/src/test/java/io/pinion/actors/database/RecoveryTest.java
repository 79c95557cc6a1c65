package io.pinion.actors.database;

import static io.pinion.actors.database.ChildJvm.say;
import static io.pinion.actors.database.TestDatabases.DATABASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.LogTruncated;
import io.pinion.actors.database.Database.NotTruncated;
import io.pinion.actors.database.Database.TruncateOutcome;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.durability.LogDamage;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.TestLog;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs that are too long to be held, or damaged, in the embedded journal. */
class RecoveryTest {
    private static final String JOURNAL = "pinion.journal";
    private static final String ITEMS = "SELECT value FROM item";
    private static final int ITEM = 4096;

    @TempDir
    private Path directory;

    private TestDatabases node;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    /** A published database with one item more than {@code init} makes: its log ends at offset 2, sequence number 3. */
    private void publishAndStop() {
        TestDatabase database = node.database();
        database.publish();
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        node.kit().stop(database.ref());
    }

    private void append(byte[]... events) {
        TestLog.append(node.kit().system(), LogNames.log(DATABASE), JOURNAL, events);
    }

    private static LogEntry insert(long first, int count) {
        return TestLog.transaction(ITEM, TestLog.pairs(first, count), TestLog.pairs(0, 0));
    }

    private static LogEntry delete(long first, int count) {
        return TestLog.transaction(ITEM, TestLog.pairs(0, 0), TestLog.pairs(first, count));
    }

    private TruncateOutcome truncate(TestDatabase database, long offset) {
        return TestDatabases.await(database.ask(replyTo -> new Command.TruncateLog(offset, replyTo)));
    }

    private LogDamage awaitDamage(TestDatabase database) {
        Unavailable answer = assertInstanceOf(Unavailable.class, database.call("add", "[7]"));
        LogDamage damage = node.vitals(DATABASE).status().damage().orElseThrow();
        assertTrue(answer.reason().contains(damage.toString()), answer.reason());
        return damage;
    }

    @Test
    void aDamagedEventStopsItsDatabaseAloneUntilTheLogIsCutThere() {
        publishAndStop();
        append(TestLog.batch(1, 3, insert(50, 1)), new byte[] {1, 2, 3}, TestLog.batch(1, 4, insert(60, 1)));
        TestDatabase database = node.database();

        LogDamage damage = awaitDamage(database);

        assertEquals(new LogDamage(3, 5, "an event of 3 bytes is too short"), damage);
        TestDatabase neighbour = node.database(Identity.derive("localhost", "a neighbour"));
        neighbour.publish();
        assertInstanceOf(Committed.class, neighbour.call("add", "[1]"));
        NotTruncated refused = assertInstanceOf(NotTruncated.class, truncate(database, 2));
        assertTrue(refused.reason().contains("intact up to offset 3"), refused.reason());
        assertEquals(new LogTruncated(3, 2), truncate(database, 3));
        assertEquals(List.of(1000L, 1L, 50L), database.numbersWhenServing(ITEMS));
        assertInstanceOf(Committed.class, database.call("add", "[2]"));
        assertEquals(Optional.empty(), node.vitals(DATABASE).status().damage());
        assertEquals(Optional.empty(), node.vitals(DATABASE).status().recovery());
        assertInstanceOf(NotTruncated.class, truncate(database, 4));

        node.close();
        node = TestDatabases.start(directory);
        TestDatabase again = node.database();
        assertEquals(List.of(1000L, 1L, 50L, 2L), again.numbersWhenServing(ITEMS));
        assertInstanceOf(Committed.class, again.call("add", "[3]"));
    }

    @Test
    void aLogCanBeCutMoreThanOnce() {
        publishAndStop();
        append(new byte[] {1});
        TestDatabase database = node.database();
        awaitDamage(database);
        assertEquals(new LogTruncated(2, 1), truncate(database, 2));
        assertEquals(List.of(1000L, 1L), database.numbersWhenServing(ITEMS));
        assertInstanceOf(Committed.class, database.call("add", "[2]"));
        node.kit().stop(database.ref());
        append(new byte[] {2}, new byte[] {3});

        TestDatabase reopened = node.database();
        assertEquals(new LogDamage(3, 7, "an event of 1 bytes is too short"), awaitDamage(reopened));
        assertEquals(new LogTruncated(3, 2), truncate(reopened, 3));

        assertEquals(List.of(1000L, 1L, 2L), reopened.numbersWhenServing(ITEMS));
    }

    @Test
    void aGapInTheOffsetsIsDamage() {
        publishAndStop();
        append(TestLog.batch(1, 4, insert(50, 1)));

        LogDamage damage = awaitDamage(node.database());

        assertEquals(2, damage.offset());
        assertEquals(4, damage.sequenceNr());
        assertTrue(damage.cause().contains("at offset 4"), damage.cause());
    }

    @Test
    void aDeltaThatDoesNotFitIsDamage() {
        publishAndStop();
        append(TestLog.batch(1, 3, insert(50, 1), delete(51, 1), insert(60, 1)));
        TestDatabase database = node.database();

        LogDamage damage = awaitDamage(database);

        assertEquals(2, damage.offset());
        assertEquals(4, damage.sequenceNr());
        assertTrue(damage.cause().contains("deletes a row that table item does not have"), damage.cause());
        assertEquals(new LogTruncated(2, 1), truncate(database, 2));
        assertEquals(List.of(1000L, 1L), database.numbersWhenServing(ITEMS));
    }

    @Test
    void aDatabaseWhoseLogIsDamagedCanBeStopped() {
        publishAndStop();
        append(new byte[] {1});
        TestDatabase database = node.database();
        awaitDamage(database);

        database.ref().tell(Command.Stop.INSTANCE);

        node.kit().createTestProbe().expectTerminated(database.ref(), TestDatabases.DEADLINE);
        awaitDamage(node.database());
    }

    @Test
    void aLogThatIsLargerThanTheHeapIsRead() throws Exception {
        int rowsPerEvent = 30_000;
        int events = 90;
        publishAndStop();
        append(TestLog.batch(1, 3, insert(5000, rowsPerEvent)));
        for (int i = 1; i < events; i++) {
            long before = 5000L + (long) (i - 1) * rowsPerEvent;
            append(TestLog.batch(
                    1,
                    3L + i,
                    TestLog.transaction(
                            ITEM,
                            TestLog.pairs(before + rowsPerEvent, rowsPerEvent),
                            TestLog.pairs(before, rowsPerEvent))));
        }
        node.close();

        try (ChildJvm child = ChildJvm.start(directory, 64, Node.class)) {
            Map<String, String> said = child.finish();

            assertEquals("[" + (rowsPerEvent + 2) + "]", said.get("rows"), said + child.errors());
            assertTrue(Long.parseLong(String.valueOf(said.get("heap"))) < 80 << 20, said::toString);
            assertTrue(child.errors().isEmpty() || !child.errors().contains("OutOfMemory"), child::errors);
        }
        node = TestDatabases.start(directory);
    }

    /** The node, in a JVM of its own. */
    static final class Node {
        private Node() {}

        public static void main(String[] arguments) {
            try (TestDatabases node = TestDatabases.start(
                    Path.of(arguments[0]), "pinion.durability { progress-interval = 100 ms, look-ahead-events = 2 }")) {
                TestDatabase database = node.database();
                say("rows", database.numbersWhenServing("SELECT COUNT(*) AS n FROM item"));
                say("heap", Runtime.getRuntime().maxMemory());
            }
        }
    }
}
