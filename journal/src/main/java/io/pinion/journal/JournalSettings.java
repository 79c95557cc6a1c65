package io.pinion.journal;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.rocksdb.CompressionType;

/** The settings under {@code pinion.journal.rocksdb}; each key is explained in {@code reference.conf}. */
record JournalSettings(
        Path directory,
        boolean acceptLostTail,
        long batchBytesMax,
        long queuedBytesMax,
        int cachedIdsMax,
        long replayChunkBytes,
        Duration markSyncInterval,
        long writeBufferBytes,
        long blockCacheBytes,
        int openFilesMax,
        CompressionType compression) {

    JournalSettings {
        requireAtLeast("max-batch-size", batchBytesMax, 1);
        requireAtLeast("max-queued-size", queuedBytesMax, 1);
        requireAtLeast("cached-ids", cachedIdsMax, 1);
        requireAtLeast("replay-chunk-size", replayChunkBytes, 1);
        requireAtLeast("mark-sync-interval", markSyncInterval.toMillis(), 1);
        requireAtLeast("write-buffer-size", writeBufferBytes, 64 * 1024);
        requireAtLeast("block-cache-size", blockCacheBytes, 0);
        requireAtLeast("max-open-files", openFilesMax, 20);
    }

    static JournalSettings from(Config config) {
        return new JournalSettings(
                Path.of(config.getString("directory")).toAbsolutePath().normalize(),
                config.getBoolean("accept-lost-tail"),
                config.getBytes("max-batch-size"),
                config.getBytes("max-queued-size"),
                config.getInt("cached-ids"),
                config.getBytes("replay-chunk-size"),
                config.getDuration("mark-sync-interval"),
                config.getBytes("write-buffer-size"),
                config.getBytes("block-cache-size"),
                config.getInt("max-open-files"),
                compression(config.getString("compression")));
    }

    private static CompressionType compression(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "lz4" -> CompressionType.LZ4_COMPRESSION;
            case "none" -> CompressionType.NO_COMPRESSION;
            default ->
                throw new IllegalArgumentException(
                        "pinion.journal.rocksdb.compression must be lz4 or none, but is " + name);
        };
    }

    private static void requireAtLeast(String key, long value, long min) {
        if (value < min) {
            throw new IllegalArgumentException(
                    "pinion.journal.rocksdb." + key + " must be at least " + min + ", but is " + value);
        }
    }
}
