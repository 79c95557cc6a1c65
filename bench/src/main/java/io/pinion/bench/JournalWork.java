package io.pinion.bench;

import io.pinion.journal.JournalMetrics;
import io.pinion.journal.RocksDbStore;

/**
 * What the embedded journal did in a time.
 *
 * @param batches synced writes
 * @param bytes of the events in them
 */
record JournalWork(long batches, long bytes) {
    /** Everything so far. */
    static JournalWork of(BenchSystem system) {
        JournalMetrics metrics = RocksDbStore.get(system.system()).metrics();
        return new JournalWork(metrics.batches(), metrics.eventBytes());
    }

    JournalWork since(JournalWork earlier) {
        return new JournalWork(batches - earlier.batches, bytes - earlier.bytes);
    }

    int bytesPerBatch() {
        return Math.toIntExact(Math.max(1, bytes / Math.max(1, batches)));
    }

    double perBatch(long transactions) {
        return transactions / (double) Math.max(1, batches);
    }
}
