package io.pinion.journal;

import io.pinion.journal.StoreReader.IndexedSnapshot;
import io.pinion.journal.Writers.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Turns operations into one WriteBatch. Each operation first reads what it needs, which may fail and then concerns this
 * operation alone, and only then adds to the batch. Used by the commit thread.
 */
final class BatchBuilder implements AutoCloseable {
    private final StoreReader reader;
    private final Writers writers;
    private final JournalCounters counters;
    private final WriteBatch batch = new WriteBatch();
    private final List<Writer> changed = new ArrayList<>();
    private final List<Operation> members = new ArrayList<>();
    private final List<Runnable> acknowledgements = new ArrayList<>();

    BatchBuilder(StoreReader reader, Writers writers, JournalCounters counters) {
        this.reader = reader;
        this.writers = writers;
        this.counters = counters;
    }

    boolean isEmpty() {
        return batch.count() == 0 && changed.isEmpty();
    }

    /** Whether the operation reads what this batch may still be about to write, and therefore has to open a batch. */
    boolean mustWait(Operation operation) {
        return operation instanceof Operation.DeleteSnapshots && !isEmpty();
    }

    /** Adds the operation, or fails it if what it needs cannot be read. */
    void add(Operation operation) throws RocksDBException {
        members.add(operation);
        try {
            switch (operation) {
                case Operation.Append append -> addAppend(append);
                case Operation.DeleteEvents delete -> addDeleteEvents(delete);
                case Operation.SaveSnapshot save -> addSaveSnapshot(save);
                case Operation.DeleteSnapshots delete -> addDeleteSnapshots(delete);
                case Operation.Barrier barrier -> acknowledge(barrier.done());
            }
        } catch (JournalException e) {
            operation.done().completeExceptionally(e);
        }
    }

    /** The batch, with the highest sequence numbers that follow from it. */
    WriteBatch complete() throws RocksDBException {
        for (Writer writer : changed) {
            batch.put(Keys.state(writer.number()), writer.state().encode(writer.persistenceId()));
            writer.clearChanged();
        }
        changed.clear();
        return batch;
    }

    /** Tells everybody who has a part in the batch that it is on the disk, and starts the next. */
    void acknowledgeAll() {
        acknowledgements.forEach(Runnable::run);
        batch.clear();
        members.clear();
        acknowledgements.clear();
        writers.trim();
    }

    void failAll(Throwable cause) {
        members.forEach(member -> member.done().completeExceptionally(cause));
        members.clear();
    }

    @Override
    public void close() {
        batch.close();
    }

    private void addAppend(Operation.Append append) throws RocksDBException {
        List<Writer> targets = new ArrayList<>(append.writes().size());
        for (PendingWrite write : append.writes()) {
            targets.add(writers.of(write.persistenceId()));
        }
        List<Optional<Exception>> results = new ArrayList<>(targets.size());
        boolean rejected = false;
        for (int i = 0; i < targets.size(); i++) {
            Exception rejection = addWrite(targets.get(i), append.writes().get(i));
            results.add(Optional.ofNullable(rejection));
            rejected |= rejection != null;
        }
        List<Optional<Exception>> answer = rejected ? results : List.of();
        acknowledgements.add(() -> {
            count(append.writes(), results);
            append.done().complete(answer);
        });
    }

    private @Nullable Exception addWrite(Writer writer, PendingWrite write) throws RocksDBException {
        long expected = writer.state().highest() + 1;
        if (write.sequenceNrFirst() != expected || writer.isRefused(write.writer())) {
            writer.refuse(write.writer());
            return new SequenceConflictException("persistence id " + write.persistenceId() + " expects sequence number "
                    + expected + ", but writer " + write.writer() + " sent " + write.sequenceNrFirst()
                    + " or was refused before; another writer has taken over");
        }
        storeNumber(writer);
        long sequenceNr = write.sequenceNrFirst();
        for (byte[] record : write.records()) {
            batch.put(Keys.event(writer.number(), sequenceNr++), record);
        }
        change(writer, new WriterState(write.sequenceNrLast(), writer.state().deletedTo()));
        return write.refusal();
    }

    private void addDeleteEvents(Operation.DeleteEvents delete) throws RocksDBException {
        Writer writer = writers.of(delete.persistenceId());
        WriterState state = writer.state();
        long last = Math.min(delete.sequenceNrLast(), state.highest());
        if (last > state.deletedTo()) {
            batch.deleteRange(
                    Keys.event(writer.number(), state.deletedTo() + 1), Keys.event(writer.number(), last + 1));
            change(writer, new WriterState(state.highest(), last));
        }
        acknowledge(delete.done());
    }

    private void addSaveSnapshot(Operation.SaveSnapshot save) throws RocksDBException {
        SnapshotMetadata about = save.about();
        Writer writer = writers.of(about.persistenceId());
        storeNumber(writer);
        batch.put(
                Keys.snapshotIndex(writer.number(), about.sequenceNr()),
                StoreReader.snapshotIndexRecord(about.persistenceId(), about.sequenceNr(), about.timestamp()));
        batch.put(
                Keys.snapshot(writer.number(), about.sequenceNr()),
                save.record().bytes());
        acknowledge(save.done());
    }

    private void addDeleteSnapshots(Operation.DeleteSnapshots delete) throws RocksDBException {
        String persistenceId = delete.persistenceId();
        long number = reader.number(persistenceId);
        if (number != StoreReader.NO_NUMBER) {
            for (IndexedSnapshot snapshot : reader.snapshots(persistenceId, number, delete.criteria())) {
                batch.delete(Keys.snapshotIndex(number, snapshot.sequenceNr()));
                batch.delete(Keys.snapshot(number, snapshot.sequenceNr()));
            }
        }
        acknowledge(delete.done());
    }

    private void storeNumber(Writer writer) throws RocksDBException {
        if (!writer.numberStored()) {
            batch.put(
                    Keys.number(writer.persistenceId()),
                    StoreReader.numberRecord(writer.persistenceId(), writer.number()));
            batch.put(Keys.nextNumber(), StoreReader.numberRecord("", writers.nextNumber()));
            writer.markNumberStored();
        }
    }

    private void change(Writer writer, WriterState state) {
        writer.state(state);
        if (writer.markChanged()) {
            changed.add(writer);
        }
    }

    private void acknowledge(CompletableFuture<Void> done) {
        acknowledgements.add(() -> done.complete(null));
    }

    private void count(List<PendingWrite> writes, List<Optional<Exception>> results) {
        for (int i = 0; i < writes.size(); i++) {
            if (results.get(i).isPresent()) {
                counters.rejectedWrites.increment();
            } else {
                counters.atomicWrites.increment();
                counters.events.add(writes.get(i).records().size());
                counters.eventBytes.add(writes.get(i).recordBytes());
            }
        }
    }
}
