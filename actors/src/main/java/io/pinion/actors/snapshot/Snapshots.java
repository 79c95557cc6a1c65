package io.pinion.actors.snapshot;

import io.pinion.actors.durability.CorruptEventException;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.IndexedEntry;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.Recoveries;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.durability.SideLogs;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of the databases of one node. Writes a bounded number at a time, on threads of its own; who asks for one of
 * the same database again waits until the one before has ended. Threadsafe.
 */
public final class Snapshots implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

    private final SnapshotSettings settings;
    private final int eventBytesMax;
    private final SideLogs logs;
    private final Recoveries recoveries;
    private final LongSupplier epochMicros;
    private final ThreadPoolExecutor writers;
    /** Completed when the newest work on the chunks of a database has ended. */
    private final Map<Identity, CompletableFuture<@Nullable Void>> turns = new ConcurrentHashMap<>();

    private final Map<Identity, Integer> holds = new ConcurrentHashMap<>();

    /**
     * Not to be called on a core thread: threads are started here.
     *
     * @param eventBytesMax of a chunk
     * @param epochMicros wall clock
     */
    public Snapshots(
            SnapshotSettings settings,
            int eventBytesMax,
            SideLogs logs,
            Recoveries recoveries,
            LongSupplier epochMicros) {
        this.settings = settings;
        this.eventBytesMax = eventBytesMax;
        this.logs = logs;
        this.recoveries = recoveries;
        this.epochMicros = epochMicros;
        AtomicInteger count = new AtomicInteger();
        this.writers = new ThreadPoolExecutor(
                settings.atOnce(),
                settings.atOnce(),
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("pinion-snapshot-" + count.incrementAndGet())
                        .unstarted(task));
        writers.prestartAllCoreThreads();
    }

    /**
     * Writes a snapshot, then deletes what is no longer kept.
     *
     * @return completes when that is done; fails if the snapshot could not be written, which changes nothing
     */
    public CompletionStage<IndexEntry.Snapshot> take(SnapshotSource source) {
        return inTurn(source.database(), () -> onWriter(() -> write(source)))
                .thenCompose(written -> prune(source.database()).handle((_, failure) -> {
                    if (failure != null) {
                        log.warn(
                                "what database {} no longer needs is not deleted: {}",
                                source.database(),
                                failure.getMessage());
                    }
                    return written;
                }));
    }

    /** Lets one of what changes the chunks of a database run at a time. */
    private <T> CompletableFuture<T> inTurn(Identity database, Supplier<CompletionStage<T>> work) {
        CompletableFuture<@Nullable Void> turn = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> before = turns.put(database, turn);
        CompletableFuture<@Nullable Void> start = before == null ? CompletableFuture.completedFuture(null) : before;
        return start.thenCompose(_ -> work.get()).whenComplete((_, _) -> {
            turns.remove(database, turn);
            turn.complete(null);
        });
    }

    private <T> CompletionStage<T> onWriter(Supplier<T> write) {
        return CompletableFuture.supplyAsync(write, writers);
    }

    /**
     * Writes the rows of a state that comes from elsewhere. It becomes a part of the database only through an entry of its
     * log; until then the next deletion takes it.
     *
     * @param view closed here
     * @param state what it is, but for where its rows are
     * @param written told the bytes of each chunk that is in the journal
     * @return with where they are
     */
    public CompletionStage<IndexEntry.Snapshot> store(
            Identity database, FrozenView view, IndexEntry.Snapshot state, IntConsumer written) {
        return inTurn(database, () -> onWriter(() -> storeChunks(database, view, state, written)));
    }

    private IndexEntry.Snapshot storeChunks(
            Identity database, FrozenView view, IndexEntry.Snapshot state, IntConsumer written) {
        try (view) {
            IndexEntry.Chunks chunks = new ChunkLog(logs, database, eventBytesMax)
                    .write(view, RequestWindow.Content.EMPTY, state.offset(), writers::isShutdown, written);
            return state.with(chunks);
        }
    }

    /** The snapshots that are kept and say what the log says, oldest first. */
    public static List<IndexEntry.Snapshot> kept(List<IndexedEntry> index) {
        return Retention.usable(index).stream().map(Retention.Kept::snapshot).toList();
    }

    /** While it is open nothing of a database is deleted. */
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** What is there of a database now stays until the hold is closed. */
    public Hold hold(Identity database) {
        holds.merge(database, 1, Integer::sum);
        return () -> holds.computeIfPresent(database, (_, count) -> count == 1 ? null : count - 1);
    }

    private IndexEntry.Snapshot write(SnapshotSource source) {
        long startedNanos = System.nanoTime();
        try (var _ = source.view()) {
            IndexEntry.Snapshot written =
                    new SnapshotWriter(logs, source, eventBytesMax, writers::isShutdown).write(epochMicros.getAsLong());
            IndexEntry.Chunks chunks = written.chunks();
            log.info(
                    "database {} has a snapshot at offset {}: {} rows in {} chunks, {} ms",
                    source.database(),
                    written.offset(),
                    chunks.rowCount(),
                    chunks.sequenceNrLast() - chunks.sequenceNrFirst() + 1,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos));
            return written;
        }
    }

    /**
     * Deletes what is older than the oldest snapshot that is kept: first from the index, so that nothing refers to what
     * goes next, then chunks, then log. Whatever of it does not come to pass, the next one does.
     */
    private CompletionStage<Void> prune(Identity database) {
        if (holds.containsKey(database)) {
            return CompletableFuture.completedStage(null);
        }
        return recoveries.index(database).thenCompose(index -> {
            Optional<Retention.Kept> oldest = Retention.oldestKept(index, settings, epochMicros.getAsLong());
            if (oldest.isEmpty()) {
                return CompletableFuture.completedStage(null);
            }
            IndexEntry.Snapshot snapshot = oldest.get().snapshot();
            return logs.trim(LogNames.index(database), oldest.get().sequenceNr() - 1)
                    .thenCompose(_ -> logs.trim(
                            LogNames.chunks(database), snapshot.chunks().sequenceNrFirst() - 1))
                    .thenCompose(_ ->
                            logs.trim(LogNames.log(database), snapshot.log().sequenceNr()));
        });
    }

    /** The database has ended: its snapshots go. */
    public CompletionStage<Void> forget(Identity database) {
        return inTurn(
                database,
                () -> logs.trim(LogNames.index(database), Long.MAX_VALUE)
                        .thenCompose(_ -> logs.trim(LogNames.chunks(database), Long.MAX_VALUE)));
    }

    /** A snapshot that was loaded. */
    public record Loaded(
            IndexEntry.Snapshot snapshot, ModuleDef definition, Datastore store, RequestWindow.Content requests) {}

    /**
     * @param newest empty if there is no snapshot that is whole
     * @param leftOut how many newer ones could not be read
     */
    public record Found(Optional<Loaded> newest, int leftOut) {}

    /**
     * Loads the newest snapshot that is whole; a damaged one is left out with a warning for the one before it. Never fails:
     * whether the journal can be read is seen when the log is.
     */
    public CompletionStage<Found> newest(Identity database, List<IndexedEntry> index) {
        return newestOf(database, Retention.usable(index).reversed(), 0);
    }

    private CompletionStage<Found> newestOf(Identity database, List<Retention.Kept> newestFirst, int leftOut) {
        if (leftOut == newestFirst.size()) {
            return CompletableFuture.completedStage(new Found(Optional.empty(), leftOut));
        }
        IndexEntry.Snapshot snapshot = newestFirst.get(leftOut).snapshot();
        return load(database, snapshot)
                .handle((loaded, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedStage(new Found(Optional.of(loaded), leftOut));
                    }
                    log.warn(
                            "the snapshot of database {} at offset {} is left out: {}",
                            database,
                            snapshot.offset(),
                            failure.getMessage());
                    return newestOf(database, newestFirst, leftOut + 1);
                })
                .thenCompose(next -> next);
    }

    /** Loads one; fails if it is not whole. */
    public CompletionStage<Loaded> load(Identity database, IndexEntry.Snapshot snapshot) {
        StateLoader loader;
        try {
            loader = StateLoader.of(snapshot);
        } catch (CorruptEventException e) {
            return CompletableFuture.failedStage(e);
        }
        BlockReader blocks = loader.blocks();
        IndexEntry.Chunks chunks = snapshot.chunks();
        return recoveries.stream(
                        LogNames.chunks(database),
                        chunks.sequenceNrFirst(),
                        chunks.sequenceNrLast(),
                        event -> BlockReader.Decoded.of(event.unsafeArray()),
                        blocks::chunk)
                .thenApply(_ -> {
                    blocks.end();
                    return loader.loaded();
                });
    }

    /** Ends its threads; snapshots under way are given up. */
    @Override
    public void close() {
        writers.shutdown();
    }
}
