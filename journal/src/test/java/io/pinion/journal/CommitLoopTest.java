package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits for the one thread that writes: it is bounded, and it is written before the store closes. */
class CommitLoopTest {
    private static final int WRITES = 2000;

    @TempDir
    private Path directory;

    @Test
    void aWriteBeyondTheBoundFailsByNameAndIsNotStored() {
        try (JournalNode node = JournalNode.start(directory, "pinion.journal.rocksdb.max-queued-size = 1")) {
            List<Operation.Append> appends = submit(node);

            int overloaded = 0;
            for (int i = 0; i < WRITES; i++) {
                Operation.Append append = appends.get(i);
                boolean stored =
                        append.done().handle((_, failure) -> failure == null).join();
                if (!stored) {
                    overloaded++;
                    assertTrue(reason(append).contains("is overloaded"), () -> reason(append));
                }
                assertEquals(
                        stored ? 1 : 0, node.store().reader().state("id-" + i).highest());
            }
            assertTrue(overloaded > 0, "nothing waited longer than it may");
            assertEquals(0, node.store().metrics().queuedBytes());
        }
    }

    @Test
    void whatWaitsIsWrittenBeforeTheStoreCloses() {
        List<Operation.Append> appends;
        RocksDbStore closed;
        try (JournalNode node = JournalNode.start(directory)) {
            appends = submit(node);
            closed = node.store();
        }

        for (Operation.Append append : appends) {
            assertEquals(List.of(), append.done().join());
        }
        Operation.Append late = append(0);
        closed.submit(late);
        assertTrue(reason(late).contains("is closed"), () -> reason(late));
        try (JournalNode node = JournalNode.start(directory)) {
            for (int i = 0; i < WRITES; i++) {
                assertEquals(1, node.store().reader().state("id-" + i).highest());
            }
        }
    }

    private static List<Operation.Append> submit(JournalNode node) {
        List<Operation.Append> appends = new ArrayList<>();
        for (int i = 0; i < WRITES; i++) {
            Operation.Append append = append(i);
            node.store().submit(append);
            appends.add(append);
        }
        return appends;
    }

    private static Operation.Append append(int i) {
        String id = "id-" + i;
        byte[] record = RecordCodec.encodeRejected(id, 1);
        return Operation.Append.of(List.of(PendingWrite.of(id, JournalNode.WRITER, 1, List.of(record))));
    }

    private static String reason(Operation.Append append) {
        Throwable failure =
                assertThrows(CompletionException.class, () -> append.done().join());
        return String.valueOf(failure.getMessage());
    }
}
