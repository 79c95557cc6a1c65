package io.pinion.journal;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;

/** What the commit thread is asked for, in the order asked; {@code done} completes when it is on the disk. */
sealed interface Operation {
    CompletableFuture<?> done();

    /** A rough measure of what it holds in memory; 0 for what is never refused because much is waiting. */
    long bytes();

    /** @param done one element for each write: the reason if it was rejected; the list is empty if none was */
    record Append(List<PendingWrite> writes, long bytes, CompletableFuture<Iterable<Optional<Exception>>> done)
            implements Operation {
        static Append of(List<PendingWrite> writes) {
            long bytes = writes.stream()
                    .mapToLong(write -> OVERHEAD_BYTES + write.recordBytes())
                    .sum();
            return new Append(List.copyOf(writes), bytes, new CompletableFuture<>());
        }
    }

    /** Deletes the events up to and including {@code sequenceNrLast}. */
    record DeleteEvents(String persistenceId, long sequenceNrLast, CompletableFuture<Void> done) implements Operation {
        @Override
        public long bytes() {
            return 0;
        }
    }

    record SaveSnapshot(SnapshotMetadata about, Payload record, CompletableFuture<Void> done) implements Operation {
        @Override
        public long bytes() {
            return OVERHEAD_BYTES + record.bytes().length;
        }
    }

    record DeleteSnapshots(String persistenceId, SnapshotSelectionCriteria criteria, CompletableFuture<Void> done)
            implements Operation {
        @Override
        public long bytes() {
            return 0;
        }
    }

    /** Asks for nothing: done when everything that was asked for before it is on the disk. */
    record Barrier(CompletableFuture<Void> done) implements Operation {
        @Override
        public long bytes() {
            return 0;
        }
    }

    long OVERHEAD_BYTES = 100;

    /** Bytes handed over for good. */
    final class Payload {
        private final byte[] bytes;

        Payload(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }
}
