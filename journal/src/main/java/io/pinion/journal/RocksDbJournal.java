package io.pinion.journal;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/**
 * The journal plugin {@code pinion.journal}; Pekko creates it, applications name it in their configuration.
 *
 * <p>An atomic write is stored whole or not at all. It must carry the next sequence number of its persistence id; any
 * other is rejected with a {@link SequenceConflictException}, and so is everything else of that writer. An event that
 * cannot be serialized rejects its atomic write alone and uses up its numbers. A write that could not be synced fails,
 * and stops the store: see {@link RocksDbStore#failure}.
 */
public final class RocksDbJournal extends AsyncWriteJournal {
    private final RocksDbStore store;
    private final Executor replayDispatcher;

    /** @param config the section {@code pinion.journal} with Pekko's fallback */
    public RocksDbJournal(Config config) {
        this.store = RocksDbStore.get(context().system());
        this.replayDispatcher = context().system().dispatchers().lookup(config.getString("replay-dispatcher"));
    }

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> messages) {
        List<PendingWrite> writes = new ArrayList<>();
        for (AtomicWrite message : messages) {
            writes.add(encode(message));
        }
        Operation.Append append = Operation.Append.of(writes);
        store.submit(append);
        return FutureConverters.asScala(append.done());
    }

    @Override
    public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
        Operation.DeleteEvents delete =
                new Operation.DeleteEvents(persistenceId, toSequenceNr, new CompletableFuture<>());
        store.submit(delete);
        return FutureConverters.asScala(delete.done());
    }

    @Override
    public Future<Void> doAsyncReplayMessages(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            long max,
            Consumer<PersistentRepr> replayCallback) {
        EventCursor.Range range = new EventCursor.Range(fromSequenceNr, toSequenceNr, max);
        return FutureConverters.asScala(
                new Replay(store, replayDispatcher, persistenceId, range, replayCallback).start());
    }

    /** Answers when every write asked for before is on the disk, so that a restarted actor does not reuse a number. */
    @Override
    public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
        Operation.Barrier barrier = new Operation.Barrier(new CompletableFuture<>());
        store.submit(barrier);
        return FutureConverters.asScala(Futures.readAfter(
                barrier.done(),
                replayDispatcher,
                () -> store.reader().state(persistenceId).highest()));
    }

    private PendingWrite encode(AtomicWrite write) {
        List<PersistentRepr> events = CollectionConverters.asJava(write.payload());
        String writer = events.getFirst().writerUuid();
        requireConsecutive(events);
        try {
            List<byte[]> records = new ArrayList<>(events.size());
            for (PersistentRepr event : events) {
                records.add(store.codec().encodeEvent(event));
            }
            return PendingWrite.of(write.persistenceId(), writer, write.lowestSequenceNr(), records);
        } catch (Exception e) {
            return refused(write, events, writer, e);
        } catch (StackOverflowError | LinkageError e) {
            // A serializer that fails in this way is no reason to take the plugin down with it.
            return refused(write, events, writer, new JournalException("a serializer failed: " + e, e));
        }
    }

    private static PendingWrite refused(
            AtomicWrite write, List<PersistentRepr> events, String writer, Exception reason) {
        List<byte[]> records = new ArrayList<>(events.size());
        for (PersistentRepr event : events) {
            records.add(RecordCodec.encodeRejected(event.persistenceId(), event.sequenceNr()));
        }
        return PendingWrite.refused(write.persistenceId(), writer, write.lowestSequenceNr(), records, reason);
    }

    private static void requireConsecutive(List<PersistentRepr> events) {
        long expected = events.getFirst().sequenceNr();
        for (PersistentRepr event : events) {
            if (event.sequenceNr() != expected) {
                throw new IllegalArgumentException("an atomic write of persistence id " + event.persistenceId()
                        + " must have consecutive sequence numbers, but " + event.sequenceNr() + " stands where "
                        + expected + " should");
            }
            expected++;
        }
    }
}
