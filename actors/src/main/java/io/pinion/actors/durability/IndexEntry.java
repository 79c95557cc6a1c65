package io.pinion.actors.durability;

import io.pinion.modules.HostType;
import io.pinion.store.tx.Delta.SequencePosition;
import io.pinion.store.tx.SchemaIds;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Optional;

/** What is written about a log beside it, under {@link LogNames#index}; see {@link IndexCodec} for the bytes. */
public sealed interface IndexEntry {
    /**
     * An operator has cut the log: its events from one number to another do not count, both included. They stay in the
     * journal until the log is deleted beyond them.
     *
     * @param offset of the last entry before the cut; the log goes on after it
     * @param epoch no event that was cut has a newer one; the next is newer
     */
    record Cut(long timestampMicros, long sequenceNrFirst, long sequenceNrLast, long offset, long epoch)
            implements IndexEntry {}

    /**
     * A snapshot is whole, and the log durable up to it: the rows are under {@link LogNames#chunks}.
     *
     * @param offset of the newest commit that is in it
     * @param log where reading the log has to begin; entries up to {@code offset} are passed over
     * @param chunks where its rows are
     * @param program what ran
     * @param ids of tables and indexes
     * @param sequences where every sequence stands
     */
    record Snapshot(
            long timestampMicros,
            long offset,
            LogPosition log,
            Chunks chunks,
            ProgramFacts program,
            SchemaIds ids,
            List<SequencePosition> sequences)
            implements IndexEntry {
        public Snapshot {
            sequences = List.copyOf(sequences);
        }

        /** The same state with its rows somewhere else. */
        public Snapshot with(Chunks elsewhere) {
            return new Snapshot(timestampMicros, offset, log, elsewhere, program, ids, sequences);
        }
    }

    /**
     * @param sequenceNrFirst of the chunks, included; one more than the last if there are no rows
     * @param checksum CRC-32C of the checksums of all chunks, in order
     */
    record Chunks(long sequenceNrFirst, long sequenceNrLast, int checksum, long rowCount) {
        /** Of a state whose rows are in no log. */
        public static final Chunks NONE = new Chunks(1, 0, 0, 0);
    }

    /**
     * @param definition raw, with its version tag
     * @param guestLibrary as in {@link LogEntry.Published}
     */
    record ProgramFacts(
            Identity owner, HostType hostType, Bytes programHash, Bytes definition, Optional<Bytes> guestLibrary) {}
}
