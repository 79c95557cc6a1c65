package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A disk that refuses one write or one sync: what was acknowledged before is there, and nothing is acknowledged after. */
class FailingDiskTest {
    private static final String ID = "account-1";
    private static final int WRITES = 12;

    @TempDir
    private Path directory;

    /** Refuses the write with this number, from 1. The batch may have reached the disk all the same, as a failed sync leaves it. */
    private static final class Refusing implements SyncedWrites {
        private final Database database;
        private final int refused;
        private final boolean reachesDisk;
        private final String error;
        private int count;

        Refusing(Database database, int refused, boolean reachesDisk, String error) {
            this.database = database;
            this.refused = refused;
            this.reachesDisk = reachesDisk;
            this.error = error;
        }

        @Override
        public void write(WriteBatch batch) throws RocksDBException {
            count++;
            if (count != refused) {
                database.write(batch);
                return;
            }
            if (reachesDisk) {
                database.write(batch);
            }
            throw new RocksDBException(error);
        }

        @Override
        public long latestSequence() {
            return database.latestSequence();
        }
    }

    @ParameterizedTest(name = "{2} at write {0}, which reaches the disk: {1}")
    @CsvSource({
        "1, false, While appending to file: 000004.log: No space left on device",
        "5, false, While appending to file: 000004.log: No space left on device",
        "1, true, While fdatasync: 000004.log: Input/output error",
        "5, false, While fdatasync: 000004.log: Input/output error",
        "5, true, While fdatasync: 000004.log: Input/output error",
        "12, true, While fdatasync: 000004.log: Input/output error"
    })
    void theFailedWriteIsUnknownAndTheStoreTakesNoMore(int refused, boolean reachesDisk, String error)
            throws IOException, InterruptedException {
        JournalSettings settings = Directories.settings(directory, "");
        StoreOpening.OpenStore open = StoreOpening.open(settings);
        int acknowledged = 0;
        try (Database database = open.database()) {
            Refusing disk = new Refusing(database, refused, reachesDisk, error);
            CommitLoop loop = new CommitLoop(
                    settings,
                    disk,
                    open.mark(),
                    new StoreReader(database),
                    new JournalCounters(),
                    Thread.ofPlatform().factory());
            loop.start();
            for (int n = 1; n <= WRITES; n++) {
                Operation.Append append = append(n);
                loop.submit(append);
                if (n < refused) {
                    assertEquals(List.of(), append.done().join());
                    acknowledged++;
                } else {
                    String reason = String.valueOf(assertThrows(
                                    CompletionException.class,
                                    () -> append.done().join())
                            .getMessage());
                    assertTrue(reason.contains("stopped after a write failed") && reason.contains(error), reason);
                }
            }
            assertTrue(loop.failure().isPresent());
            loop.close();
        }

        try (JournalNode node = JournalNode.start(directory)) {
            long found = node.store()
                    .reader()
                    .state(ID, node.store().reader().number(ID))
                    .highest();
            assertEquals(acknowledged + (reachesDisk ? 1 : 0), found);
            node.write(node.probe(), JournalNode.atomically(JournalNode.event(ID, found + 1, "goes on")));
        }
    }

    private static Operation.Append append(int n) {
        byte[] record = RecordCodec.encodeRejected(ID, n);
        return Operation.Append.of(List.of(PendingWrite.of(ID, JournalNode.WRITER, n, List.of(record))));
    }
}
