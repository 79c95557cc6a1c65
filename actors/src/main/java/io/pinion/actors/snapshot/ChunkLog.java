package io.pinion.actors.snapshot;

import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.durability.SideLogs;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.value.Identity;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/** Writes states of one database to the log of its chunks. Used by one thread, which blocks. */
final class ChunkLog {
    private static final long WRITE_TIMEOUT_SECONDS = 60;

    private final SideLogs logs;
    private final Identity database;
    private final int eventBytesMax;
    private long sequenceNrFirst;
    private long sequenceNrLast;

    ChunkLog(SideLogs logs, Identity database, int eventBytesMax) {
        this.logs = logs;
        this.database = database;
        this.eventBytesMax = eventBytesMax;
    }

    /**
     * Writes the tables of a view and what goes with them.
     *
     * @param written told the bytes of each chunk that is in the journal
     * @return where they are
     * @throws CompletionException with the journal's reason if something could not be written
     */
    IndexEntry.Chunks write(
            FrozenView view,
            RequestWindow.Content requests,
            long offset,
            BooleanSupplier isStopping,
            IntConsumer written) {
        sequenceNrFirst = 0;
        try (SideLogs.Writer out = logs.open(LogNames.chunks(database))) {
            StateWriter writer = new StateWriter(view, requests, offset, eventBytesMax, isStopping, event -> {
                append(out, event, isStopping);
                written.accept(event.length);
            });
            writer.write();
            return writer.chunks(sequenceNrFirst, sequenceNrLast);
        }
    }

    private void append(SideLogs.Writer out, byte[] event, BooleanSupplier isStopping) {
        if (isStopping.getAsBoolean()) {
            throw new IllegalStateException("the snapshot is not needed any more");
        }
        long sequenceNr = out.append(event)
                .orTimeout(WRITE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
        if (sequenceNrFirst == 0) {
            sequenceNrFirst = sequenceNr;
        }
        sequenceNrLast = sequenceNr;
    }
}
