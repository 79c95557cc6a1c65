package io.pinion.actors.database;

import io.pinion.actors.backup.ArchiveWriter;
import io.pinion.actors.backup.BackupHead;
import io.pinion.actors.backup.BackupManifest.Point;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.snapshot.SnapshotSource;
import io.pinion.store.tx.FrozenView;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/** A backup of one state, from a frozen view of it. It is complete only when the journal is durable up to that state. */
final class StateBackup implements Transfers.Outgoing {
    /** The log is behind by what is in flight, not more. */
    private static final long LOG_TIMEOUT_SECONDS = 600;

    private final DatabaseServices services;
    private final SnapshotSource source;
    private final BackupHead head;
    private final long timeMicros;

    /**
     * @param source its view is closed at the end of the writing
     * @param timeMicros when it was taken
     */
    StateBackup(DatabaseServices services, SnapshotSource source, BackupHead head, long timeMicros) {
        this.services = services;
        this.source = source;
        this.head = head;
        this.timeMicros = timeMicros;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (FrozenView view = source.view();
                ArchiveWriter archive = new ArchiveWriter(out, head)) {
            long offset = source.mark().offset();
            IndexEntry.Snapshot state = new IndexEntry.Snapshot(
                    timeMicros,
                    offset,
                    source.log(),
                    IndexEntry.Chunks.NONE,
                    source.program(),
                    source.ids(),
                    view.sequences());
            BackupParts parts = new BackupParts(archive, services.programs());
            parts.state(
                    state,
                    copy -> copy.view(
                            view, services.settings().durability().eventBytesMax(), BackupParts::isInterrupted));
            source.mark()
                    .durable()
                    .toCompletableFuture()
                    .orTimeout(LOG_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .join();
            Point point = new Point(offset, timeMicros);
            archive.finish(point, point, parts.tables());
        }
    }
}
