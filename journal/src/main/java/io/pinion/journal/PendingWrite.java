package io.pinion.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One atomic write on its way to the disk: its events as records, or the reason why they could not be made into any. */
final class PendingWrite {
    private final String persistenceId;
    private final String writer;
    private final long sequenceNrFirst;
    private final List<byte[]> records;
    private final long recordBytes;
    private final @Nullable Exception refusal;

    private PendingWrite(
            String persistenceId,
            String writer,
            long sequenceNrFirst,
            List<byte[]> records,
            @Nullable Exception refusal) {
        this.persistenceId = persistenceId;
        this.writer = writer;
        this.sequenceNrFirst = sequenceNrFirst;
        this.records = records;
        this.recordBytes = records.stream().mapToLong(record -> record.length).sum();
        this.refusal = refusal;
    }

    static PendingWrite of(String persistenceId, String writer, long sequenceNrFirst, List<byte[]> records) {
        return new PendingWrite(persistenceId, writer, sequenceNrFirst, records, null);
    }

    /** @param records what keeps the numbers of the events that are not stored */
    static PendingWrite refused(
            String persistenceId, String writer, long sequenceNrFirst, List<byte[]> records, Exception refusal) {
        return new PendingWrite(persistenceId, writer, sequenceNrFirst, records, refusal);
    }

    String persistenceId() {
        return persistenceId;
    }

    String writer() {
        return writer;
    }

    long sequenceNrFirst() {
        return sequenceNrFirst;
    }

    long sequenceNrLast() {
        return sequenceNrFirst + records.size() - 1;
    }

    /** One record for each sequence number, in order. */
    List<byte[]> records() {
        return records;
    }

    long recordBytes() {
        return recordBytes;
    }

    @Nullable
    Exception refusal() {
        return refusal;
    }
}
