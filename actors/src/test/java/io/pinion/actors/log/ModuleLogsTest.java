package io.pinion.actors.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.ModuleLog;
import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleLogsTest {
    private static final Identity DATABASE = new Identity(1, 0, 0, 0);
    private static final int LOG_BYTES_MAX = 128 << 10;

    @TempDir
    private Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T23:59:59Z"));
    private ModuleLogs logs;
    private ModuleLog log;

    private ModuleLogs logs(int queueBytesMax, int readBytesMax) {
        return new ModuleLogs(
                directory,
                new LogSettings(LOG_BYTES_MAX, queueBytesMax, readBytesMax, 100, 10),
                Runnable::run,
                now::get);
    }

    @BeforeEach
    void start() {
        logs = logs(1 << 20, 1 << 20);
        log = logs.of(DATABASE);
        logs.start();
    }

    private void restart(int queueBytesMax, int readBytesMax) {
        logs = logs(queueBytesMax, readBytesMax);
        log = logs.of(DATABASE);
    }

    @AfterEach
    void stop() {
        logs.close();
    }

    private static LogRecord line(String message) {
        return new LogRecord(Level.INFO, 5, null, null, null, null, message, List.of());
    }

    private List<String> read(int lineCountMax) throws InterruptedException {
        BlockingQueue<List<String>> answers = new LinkedBlockingQueue<>();
        logs.read(DATABASE, lineCountMax, answers::add);
        return next(answers);
    }

    private static List<String> next(BlockingQueue<List<String>> answers) throws InterruptedException {
        List<String> lines = answers.poll(30, TimeUnit.SECONDS);
        return lines == null ? List.of("no answer in time") : lines;
    }

    private static String json(String message) {
        return "{\"level\":\"Info\",\"ts\":5,\"message\":\"" + message + "\"}";
    }

    @Test
    void aLineIsOneObjectWithTheLevelFirst() {
        LogRecord panic = new LogRecord(
                Level.PANIC,
                1700000000000000L,
                "my_mod",
                "src/lib.rs",
                12,
                "add",
                "a \"quoted\"\nline",
                List.of(new Frame("m.js:1:2", null), new Frame(null, "add")));

        assertEquals(
                "{\"level\":\"Panic\",\"ts\":1700000000000000,\"target\":\"my_mod\",\"filename\":\"src/lib.rs\","
                        + "\"line_number\":12,\"function\":\"add\",\"message\":\"a \\\"quoted\\\"\\nline\","
                        + "\"trace\":[{\"module_name\":\"m.js:1:2\"},{\"func_name\":\"add\"}]}",
                LogLine.json(panic));
        assertEquals(json("hi"), LogLine.json(line("hi")));
    }

    @Test
    void whatWasAppendedIsReadAcrossDays() throws InterruptedException {
        log.append(line("before midnight"));
        assertEquals(List.of(json("before midnight")), read(-1));
        now.set(Instant.parse("2026-03-02T00:00:01Z"));
        log.append(line("after"));
        log.append(line("last"));

        assertEquals(List.of(json("before midnight"), json("after"), json("last")), read(-1));
        assertEquals(List.of(json("after"), json("last")), read(2));
        assertEquals(List.of(), read(0));
        Path folder = directory.resolve(DATABASE.toHex());
        assertTrue(Files.exists(folder.resolve("2026-03-01.log")));
        assertTrue(Files.exists(folder.resolve("2026-03-02.log")));
    }

    @Test
    void aLogGrowsToItsBoundAndThenLosesItsOldestLines() throws InterruptedException, IOException {
        Path folder = directory.resolve(DATABASE.toHex());
        int lines = 10_000;
        for (int i = 0; i < lines; i++) {
            log.append(line("line " + i));
            if (i == lines / 2) {
                now.set(Instant.parse("2026-03-02T00:00:01Z"));
            }
            if (i % 100 == 0) {
                assertEquals(List.of(json("line " + i)), read(1));
            }
        }

        List<String> kept = read(-1);

        assertEquals(json("line " + (lines - 1)), kept.getLast());
        assertEquals(json("line " + (lines - kept.size())), kept.getFirst());
        long bytes = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        assertTrue(bytes > LOG_BYTES_MAX / 2 && bytes < LOG_BYTES_MAX * 5 / 4, bytes + " bytes");
        logs.close();
        restart(1 << 20, 1 << 20);
        logs.start();
        log.append(line("after a restart"));
        List<String> afterwards = read(-1);
        assertEquals(kept.getLast(), afterwards.get(afterwards.size() - 2));
    }

    @Test
    void aFollowerHearsTheLinesOfTheNextDayAndOfTheNextFile() throws InterruptedException {
        BlockingQueue<List<String>> seen = new LinkedBlockingQueue<>();
        logs.follow(DATABASE, 0, seen::add);
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            if (i == 500) {
                now.set(Instant.parse("2026-03-02T00:00:01Z"));
            }
            log.append(line("line " + i));
        }

        while (heard.size() < 1_000) {
            heard.addAll(next(seen));
        }

        for (int i = 0; i < 1_000; i++) {
            assertEquals(json("line " + i), heard.get(i));
        }
    }

    @Test
    void aReadReturnsNoMoreBytesThanAllowed() throws InterruptedException {
        logs.close();
        restart(1 << 20, 100);
        logs.start();
        for (int i = 0; i < 50; i++) {
            log.append(line("line " + i));
        }

        List<String> lines = read(-1);

        assertTrue(lines.size() < 5, lines.toString());
        assertEquals(json("line 49"), lines.getLast());
    }

    @Test
    void aFollowerMissesNothingAndSeesNothingTwice() throws InterruptedException {
        BlockingQueue<List<String>> seen = new LinkedBlockingQueue<>();
        Consumer<List<String>> follower = seen::add;
        log.append(line("old"));
        log.append(line("newer"));

        logs.follow(DATABASE, 1, follower);
        log.append(line("newest"));

        assertEquals(List.of(json("newer")), next(seen));
        assertEquals(List.of(json("newest")), next(seen));
        logs.unfollow(DATABASE, follower);
        log.append(line("unheard"));
        assertEquals(4, read(-1).size());
        assertTrue(seen.isEmpty());
    }

    @Test
    void whatDoesNotFitIsDroppedAndCounted() throws InterruptedException {
        logs.close();
        restart(1000, 1 << 20);
        for (int i = 0; i < 10; i++) {
            log.append(line("line " + i));
        }

        logs.start();
        assertFalse(read(-1).isEmpty());
        log.append(line("afterwards"));

        List<String> lines = read(-1);
        assertEquals(json("afterwards"), lines.getLast());
        assertTrue(lines.stream().anyMatch(line -> line.contains(" lines were dropped")), lines.toString());
    }

    @Test
    void aDeletedLogIsGone() throws InterruptedException {
        log.append(line("old"));
        assertEquals(1, read(-1).size());

        logs.delete(DATABASE);

        assertEquals(List.of(), read(-1));
        assertFalse(Files.exists(directory.resolve(DATABASE.toHex())));
    }

    @Test
    void closingWritesWhatWasAppended() throws Exception {
        log.append(line("last words"));

        logs.close();

        assertEquals(
                List.of(json("last words")),
                Files.readAllLines(directory.resolve(DATABASE.toHex()).resolve("2026-03-01.log")));
    }
}
