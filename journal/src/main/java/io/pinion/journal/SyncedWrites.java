package io.pinion.journal;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** What the commit thread writes to: the database, or in tests a disk that refuses. */
interface SyncedWrites {
    /**
     * Writes the batch atomically; it is on the disk when this returns.
     *
     * @throws RocksDBException if it is not known to be: it may or may not be found when the store is opened again
     */
    void write(WriteBatch batch) throws RocksDBException;

    /** The number of the newest operation; every put and delete of a batch has one. */
    long latestSequence();
}
