package io.pinion.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Reads of the store by persistence id; every record is checked, and what is damaged is named. Threadsafe. */
final class StoreReader {
    /** No persistence id has this number. */
    static final long NO_NUMBER = 0;

    private static final int NUMBER_BYTES = Checksum.BYTES + Long.BYTES;

    private final Database database;

    StoreReader(Database database) {
        this.database = database;
    }

    /** An event as it is stored; its checksum is not yet compared. */
    static final class StoredEvent {
        private final long sequenceNr;
        private final byte[] record;

        StoredEvent(long sequenceNr, byte[] record) {
            this.sequenceNr = sequenceNr;
            this.record = record;
        }

        long sequenceNr() {
            return sequenceNr;
        }

        byte[] record() {
            return record;
        }
    }

    /** @param timestamp of the snapshot in milliseconds, null if the index record is damaged */
    record IndexedSnapshot(long sequenceNr, @Nullable Long timestamp) {
        boolean matches(SnapshotSelectionCriteria criteria) {
            return timestamp == null || (timestamp <= criteria.maxTimestamp() && timestamp >= criteria.minTimestamp());
        }
    }

    static byte[] numberRecord(String persistenceId, long number) {
        byte[] value =
                ByteBuffer.allocate(NUMBER_BYTES).putInt(0).putLong(number).array();
        return Checksum.seal(value, persistenceId, 0);
    }

    static byte[] snapshotIndexRecord(String persistenceId, long sequenceNr, long timestampMillis) {
        byte[] value = ByteBuffer.allocate(NUMBER_BYTES)
                .putInt(0)
                .putLong(timestampMillis)
                .array();
        return Checksum.seal(value, persistenceId, sequenceNr);
    }

    /** @return the number that the next new persistence id gets */
    long nextNumber() {
        byte[] value = get(Keys.nextNumber(), "the record of the next number");
        return value == null ? NO_NUMBER + 1 : checkedLong(value, "", 0, "the record of the next number");
    }

    /** @return {@link #NO_NUMBER} if nothing was ever written for the id */
    long number(String persistenceId) {
        String name = "the number of persistence id " + persistenceId;
        byte[] value = get(Keys.number(persistenceId), name);
        return value == null ? NO_NUMBER : checkedLong(value, persistenceId, 0, name);
    }

    /**
     * Persistence ids in the order of their bytes, whether or not they have events.
     *
     * @param after where to begin, itself left out; null for the first
     */
    List<String> persistenceIds(@Nullable String after, int countMax) {
        byte[] start = Keys.number(after == null ? "" : after);
        return iterate("the persistence ids", iterator -> {
            List<String> ids = new ArrayList<>();
            for (iterator.seek(start); iterator.isValid() && ids.size() < countMax; iterator.next()) {
                String id = Keys.persistenceId(iterator.key());
                if (id == null) {
                    break;
                }
                if (!id.equals(after)) {
                    ids.add(id);
                }
            }
            return ids;
        });
    }

    WriterState state(String persistenceId, long number) {
        byte[] value = get(Keys.state(number), "the highest sequence number of persistence id " + persistenceId);
        return value == null ? WriterState.EMPTY : WriterState.decode(persistenceId, value);
    }

    WriterState state(String persistenceId) {
        long number = number(persistenceId);
        return number == NO_NUMBER ? WriterState.EMPTY : state(persistenceId, number);
    }

    /** The events from one sequence number up to another, both included, but not many more bytes than {@code bytesMax}. */
    List<StoredEvent> events(String persistenceId, long number, long from, long to, long bytesMax) {
        byte[] start = Keys.event(number, from);
        return iterate("the events of persistence id " + persistenceId, iterator -> {
            List<StoredEvent> events = new ArrayList<>();
            long bytes = 0;
            for (iterator.seek(start); iterator.isValid() && bytes < bytesMax; iterator.next()) {
                long sequenceNr = Keys.sequenceNrBeside(start, iterator.key());
                if (sequenceNr < 0 || sequenceNr > to) {
                    break;
                }
                byte[] record = iterator.value();
                events.add(new StoredEvent(sequenceNr, record));
                bytes += record.length;
            }
            return events;
        });
    }

    /** The snapshots that match, the newest first; those with a damaged index record match by their number alone. */
    List<IndexedSnapshot> snapshots(String persistenceId, long number, SnapshotSelectionCriteria criteria) {
        byte[] start = Keys.snapshotIndex(number, criteria.maxSequenceNr());
        return iterate("the snapshots of persistence id " + persistenceId, iterator -> {
            List<IndexedSnapshot> snapshots = new ArrayList<>();
            for (iterator.seekForPrev(start); iterator.isValid(); iterator.prev()) {
                long sequenceNr = Keys.sequenceNrBeside(start, iterator.key());
                if (sequenceNr < 0 || sequenceNr < criteria.minSequenceNr()) {
                    break;
                }
                IndexedSnapshot snapshot = indexed(persistenceId, sequenceNr, iterator.value());
                if (snapshot.matches(criteria)) {
                    snapshots.add(snapshot);
                }
            }
            return snapshots;
        });
    }

    byte @Nullable [] snapshot(String persistenceId, long number, long sequenceNr) {
        return get(Keys.snapshot(number, sequenceNr), "snapshot " + sequenceNr + " of persistence id " + persistenceId);
    }

    private static IndexedSnapshot indexed(String persistenceId, long sequenceNr, byte[] value) {
        boolean intact = value.length == NUMBER_BYTES && Checksum.matches(value, persistenceId, sequenceNr);
        return new IndexedSnapshot(sequenceNr, intact ? ByteBuffer.wrap(value).getLong(Checksum.BYTES) : null);
    }

    private static long checkedLong(byte[] value, String persistenceId, long sequenceNr, String name) {
        if (value.length != NUMBER_BYTES || !Checksum.matches(value, persistenceId, sequenceNr)) {
            throw new CorruptRecordException(name + " is damaged");
        }
        return ByteBuffer.wrap(value).getLong(Checksum.BYTES);
    }

    private byte @Nullable [] get(byte[] key, String name) {
        try {
            return database.get(key);
        } catch (RocksDBException e) {
            throw unreadable(name, e);
        }
    }

    private <T> T iterate(String name, Database.Reading<T> reading) {
        try {
            return database.iterate(reading);
        } catch (RocksDBException e) {
            throw unreadable(name, e);
        }
    }

    private static JournalException unreadable(String name, RocksDBException e) {
        Status status = e.getStatus();
        boolean corrupt = status != null && status.getCode() == Status.Code.Corruption;
        String message = name + " cannot be read: " + e.getMessage();
        return corrupt ? new CorruptRecordException(message, e) : new JournalException(message, e);
    }
}
