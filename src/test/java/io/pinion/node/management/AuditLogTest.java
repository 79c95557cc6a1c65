package io.pinion.node.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private static String line(int number) {
        return "{\"number\":" + number + "}";
    }

    private static void append(AuditLog log, int number) {
        log.append(JsonNodeFactory.instance.objectNode().put("number", number));
    }

    @Test
    void theNewestLinesAreReadBackAcrossFilesAndRestarts() throws Exception {
        try (AuditLog log = AuditLog.open(directory, 100, 3)) {
            IntStream.range(0, 10).forEach(number -> append(log, number));
        }
        try (AuditLog log = AuditLog.open(directory, 100, 3)) {
            append(log, 10);

            assertEquals(
                    IntStream.rangeClosed(0, 10).mapToObj(AuditLogTest::line).toList(), log.newest(100));
            assertEquals(List.of(line(9), line(10)), log.newest(2));
        }
        assertTrue(Files.exists(directory.resolve("audit.jsonl.1")));
    }

    @Test
    void theOldestFileGoesWhenThereAreTooMany() throws Exception {
        try (AuditLog log = AuditLog.open(directory, 30, 2)) {
            IntStream.range(0, 9).forEach(number -> append(log, number));

            assertEquals(List.of(line(6), line(7), line(8)), log.newest(100));
        }
        assertFalse(Files.exists(directory.resolve("audit.jsonl.2")));
    }

    @Test
    void oneFileAloneIsBegunAnew() throws Exception {
        try (AuditLog log = AuditLog.open(directory, 30, 1)) {
            IntStream.range(0, 3).forEach(number -> append(log, number));

            assertEquals(List.of(line(2)), log.newest(100));
        }
    }
}
