package io.pinion.actors.log;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of one module log, a line of JSON each: one per UTC day, {@code YYYY-MM-DD.log}, and when that is full others,
 * {@code YYYY-MM-DD.1.log} and so on. Together they take no more than they may and one file more; beyond that the oldest goes.
 * Written by one thread; read by any.
 */
final class LogFiles {
    private static final Pattern NAME = Pattern.compile("(\\d{4}-\\d{2}-\\d{2})(?:\\.(\\d{1,9}))?\\.log");
    private static final int FILES = 8;

    private final Path directory;
    private final long bytesMax;
    private @Nullable LocalDate day;
    private @Nullable OutputStream file;
    private long fileBytes;

    /** One of them. */
    private record DayFile(Path path, String day, int number) implements Comparable<DayFile> {
        static @Nullable DayFile of(Path path) {
            Matcher name = NAME.matcher(path.getFileName().toString());
            if (!name.matches()) {
                return null;
            }
            String number = name.group(2);
            return new DayFile(path, name.group(1), number == null ? 0 : Integer.parseInt(number));
        }

        @Override
        public int compareTo(DayFile other) {
            int byDay = day.compareTo(other.day);
            return byDay != 0 ? byDay : Integer.compare(number, other.number);
        }
    }

    LogFiles(Path directory, long bytesMax) {
        this.directory = directory;
        this.bytesMax = bytesMax;
    }

    void append(LocalDate today, String line) throws IOException {
        OutputStream out = file;
        if (out == null || !today.equals(day) || isFull(fileBytes)) {
            close();
            out = open(today);
        }
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        out.write(bytes);
        out.write('\n');
        fileBytes += bytes.length + 1;
    }

    private boolean isFull(long bytes) {
        return bytes >= bytesMax / FILES;
    }

    private OutputStream open(LocalDate today) throws IOException {
        Files.createDirectories(directory);
        List<DayFile> files = newestFirst();
        DayFile newest = files.isEmpty() ? null : files.getFirst();
        Path path = directory.resolve(today + ".log");
        if (newest != null && newest.day().equals(today.toString())) {
            path = isFull(Files.size(newest.path()))
                    ? directory.resolve(today + "." + (newest.number() + 1) + ".log")
                    : newest.path();
        }
        deleteOldest(files);
        OutputStream out = new BufferedOutputStream(
                Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        file = out;
        fileBytes = Files.size(path);
        day = today;
        return out;
    }

    private void deleteOldest(List<DayFile> newestFirst) throws IOException {
        long bytes = 0;
        for (DayFile each : newestFirst) {
            bytes += Files.size(each.path());
            if (bytes > bytesMax) {
                Files.delete(each.path());
            }
        }
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
        for (DayFile each : newestFirst()) {
            Files.deleteIfExists(each.path());
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
        for (DayFile each : newestFirst()) {
            if (linesLeft <= 0 || bytesLeft <= 0) {
                break;
            }
            Tail tail;
            try {
                tail = tail(each.path(), bytesLeft);
            } catch (NoSuchFileException _) {
                break; // the oldest was just deleted
            }
            List<String> newest = tail.newest(linesLeft);
            for (int i = newest.size() - 1; i >= 0; i--) {
                lines.addFirst(newest.get(i));
            }
            linesLeft -= newest.size();
            bytesLeft = tail.isWhole() ? bytesLeft - tail.text().length() : 0;
        }
        return new ArrayList<>(lines);
    }

    private List<DayFile> newestFirst() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(DayFile::of)
                    .filter(Objects::nonNull)
                    .sorted(Comparator.reverseOrder())
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
