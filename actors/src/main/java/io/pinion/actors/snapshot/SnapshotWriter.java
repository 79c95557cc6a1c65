package io.pinion.actors.snapshot;

import io.pinion.actors.durability.IndexCodec;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.RequestCodec;
import io.pinion.actors.durability.SideLogs;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.TableInfo;
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
    private long sequenceNrFirst;
    private long sequenceNrLast;

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
        IndexEntry.Chunks chunks;
        try (SideLogs.Writer out = logs.open(LogNames.chunks(source.database()))) {
            chunks = writeChunks(out);
        }
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

    private IndexEntry.Chunks writeChunks(SideLogs.Writer out) {
        FrozenView view = source.view();
        RowSource rows = view.reader(this::isToStop);
        BlockWriter blocks = new BlockWriter(source.mark().offset(), eventBytesMax, event -> append(out, event));
        for (TableInfo table : view.tables()) {
            if (!table.isEvent()) {
                blocks.begin(table.id());
                int code = rows.scanTable(table.id(), blocks);
                if (code != StoreCode.OK) {
                    throw new IllegalStateException("table " + table.name() + " cannot be read: " + code);
                }
            }
        }
        blocks.begin(RequestCodec.TABLE_ID);
        RequestCodec.write(source.requests(), blocks);
        blocks.end();
        if (blocks.chain().count() == 0) {
            return new IndexEntry.Chunks(1, 0, blocks.chain().checksum(), 0);
        }
        return new IndexEntry.Chunks(
                sequenceNrFirst, sequenceNrLast, blocks.chain().checksum(), blocks.rowCount());
    }

    private void append(SideLogs.Writer out, byte[] event) {
        if (isToStop()) {
            throw new IllegalStateException("the snapshot is not needed any more");
        }
        long sequenceNr = await(out.append(event), WRITE_TIMEOUT_SECONDS);
        if (sequenceNrFirst == 0) {
            sequenceNrFirst = sequenceNr;
        }
        sequenceNrLast = sequenceNr;
    }

    private boolean isToStop() {
        return isStopping.getAsBoolean()
                || source.mark().durable().toCompletableFuture().isCompletedExceptionally();
    }

    private static <T> T await(CompletableFuture<T> future, long seconds) {
        return future.orTimeout(seconds, TimeUnit.SECONDS).join();
    }
}
