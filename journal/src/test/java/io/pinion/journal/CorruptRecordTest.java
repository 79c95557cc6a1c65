package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.SaveSnapshotSuccess;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotProtocol;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import scala.jdk.javaapi.OptionConverters;

/** Records that were damaged where RocksDB's own checksums do not see it: named, never handed out. */
class CorruptRecordTest {
    private static final String ID = "account-1";

    @TempDir
    private Path directory;

    @Test
    void aDamagedEventFailsTheReplayAndIsNamed() throws RocksDBException {
        writeEvents();
        damage(Keys.event(1, 3));

        try (JournalNode node = JournalNode.start(directory)) {
            Throwable failure = node.replayFailure(ID);

            assertInstanceOf(CorruptRecordException.class, failure);
            assertEquals("event 3 of persistence id account-1 is damaged: wrong checksum", failure.getMessage());
        }
    }

    @Test
    void aMissingEventFailsTheReplayAndIsNamed() throws RocksDBException {
        writeEvents();
        try (RocksDB db = openRaw()) {
            db.delete(Keys.event(1, 3));
        }

        try (JournalNode node = JournalNode.start(directory)) {
            assertEquals(
                    "event 3 of persistence id account-1 is missing",
                    node.replayFailure(ID).getMessage());
        }
    }

    @Test
    void aMissingLastEventFailsTheReplayAndIsNamed() throws RocksDBException {
        writeEvents();
        try (RocksDB db = openRaw()) {
            db.delete(Keys.event(1, 5));
        }

        try (JournalNode node = JournalNode.start(directory)) {
            assertEquals(
                    "event 5 of persistence id account-1 is missing",
                    node.replayFailure(ID).getMessage());
        }
    }

    @Test
    void anEventUnderTheNumberOfAnotherIsDamaged() throws RocksDBException {
        writeEvents();
        try (RocksDB db = openRaw()) {
            db.put(Keys.event(1, 3), db.get(Keys.event(1, 4)));
        }

        try (JournalNode node = JournalNode.start(directory)) {
            assertInstanceOf(CorruptRecordException.class, node.replayFailure(ID));
        }
    }

    @Test
    void aDamagedHighestNumberConcernsItsIdAlone() throws RocksDBException {
        writeEvents();
        damage(Keys.state(1));

        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            node.write(probe, JournalNode.atomically(JournalNode.event(ID, 6, "a-6")));
            JournalProtocol.WriteMessagesFailed failed =
                    probe.expectMsgClass(JournalNode.PATIENCE, JournalProtocol.WriteMessagesFailed.class);

            assertInstanceOf(CorruptRecordException.class, failed.cause());
            for (int i = 0; i < 20; i++) {
                assertInstanceOf(CorruptRecordException.class, node.replayFailure(ID));
            }
            assertTrue(String.valueOf(failed.cause().getMessage()).contains(ID));
            node.writeAndExpect("account-2", 1, 3);
            assertEquals(Optional.empty(), node.store().failure());
        }
    }

    @Test
    void aDamagedSnapshotIsSkippedForTheOneBefore() throws RocksDBException {
        writeEvents();
        saveSnapshots();
        damage(Keys.snapshot(1, 4));

        assertEquals("state at 2", snapshotOf(load()));
    }

    @Test
    void aSnapshotWithADamagedIndexIsSkippedForTheOneBefore() throws RocksDBException {
        writeEvents();
        saveSnapshots();
        damage(Keys.snapshotIndex(1, 4));

        assertEquals("state at 2", snapshotOf(load()));
    }

    @Test
    void withEveryEventThereDamagedSnapshotsAreNotNeeded() throws RocksDBException {
        writeEvents();
        saveSnapshots();
        damage(Keys.snapshot(1, 4));
        damage(Keys.snapshot(1, 2));

        SnapshotProtocol.LoadSnapshotResult result =
                assertInstanceOf(SnapshotProtocol.LoadSnapshotResult.class, load());
        assertTrue(result.snapshot().isEmpty());
    }

    @Test
    void aDamagedSnapshotWhoseEventsAreDeletedFailsTheRecovery() throws RocksDBException {
        writeEvents();
        saveSnapshots();
        try (JournalNode node = JournalNode.start(directory)) {
            node.deleteTo(ID, 4);
        }
        damage(Keys.snapshot(1, 4));

        SnapshotProtocol.LoadSnapshotFailed failed =
                assertInstanceOf(SnapshotProtocol.LoadSnapshotFailed.class, load());
        String message = String.valueOf(failed.cause().getMessage());
        assertTrue(message.contains("snapshot 4 of persistence id account-1 is damaged"), message);
        assertTrue(message.contains("are deleted"), message);
    }

    private void writeEvents() {
        try (JournalNode node = JournalNode.start(directory)) {
            node.writeAndExpect(ID, 1, 5);
        }
    }

    private void saveSnapshots() {
        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            for (long n = 2; n <= 4; n += 2) {
                node.snapshotStore()
                        .tell(
                                new SnapshotProtocol.SaveSnapshot(
                                        new SnapshotMetadata(ID, n, 1000 + n), "state at " + n),
                                probe.getRef());
                probe.expectMsgClass(JournalNode.PATIENCE, SaveSnapshotSuccess.class);
            }
        }
    }

    private Object load() {
        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            node.snapshotStore()
                    .tell(
                            new SnapshotProtocol.LoadSnapshot(ID, SnapshotSelectionCriteria.latest(), Long.MAX_VALUE),
                            probe.getRef());
            return probe.expectMsgClass(JournalNode.PATIENCE, Object.class);
        }
    }

    private static Object snapshotOf(Object answer) {
        SnapshotProtocol.LoadSnapshotResult result =
                assertInstanceOf(SnapshotProtocol.LoadSnapshotResult.class, answer);
        return OptionConverters.<SelectedSnapshot>toJava(result.snapshot())
                .orElseThrow()
                .snapshot();
    }

    private void damage(byte[] key) throws RocksDBException {
        try (RocksDB db = openRaw()) {
            byte[] value = db.get(key);
            value[value.length - 1] ^= 1;
            db.put(key, value);
        }
    }

    private RocksDB openRaw() throws RocksDBException {
        return RocksDB.open(directory.resolve(Database.FOLDER).toString());
    }
}
