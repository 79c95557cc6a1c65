package io.pinion.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code FORMAT}: one line that says which format the directory is in. It is read before RocksDB touches
 * anything, so that an older program leaves a newer store alone, and written before anything else is.
 */
final class FormatFile {
    static final int VERSION = 1;
    static final String NAME = "FORMAT";

    private static final Pattern LINE = Pattern.compile("pinion-journal ([0-9]{1,9})\n?");

    private FormatFile() {}

    static boolean exists(Path directory) {
        return Files.exists(directory.resolve(NAME));
    }

    static void requireReadable(Path directory) throws IOException {
        String content = Files.readString(directory.resolve(NAME));
        Matcher line = LINE.matcher(content);
        if (!line.matches()) {
            throw new JournalOpenException(
                    directory.resolve(NAME) + " is damaged: it should name the format of the journal");
        }
        int version = Integer.parseInt(line.group(1));
        if (version > VERSION) {
            throw new JournalOpenException("the journal in " + directory + " has the newer format " + version
                    + "; this program reads up to format " + VERSION);
        }
    }

    static void create(Path directory) throws IOException {
        Path written = directory.resolve(NAME + ".new");
        Files.writeString(written, "pinion-journal " + VERSION + "\n");
        sync(written, StandardOpenOption.WRITE);
        Files.move(written, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        sync(directory, StandardOpenOption.READ);
    }

    private static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }
}
