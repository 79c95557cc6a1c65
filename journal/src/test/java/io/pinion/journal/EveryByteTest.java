package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.journal.StoreReader.StoredEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small log, damaged at every single byte of it: everything that was acknowledged is read, or the store refuses by name. */
class EveryByteTest {
    private static final String ID = "a";
    private static final int EVENTS = 3;

    @TempDir
    private Path directory;

    @Test
    void aFlippedByteIsRefusedOrHurtsNothing() throws IOException {
        Path whole = writtenStore();
        byte[] log = Files.readAllBytes(Directories.log(whole));
        int refused = 0;

        for (int at = 0; at < log.length; at++) {
            byte[] flipped = log.clone();
            flipped[at] ^= (byte) (1 << (at % Byte.SIZE));
            refused += isRefused(whole, flipped, "byte " + at + " of " + log.length + " flipped") ? 1 : 0;
        }

        assertEquals(log.length, refused);
    }

    @Test
    void aCutIsRefused() throws IOException {
        Path whole = writtenStore();
        byte[] log = Files.readAllBytes(Directories.log(whole));

        for (int length = 0; length < log.length; length++) {
            assertTrue(
                    isRefused(whole, Arrays.copyOf(log, length), "cut after " + length + " of " + log.length),
                    "the log was cut after " + length + " of " + log.length + " bytes and nobody noticed");
        }
    }

    private Path writtenStore() throws IOException {
        Path live = directory.resolve("live");
        Path crashed = directory.resolve("crashed");
        try (JournalNode node = JournalNode.start(live)) {
            for (int n = 1; n <= EVENTS; n++) {
                TestKit probe = node.probe();
                node.write(probe, JournalNode.atomically(JournalNode.event(ID, n, "event " + n)));
                JournalNode.expectRequestDone(probe);
            }
            Directories.copyLive(live, crashed);
        }
        return crashed;
    }

    /** Opens a copy with that log; fails if it is opened and does not hold every event, intact. */
    private boolean isRefused(Path whole, byte[] log, String context) throws IOException {
        Path damaged = directory.resolve("damaged");
        Directories.copyLive(whole, damaged);
        Files.write(Directories.log(damaged), log);
        @Nullable String refusal = refusal(damaged, context);
        delete(damaged);
        if (refusal != null) {
            assertTrue(refusal.contains(damaged.toString()), context + ": " + refusal);
        }
        return refusal != null;
    }

    private static @Nullable String refusal(Path store, String context) throws IOException {
        StoreOpening.OpenStore open;
        try {
            open = StoreOpening.open(Directories.settings(store, ""));
        } catch (JournalOpenException e) {
            return String.valueOf(e.getMessage());
        }
        try (HighWaterMark _ = open.mark();
                Database database = open.database()) {
            StoreReader reader = new StoreReader(database);
            List<StoredEvent> events = reader.events(ID, reader.number(ID), 0, Long.MAX_VALUE, Long.MAX_VALUE);
            assertEquals(EVENTS, events.size(), context);
            for (int i = 0; i < EVENTS; i++) {
                assertTrue(Checksum.matches(events.get(i).record(), ID, i + 1), context);
            }
            return null;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
