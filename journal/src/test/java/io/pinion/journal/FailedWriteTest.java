package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A write that the operating system refuses, in another process whose file size is limited so that its log cannot grow; and
 * one for which there is no memory.
 */
class FailedWriteTest {
    @TempDir
    private Path directory;

    @Test
    void aNodeWhoseJournalHasNoMemoryLeftEndsRatherThanGoOnWithoutIt() throws IOException, InterruptedException {
        Process node = OtherProcess.start(OtherProcess.OutOfMemory.class, List.of(), directory.toString());

        try (var output = node.inputReader()) {
            assertTrue(output.lines().anyMatch(line -> line.equals("open")));
        }
        assertEquals(255, node.waitFor());
    }

    @Test
    void aFailedWriteIsNotAcknowledgedAndNothingAcknowledgedIsLost() throws IOException, InterruptedException {
        Process filler = OtherProcess.start(
                OtherProcess.Filler.class,
                List.of("/bin/sh", "-c", "ulimit -f 65536; exec \"$@\"", "limited"),
                directory.toString());
        Map<String, String> said = new HashMap<>();
        try (var output = filler.inputReader()) {
            output.lines().forEach(line -> {
                int space = line.indexOf(' ');
                said.put(line.substring(0, space), line.substring(space + 1));
            });
        }

        assertEquals(0, filler.waitFor());
        long acknowledged = Long.parseLong(said.getOrDefault("acknowledged", "0"));
        assertTrue(acknowledged > 1, said::toString);
        assertTrue(said.getOrDefault("cause", "").contains("stopped after a write failed"), said::toString);
        assertEquals("true", said.get("failure"));
        assertEquals("true", said.get("next"));
        assertTrue(said.getOrDefault("highest", "").contains("stopped after a write failed"), said::toString);
        try (JournalNode node = JournalNode.start(directory)) {
            long highest = node.replay("filler").highest();
            assertTrue(
                    highest == acknowledged || highest == acknowledged + 1,
                    "acknowledged " + acknowledged + ", found " + highest);
        }
    }
}
