package io.pinion.actors.database;

import io.pinion.actors.backup.ArchiveWriter;
import io.pinion.actors.backup.BackupHead;
import io.pinion.actors.backup.BackupManifest.Point;
import io.pinion.actors.durability.IndexedEntry;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.durability.LogRecovery;
import io.pinion.actors.durability.Recoveries;
import io.pinion.actors.snapshot.Snapshots;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A backup of everything that the journal has kept of a database: the oldest snapshot, or nothing, and the log from there
 * on. Nothing is deleted meanwhile.
 */
final class LogBackup implements Transfers.Outgoing {
    private final DatabaseServices services;
    private final Identity database;
    private final BackupHead head;
    private final Supplier<LogPosition> durable;
    private final long timeMicros;

    /**
     * @param durable how far the log is durable, asked on another thread
     * @param timeMicros before it is asked
     */
    LogBackup(
            DatabaseServices services,
            Identity database,
            BackupHead head,
            Supplier<LogPosition> durable,
            long timeMicros) {
        this.services = services;
        this.database = database;
        this.head = head;
        this.durable = durable;
        this.timeMicros = timeMicros;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (Snapshots.Hold _ = services.snapshots().hold(database);
                ArchiveWriter archive = new ArchiveWriter(out, head)) {
            Recoveries recoveries = services.recoveries();
            List<IndexedEntry> index =
                    recoveries.index(database).toCompletableFuture().join();
            LogPosition last = durable.get();
            BackupParts parts = new BackupParts(archive, services.programs());
            LogCopy copy = new LogCopy(parts, recoveries, database);
            LogRecovery reading = recoveries.begin(database, copy);
            Optional<Point> base = Snapshots.kept(index).stream().findFirst().map(snapshot -> {
                copy.state(snapshot);
                reading.restored(snapshot);
                return new Point(snapshot.offset(), snapshot.timestampMicros());
            });
            LogPosition end = reading.readTo(last.sequenceNr(), Recovering.cuts(index))
                    .toCompletableFuture()
                    .join();
            copy.end();
            Point first = base.or(copy::first)
                    .orElseThrow(() -> new IllegalStateException("there is no database in the log of " + database));
            archive.finish(first, new Point(end.offset(), Math.max(timeMicros, first.timeMicros())), parts.tables());
        }
    }
}
