package io.pinion.actors.snapshot;

import io.pinion.actors.durability.IndexCodec;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.SideLogs;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Writes one snapshot, on a thread that may block. The chunks come first, then the manifest, once they and the log up to
 * the view are durable: whatever happens before leaves chunks that nothing refers to, and the next deletion takes them.
 */
final class SnapshotWriter {
    private static final long WRITE_TIMEOUT_SECONDS = 60;
    /** The log is behind by what is in flight, not more. */
    private static final long LOG_TIMEOUT_SECONDS = 600;

    private final SideLogs logs;
    private final SnapshotSource source;
    private final int eventBytesMax;
    private final BooleanSupplier isStopping;

    SnapshotWriter(SideLogs logs, SnapshotSource source, int eventBytesMax, BooleanSupplier isStopping) {
        this.logs = logs;
        this.source = source;
        this.eventBytesMax = eventBytesMax;
        this.isStopping = isStopping;
    }

    /**
     * @return what was written to the index
     * @throws CompletionException with the journal's reason if something could not be written
     */
    IndexEntry.Snapshot write(long nowMicros) {
        IndexEntry.Chunks chunks = new ChunkLog(logs, source.database(), eventBytesMax)
                .write(source.view(), source.requests(), source.mark().offset(), this::isToStop, _ -> {});
        await(source.mark().durable().toCompletableFuture(), LOG_TIMEOUT_SECONDS);
        IndexEntry.Snapshot manifest = new IndexEntry.Snapshot(
                nowMicros,
                source.mark().offset(),
                source.log(),
                chunks,
                source.program(),
                source.ids(),
                source.view().sequences());
        await(
                logs.append(LogNames.index(source.database()), IndexCodec.write(manifest))
                        .toCompletableFuture(),
                WRITE_TIMEOUT_SECONDS);
        return manifest;
    }

    private boolean isToStop() {
        return isStopping.getAsBoolean()
                || source.mark().durable().toCompletableFuture().isCompletedExceptionally();
    }

    private static <T> T await(CompletableFuture<T> future, long seconds) {
        return future.orTimeout(seconds, TimeUnit.SECONDS).join();
    }
}
