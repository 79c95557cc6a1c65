package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that cannot be opened is refused with a message that says which and why. */
class OpenRefusalTest {
    @TempDir
    private Path directory;

    @Test
    void aDirectoryInUseByThisProcessIsRefused() {
        try (JournalNode first = JournalNode.start(directory);
                JournalNode second = JournalNode.start(directory)) {
            assertEquals(directory, first.store().directory());

            assertRefused(second, "is in use by another process or actor system");
        }
    }

    @Test
    void aDirectoryInUseByAnotherProcessIsRefused() throws IOException, InterruptedException {
        Process holder = OtherProcess.start(OtherProcess.Holder.class, List.of(), directory.toString());
        try (JournalNode node = JournalNode.start(directory)) {
            assertEquals("open", holder.inputReader(StandardCharsets.UTF_8).readLine());

            assertRefused(node, "is in use by another process or actor system");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        try (JournalNode node = JournalNode.start(directory)) {
            node.writeAndExpect("after-the-lock", 1, 2);
        }
    }

    @Test
    void aNewerFormatIsRefusedAndLeftAlone() throws IOException {
        Files.writeString(directory.resolve(FormatFile.NAME), "pinion-journal 2\n");

        try (JournalNode node = JournalNode.start(directory)) {
            assertRefused(node, "has the newer format 2; this program reads up to format 1");
        }
        assertTrue(Files.notExists(directory.resolve(Database.FOLDER)));
    }

    @Test
    void aDamagedOrMissingFormatIsRefused() throws IOException {
        try (JournalNode node = JournalNode.start(directory)) {
            node.writeAndExpect("someone", 1, 2);
        }
        Files.writeString(directory.resolve(FormatFile.NAME), "something else");
        try (JournalNode node = JournalNode.start(directory)) {
            assertRefused(node, "FORMAT is damaged");
        }
        Files.delete(directory.resolve(FormatFile.NAME));
        try (JournalNode node = JournalNode.start(directory)) {
            assertRefused(node, "the file FORMAT that names its format is missing");
        }
    }

    @Test
    void damagedBookkeepingOfTheDatabaseIsRefused() throws IOException {
        try (JournalNode node = JournalNode.start(directory)) {
            node.writeAndExpect("someone", 1, 2);
        }
        Path folder = directory.resolve(Database.FOLDER);
        String manifest = Files.readString(folder.resolve("CURRENT")).strip();
        Directories.flipByte(folder.resolve(manifest), 20);

        try (JournalNode node = JournalNode.start(directory)) {
            assertRefused(node, "is damaged or cannot be read");
        }
    }

    @Test
    void aDatabaseThatWasRemovedIsRefused() throws IOException {
        try (JournalNode node = JournalNode.start(directory)) {
            node.writeAndExpect("someone", 1, 2);
        }
        Files.move(directory.resolve(Database.FOLDER), directory.resolve("elsewhere"));

        try (JournalNode node = JournalNode.start(directory)) {
            assertRefused(node, "has lost the end of its log");
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path below = file.resolve("journal");

        try (JournalNode node = JournalNode.start(below)) {
            assertRefused(node, below + " cannot be used");
        }
    }

    @Test
    void aSettingOutOfItsRangeIsRefusedByName() {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> Directories.settings(directory, "cached-ids = 0"));
        assertEquals("pinion.journal.rocksdb.cached-ids must be at least 1, but is 0", refusal.getMessage());

        IllegalArgumentException unknown = assertThrows(
                IllegalArgumentException.class, () -> Directories.settings(directory, "compression = zip"));
        assertEquals("pinion.journal.rocksdb.compression must be lz4 or none, but is zip", unknown.getMessage());
    }

    private void assertRefused(JournalNode node, String reason) {
        JournalOpenException refusal = assertThrows(JournalOpenException.class, node::store);
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains(reason), message);
        assertTrue(message.contains(directory.toString()), message);
    }
}
