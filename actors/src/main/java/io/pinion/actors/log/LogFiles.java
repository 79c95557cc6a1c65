package io.pinion.actors.log;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of one module log: one per UTC day, {@code YYYY-MM-DD.log}, a line of JSON each. Written by one thread; read by
 * any.
 */
final class LogFiles {
    private static final Pattern NAME = Pattern.compile("\\d{4}-\\d{2}-\\d{2}\\.log");

    private final Path directory;
    private @Nullable LocalDate day;
    private @Nullable OutputStream file;

    LogFiles(Path directory) {
        this.directory = directory;
    }

    void append(LocalDate today, String line) throws IOException {
        OutputStream out = file;
        if (out == null || !today.equals(day)) {
            close();
            out = open(today);
        }
        out.write(line.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }

    private OutputStream open(LocalDate today) throws IOException {
        Files.createDirectories(directory);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(
                directory.resolve(today + ".log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        file = out;
        day = today;
        return out;
    }

    void flush() throws IOException {
        OutputStream out = file;
        if (out != null) {
            out.flush();
        }
    }

    void close() throws IOException {
        OutputStream out = file;
        file = null;
        if (out != null) {
            out.close();
        }
    }

    void delete() throws IOException {
        close();
        for (Path path : newestFirst()) {
            Files.deleteIfExists(path);
        }
        Files.deleteIfExists(directory);
    }

    /**
     * The newest lines, oldest first, across files.
     *
     * @param lineCountMax negative for all
     * @param bytesMax of the lines together
     */
    List<String> read(int lineCountMax, int bytesMax) throws IOException {
        int linesLeft = lineCountMax < 0 ? Integer.MAX_VALUE : lineCountMax;
        int bytesLeft = bytesMax;
        ArrayDeque<String> lines = new ArrayDeque<>();
        for (Path path : newestFirst()) {
            if (linesLeft <= 0 || bytesLeft <= 0) {
                break;
            }
            Tail tail = tail(path, bytesLeft);
            List<String> newest = tail.newest(linesLeft);
            for (int i = newest.size() - 1; i >= 0; i--) {
                lines.addFirst(newest.get(i));
            }
            linesLeft -= newest.size();
            bytesLeft = tail.isWhole() ? bytesLeft - tail.text().length() : 0;
        }
        return new ArrayList<>(lines);
    }

    private List<Path> newestFirst() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(
                            path -> NAME.matcher(path.getFileName().toString()).matches())
                    .sorted(Comparator.comparing(
                                    (Path path) -> path.getFileName().toString())
                            .reversed())
                    .toList();
        }
    }

    private static Tail tail(Path path, int bytesMax) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            int wanted = (int) Math.min(size, bytesMax);
            ByteBuffer bytes = ByteBuffer.allocate(wanted);
            long start = size - wanted;
            while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) >= 0) {}
            return new Tail(wanted == size, new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
        }
    }

    /** The end of a file; unless it is the whole file it begins in the middle of a line. */
    private record Tail(boolean isWhole, String text) {
        /** A last line without its end is still being written. */
        List<String> newest(int lineCountMax) {
            int end = text.lastIndexOf('\n');
            int start = isWhole ? 0 : text.indexOf('\n') + 1;
            if (end < start) {
                return List.of();
            }
            List<String> lines = Arrays.asList(text.substring(start, end).split("\n", -1));
            return lines.subList(Math.max(0, lines.size() - lineCountMax), lines.size());
        }
    }
}
