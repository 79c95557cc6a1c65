package io.pinion.journal;

import com.typesafe.config.Config;
import io.pinion.journal.StoreReader.IndexedSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.snapshot.japi.SnapshotStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/**
 * The snapshot store plugin {@code pinion.snapshot-store}, beside the journal in the same RocksDB.
 *
 * <p>Loading takes the newest snapshot that matches. A damaged one is skipped with a warning for the one before it, or
 * for none; unless the events that would then have to be replayed are deleted, in which case the load fails.
 */
public final class RocksDbSnapshotStore extends SnapshotStore {
    private static final Logger log = LoggerFactory.getLogger(RocksDbSnapshotStore.class);

    private final RocksDbStore store;
    private final Executor readDispatcher;

    /** @param config the section {@code pinion.snapshot-store} with Pekko's fallback */
    public RocksDbSnapshotStore(Config config) {
        this.store = RocksDbStore.get(context().system());
        this.readDispatcher = context().system().dispatchers().lookup(config.getString("read-dispatcher"));
    }

    /** Sees every snapshot whose saving or deletion was asked for before. */
    @Override
    public Future<Optional<SelectedSnapshot>> doLoadAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        Operation.Barrier barrier = new Operation.Barrier(new CompletableFuture<>());
        store.submit(barrier);
        return FutureConverters.asScala(
                Futures.readAfter(barrier.done(), readDispatcher, () -> load(persistenceId, criteria)));
    }

    @Override
    public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
        Operation.Payload record = new Operation.Payload(store.codec().encodeSnapshot(metadata, snapshot));
        Operation.SaveSnapshot save = new Operation.SaveSnapshot(metadata, record, new CompletableFuture<>());
        store.submit(save);
        return FutureConverters.asScala(save.done());
    }

    /** Deletes the snapshot of that sequence number; a time stamp other than 0 must be its own. */
    @Override
    public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
        long sequenceNr = metadata.sequenceNr();
        long timestampMax = metadata.timestamp() == 0 ? Long.MAX_VALUE : metadata.timestamp();
        SnapshotSelectionCriteria exactly =
                SnapshotSelectionCriteria.create(sequenceNr, timestampMax, sequenceNr, metadata.timestamp());
        return doDeleteAsync(metadata.persistenceId(), exactly);
    }

    @Override
    public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        Operation.DeleteSnapshots delete =
                new Operation.DeleteSnapshots(persistenceId, criteria, new CompletableFuture<>());
        store.submit(delete);
        return FutureConverters.asScala(delete.done());
    }

    private Optional<SelectedSnapshot> load(String persistenceId, SnapshotSelectionCriteria criteria) {
        long number = store.reader().number(persistenceId);
        if (number == StoreReader.NO_NUMBER) {
            return Optional.empty();
        }
        List<IndexedSnapshot> candidates = store.reader().snapshots(persistenceId, number, criteria);
        CorruptRecordException damage = null;
        for (IndexedSnapshot candidate : candidates) {
            try {
                SelectedSnapshot snapshot = read(persistenceId, number, candidate);
                if (damage != null) {
                    requireReplayable(persistenceId, number, candidate.sequenceNr(), damage);
                }
                return Optional.of(snapshot);
            } catch (CorruptRecordException e) {
                log.warn("{}; trying the snapshot before it", e.getMessage());
                damage = e;
            }
        }
        if (damage != null) {
            requireReplayable(persistenceId, number, 0, damage);
        }
        return Optional.empty();
    }

    private SelectedSnapshot read(String persistenceId, long number, IndexedSnapshot candidate) {
        long sequenceNr = candidate.sequenceNr();
        byte[] record = store.reader().snapshot(persistenceId, number, sequenceNr);
        if (record == null || candidate.timestamp() == null) {
            throw new CorruptRecordException(
                    "snapshot " + sequenceNr + " of persistence id " + persistenceId + " is damaged: its "
                            + (record == null ? "record is missing" : "index record has a wrong checksum"));
        }
        return store.codec().decodeSnapshot(persistenceId, sequenceNr, record);
    }

    /** Going back to an older state is right only while the events after it are there. */
    private void requireReplayable(String persistenceId, long number, long sequenceNr, CorruptRecordException damage) {
        WriterState journal = store.reader().state(persistenceId, number);
        boolean eventsAreHere = journal.highest() > 0;
        if (journal.deletedTo() > sequenceNr || (sequenceNr == 0 && !eventsAreHere)) {
            throw new CorruptRecordException(
                    damage.getMessage() + "; the events of persistence id " + persistenceId + " after " + sequenceNr
                            + " that could replace it are deleted",
                    damage);
        }
    }
}
