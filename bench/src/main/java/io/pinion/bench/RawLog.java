package io.pinion.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** What the disk of a folder takes, one synced batch after the other, from one thread that does nothing else. */
final class RawLog {
    private static final int KEY_BYTES = 16;

    private final Path folder;

    RawLog(Path folder) {
        this.folder = folder;
    }

    /** Appends to a file and forces it. Batches per second. */
    double appends(int batchBytes, long nanos) throws IOException {
        Path file = folder.resolve("raw-appends");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer batch = ByteBuffer.allocateDirect(batchBytes);
            return perSecond(nanos, () -> {
                batch.clear();
                while (batch.hasRemaining()) {
                    channel.write(batch);
                }
                channel.force(false);
            });
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Writes batches of one value to a RocksDB, synced. Batches per second. */
    double rocksDbBatches(int batchBytes, long nanos) throws IOException {
        Path store = folder.resolve("raw-rocksdb");
        try (Options options = new Options().setCreateIfMissing(true);
                RocksDB rocks = RocksDB.open(options, store.toString());
                WriteOptions synced = new WriteOptions().setSync(true)) {
            byte[] value = new byte[batchBytes];
            ByteBuffer key = ByteBuffer.allocate(KEY_BYTES);
            return perSecond(nanos, () -> {
                try (WriteBatch batch = new WriteBatch()) {
                    key.putLong(0, key.getLong(0) + 1);
                    batch.put(key.array(), value);
                    rocks.write(synced, batch);
                }
            });
        } catch (RocksDBException e) {
            throw new IOException(e);
        } finally {
            delete(store);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private interface Batch {
        void write() throws IOException, RocksDBException;
    }

    private static double perSecond(long nanos, Batch batch) throws IOException {
        long begin = System.nanoTime();
        long elapsed = 0;
        long count = 0;
        try {
            while (elapsed < nanos) {
                batch.write();
                count++;
                elapsed = System.nanoTime() - begin;
            }
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
        return count * (double) TimeUnit.SECONDS.toNanos(1) / elapsed;
    }
}
