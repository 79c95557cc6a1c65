package io.pinion.journal;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What tests do to a store's directory. */
final class Directories {
    private Directories() {}

    static JournalSettings settings(Path directory, String more) {
        return JournalSettings.from(ConfigFactory.parseString(more)
                .withFallback(ConfigFactory.parseString("directory = \"" + directory + "\""))
                .withFallback(ConfigFactory.load().getConfig("pinion.journal.rocksdb")));
    }

    /** As a crash would leave it: the mark first, as it must never be ahead of the log. */
    static void copyLive(Path from, Path to) throws IOException {
        Files.createDirectories(to.resolve(Database.FOLDER));
        Files.copy(from.resolve(HighWaterMark.NAME), to.resolve(HighWaterMark.NAME));
        Files.copy(from.resolve(FormatFile.NAME), to.resolve(FormatFile.NAME));
        for (Path file : files(from.resolve(Database.FOLDER))) {
            if (!file.endsWith("LOCK")) {
                Files.copy(file, to.resolve(Database.FOLDER).resolve(file.getFileName()));
            }
        }
    }

    /** The log file that RocksDB writes to at present. */
    static Path log(Path directory) throws IOException {
        return files(directory.resolve(Database.FOLDER)).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .max(Path::compareTo)
                .orElseThrow();
    }

    static void flipByte(Path file, long offset) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[Math.toIntExact(offset)] ^= 0x20;
        Files.write(file, content);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
