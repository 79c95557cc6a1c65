package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.journal.StoreReader.StoredEvent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is cut or damaged: what is read is a prefix of what was written, or the store refuses by name. */
class TornLogTest {
    private static final int WRITES = 40;
    private static final int CUTS = 40;
    private static final List<String> IDS = List.of("left", "right");
    private static final String ACCEPT = "accept-lost-tail = on";

    @TempDir
    private Path directory;

    @Test
    void aLogCutAnywhereKeepsAPrefixOfWholeWrites() throws IOException {
        Path whole = writtenStore();
        long logBytes = Files.size(Directories.log(whole));
        int before = -1;

        for (int cut = 0; cut <= CUTS; cut++) {
            Path torn = directory.resolve("torn-" + cut);
            Directories.copyLive(whole, torn);
            truncate(Directories.log(torn), logBytes * cut / CUTS);

            int kept = wholeWrites(torn, ACCEPT);

            assertTrue(kept >= before, "more of the log gave fewer writes: " + kept + " after " + before);
            before = kept;
        }
        assertEquals(WRITES, before);
    }

    @Test
    void aLogThatLostAcknowledgedWritesIsRefusedByName() throws IOException {
        Path whole = writtenStore();
        long logBytes = Files.size(Directories.log(whole));

        for (int cut = 0; cut < CUTS; cut++) {
            Path torn = directory.resolve("torn-" + cut);
            Directories.copyLive(whole, torn);
            truncate(Directories.log(torn), logBytes * cut / CUTS);

            String refusal = refusal(torn);

            assertTrue(refusal.contains("has lost the end of its log"), refusal);
            assertTrue(refusal.contains(torn.toString()), refusal);
        }
    }

    @Test
    void anUnfinishedWriteAtTheEndIsDropped() throws IOException {
        Path whole = writtenStore();
        Path torn = directory.resolve("torn");
        Directories.copyLive(whole, torn);
        byte[] log = Files.readAllBytes(Directories.log(torn));
        Files.write(Directories.log(torn), Arrays.copyOf(log, 7 + 20), StandardOpenOption.APPEND);

        assertEquals(WRITES, wholeWrites(torn, ""));
    }

    @Test
    void aLogWithAFlippedBitIsRefusedOrLosesNothing() throws IOException {
        Path whole = writtenStore();
        long logBytes = Files.size(Directories.log(whole));

        for (int flip = 0; flip < CUTS; flip++) {
            Path damaged = directory.resolve("damaged-" + flip);
            Directories.copyLive(whole, damaged);
            Directories.flipByte(Directories.log(damaged), logBytes * flip / CUTS);

            String refusal = refusal(damaged);

            assertTrue(refusal.contains(damaged.toString()), refusal);
        }
    }

    @Test
    void aMissingLogIsRefusedByName() throws IOException {
        Path store = writtenStore();
        Files.delete(Directories.log(store));

        String refusal = refusal(store);

        assertTrue(refusal.contains("has lost the end of its log"), refusal);
    }

    @Test
    void aMissingMarkIsRefusedByName() throws IOException {
        Path store = writtenStore();
        Files.delete(store.resolve(HighWaterMark.NAME));

        String refusal = refusal(store);

        assertTrue(refusal.contains("MARK"), refusal);
    }

    @Test
    void aMarkTornInOneSlotStillMarksTheWriteBefore() throws IOException {
        Path store = writtenStore();
        Directories.flipByte(store.resolve(HighWaterMark.NAME), 20);
        assertEquals(WRITES, wholeWrites(store, ""));

        Directories.flipByte(store.resolve(HighWaterMark.NAME), 512 + 20);
        assertEquals(WRITES, wholeWrites(store, ""));
    }

    @Test
    void whatWasAcceptedOnceIsNoLongerMissed() throws IOException {
        Path store = writtenStore();
        truncate(Directories.log(store), Files.size(Directories.log(store)) / 2);
        int kept = wholeWrites(store, ACCEPT);

        assertEquals(kept, wholeWrites(store, ""));
    }

    /** Write n goes to the ids in turn and has two events, so that id i has the writes i, i+2, ... */
    private Path writtenStore() throws IOException {
        Path live = directory.resolve("live");
        Path crashed = directory.resolve("crashed");
        try (JournalNode node = JournalNode.start(live)) {
            for (int n = 0; n < WRITES; n++) {
                TestKit probe = node.probe();
                String id = IDS.get(n % 2);
                long first = 1 + 2L * (n / 2);
                node.write(
                        probe,
                        JournalNode.atomically(
                                JournalNode.event(id, first, "one of write " + n),
                                JournalNode.event(id, first + 1, "two of write " + n)));
                JournalNode.expectRequestDone(probe);
            }
            Directories.copyLive(live, crashed);
        }
        return crashed;
    }

    /** How many writes there are; fails if they are not whole, intact, and the first ones of those written. */
    private static int wholeWrites(Path store, String more) throws IOException {
        StoreOpening.OpenStore open = StoreOpening.open(Directories.settings(store, more));
        try (HighWaterMark _ = open.mark();
                Database database = open.database()) {
            StoreReader reader = new StoreReader(database);
            List<Integer> writesOfId = new ArrayList<>();
            for (String id : IDS) {
                long number = reader.number(id);
                List<StoredEvent> events = reader.events(id, number, 0, Long.MAX_VALUE, Long.MAX_VALUE);
                for (int i = 0; i < events.size(); i++) {
                    assertEquals(i + 1, events.get(i).sequenceNr());
                    assertTrue(Checksum.matches(events.get(i).record(), id, i + 1));
                }
                assertEquals(reader.state(id, number).highest(), events.size());
                assertEquals(0, events.size() % 2, "half an atomic write of " + id);
                writesOfId.add(events.size() / 2);
            }
            int ahead = writesOfId.get(0) - writesOfId.get(1);
            assertTrue(ahead == 0 || ahead == 1, "not a prefix: " + writesOfId);
            return writesOfId.get(0) + writesOfId.get(1);
        }
    }

    private static String refusal(Path store) {
        return String.valueOf(assertThrows(JournalOpenException.class, () -> wholeWrites(store, ""))
                .getMessage());
    }

    private static void truncate(Path file, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }
}
