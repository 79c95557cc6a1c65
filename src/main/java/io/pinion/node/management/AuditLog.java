package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was changed on this node and what was refused: JSON objects, one a line, oldest first.
 *
 * <pre>
 *   audit.jsonl     the newest
 *   audit.jsonl.1   before that, and so on up to the number of files that are kept
 * </pre>
 *
 * <p>A line is with the operating system before the answer of what it tells leaves. Blocks for a write. Threadsafe.
 */
final class AuditLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final String NAME = "audit.jsonl";

    private final Path directory;
    private final long fileBytesMax;
    private final int filesMax;
    private FileChannel file;

    private AuditLog(Path directory, long fileBytesMax, int filesMax, FileChannel file) {
        this.directory = directory;
        this.fileBytesMax = fileBytesMax;
        this.filesMax = filesMax;
        this.file = file;
    }

    /** @throws IOException if it cannot be written there */
    static AuditLog open(Path directory, long fileBytesMax, int filesMax) throws IOException {
        return new AuditLog(directory, fileBytesMax, filesMax, open(directory.resolve(NAME)));
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /** Writes a line. What it tells has happened: if it cannot be written, it goes to the node's log instead. */
    synchronized void append(ObjectNode line) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
            if (file.size() > 0 && file.size() + bytes.remaining() > fileBytesMax) {
                rotate();
            }
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            LOG.error("the audit log in {} cannot be written; it lacks: {}", directory, line, e);
        }
    }

    private void rotate() throws IOException {
        file.close();
        for (int i = filesMax - 1; i > 0; i--) {
            if (Files.exists(path(i - 1))) {
                Files.move(path(i - 1), path(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (filesMax == 1) {
            Files.delete(path(0));
        }
        file = open(path(0));
    }

    private Path path(int age) {
        return directory.resolve(age == 0 ? NAME : NAME + "." + age);
    }

    /** The newest lines, oldest first. */
    synchronized List<String> newest(int countMax) {
        ArrayDeque<String> lines = new ArrayDeque<>();
        for (int age = filesMax - 1; age >= 0; age--) {
            read(path(age), countMax, lines);
        }
        return List.copyOf(lines);
    }

    private static void read(Path path, int countMax, ArrayDeque<String> lines) {
        try (Stream<String> read = Files.lines(path, StandardCharsets.UTF_8)) {
            read.forEach(line -> {
                lines.add(line);
                if (lines.size() > countMax) {
                    lines.remove();
                }
            });
        } catch (NoSuchFileException _) {
            return; // none of that age yet
        } catch (IOException e) {
            throw new UncheckedIOException("the audit log cannot be read", e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
