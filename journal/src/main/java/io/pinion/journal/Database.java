package io.pinion.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksObject;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The open RocksDB, and the rule that nobody touches it once it is closed: a native call on a closed database ends the
 * process. Threadsafe.
 */
final class Database implements SyncedWrites, AutoCloseable {
    static final String FOLDER = "db";

    private static final int BLOOM_BITS_PER_KEY = 10;
    private static final int BACKGROUND_JOBS = 2;
    private static final int INFO_LOGS_KEPT = 5;
    private static final long INFO_LOG_BYTES = 1024 * 1024;

    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
    private final Path directory;
    private final List<RocksObject> owned;
    private final RocksDB db;
    private final WriteOptions synced;
    private final ReadOptions checked;
    private boolean closed;

    private Database(Path directory, RocksDB db, List<RocksObject> owned) {
        this.directory = directory;
        this.db = db;
        this.owned = owned;
        this.synced = own(owned, new WriteOptions().setSync(true));
        this.checked = own(owned, new ReadOptions().setVerifyChecksums(true));
    }

    /** Reads one record from where the iterator stands; the iterator is not valid beyond the call. */
    interface Reading<T> {
        T read(RocksIterator iterator) throws RocksDBException;
    }

    static Database open(JournalSettings settings) throws RocksDBException, IOException {
        RocksDB.loadLibrary();
        Path folder = Files.createDirectories(settings.directory().resolve(FOLDER));
        List<RocksObject> owned = new ArrayList<>();
        try {
            RocksDB db = RocksDB.open(options(settings, owned), folder.toString());
            return new Database(settings.directory(), db, owned);
        } catch (RocksDBException e) {
            closeAll(owned);
            throw e;
        }
    }

    /** @return null if there is no such key */
    byte @Nullable [] get(byte[] key) throws RocksDBException {
        lifetime.readLock().lock();
        try {
            requireOpen();
            return db.get(checked, key);
        } finally {
            lifetime.readLock().unlock();
        }
    }

    <T> T iterate(Reading<T> reading) throws RocksDBException {
        lifetime.readLock().lock();
        try {
            requireOpen();
            try (RocksIterator iterator = db.newIterator(checked)) {
                T result = reading.read(iterator);
                iterator.status();
                return result;
            }
        } finally {
            lifetime.readLock().unlock();
        }
    }

    @Override
    public void write(WriteBatch batch) throws RocksDBException {
        lifetime.readLock().lock();
        try {
            requireOpen();
            db.write(synced, batch);
        } finally {
            lifetime.readLock().unlock();
        }
    }

    @Override
    public long latestSequence() {
        lifetime.readLock().lock();
        try {
            requireOpen();
            return db.getLatestSequenceNumber();
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /** Waits for readers, then closes; a second call does nothing. */
    @Override
    public void close() {
        lifetime.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                db.close();
                closeAll(owned);
            }
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new JournalException("the journal in " + directory + " is closed");
        }
    }

    private static Options options(JournalSettings settings, List<RocksObject> owned) {
        Options options = own(owned, new Options());
        return options.setCreateIfMissing(true)
                .setParanoidChecks(true)
                .setWalRecoveryMode(recoveryMode(settings))
                // A recycled log file ends in old records, which cannot be told from damage.
                .setRecycleLogFileNum(0)
                .setWriteBufferSize(settings.writeBufferBytes())
                .setMaxOpenFiles(settings.openFilesMax())
                .setMaxBackgroundJobs(BACKGROUND_JOBS)
                .setCompressionType(settings.compression())
                .setBottommostCompressionType(CompressionType.DISABLE_COMPRESSION_OPTION)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(INFO_LOGS_KEPT)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setStatsDumpPeriodSec(0)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(own(owned, new LRUCache(settings.blockCacheBytes())))
                        .setCacheIndexAndFilterBlocks(true)
                        .setFilterPolicy(own(owned, new BloomFilter(BLOOM_BITS_PER_KEY))));
    }

    private static WALRecoveryMode recoveryMode(JournalSettings settings) {
        return settings.acceptLostTail()
                ? WALRecoveryMode.PointInTimeRecovery
                : WALRecoveryMode.TolerateCorruptedTailRecords;
    }

    private static <T extends RocksObject> T own(List<RocksObject> owned, T object) {
        owned.add(object);
        return object;
    }

    private static void closeAll(List<RocksObject> owned) {
        owned.reversed().forEach(RocksObject::close);
    }
}
