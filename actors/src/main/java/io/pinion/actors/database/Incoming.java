package io.pinion.actors.database;

import io.pinion.actors.backup.ArchiveReader;
import io.pinion.actors.backup.BackupException;
import io.pinion.actors.backup.BackupHead;
import io.pinion.actors.backup.BackupManifest;
import io.pinion.actors.backup.PartKind;
import io.pinion.actors.database.Database.RestorePoint;
import io.pinion.actors.durability.CorruptEventException;
import io.pinion.actors.durability.EntryBlock;
import io.pinion.actors.durability.IndexCodec;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.snapshot.Snapshots;
import io.pinion.actors.snapshot.StateLoader;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a state from an archive: reads it to its end, checks it, and writes its program and its rows to the journal, where
 * nothing refers to them yet. Used once, by one thread, which may block; {@link #cancel} is for any.
 */
final class Incoming implements Transfers.Receiver<Incoming.Ready> {
    private static final long WRITE_TIMEOUT_SECONDS = 60;

    private final DatabaseServices services;
    private final Identity database;
    private final RestorePoint point;
    private final Identity owner;
    private final RestoreMeter meter;
    private final RecoveredState state;
    private volatile boolean isCancelled;
    private @Nullable StateLoader loading;
    private IndexEntry.@Nullable Snapshot loadingState;
    private Bytes program = Bytes.EMPTY;
    private boolean hasState;
    /** Whether what comes is later than what is wanted. */
    private boolean isPast;

    private long offset;
    private long offsetSeen;
    private long timeMicros;

    /**
     * A state whose rows and program are in the journal.
     *
     * @param state its offset is that in the backup
     */
    record Ready(IndexEntry.Snapshot state) {}

    /**
     * @param owner of what is restored
     * @param meter shows how far it has come
     */
    Incoming(DatabaseServices services, Identity database, RestorePoint point, Identity owner, RestoreMeter meter) {
        this.services = services;
        this.database = database;
        this.point = point;
        this.owner = owner;
        this.meter = meter;
        this.state = new RecoveredState(
                new RequestWindow(services.settings().durability().requests()), Incoming::misplaced);
    }

    private static Snapshots.Loaded misplaced(IndexEntry.Snapshot misplaced) {
        throw new CorruptEventException("the state at offset " + misplaced.offset() + " stands in the middle of a log");
    }

    /** It is not wanted any more: ends soon, and fails. */
    void cancel() {
        isCancelled = true;
        state.abandon();
    }

    /** @throws BackupException if nothing can be restored from it; the message is for whoever asked */
    @Override
    public Ready readFrom(InputStream in) throws IOException {
        long bytesMax = services.settings().transfer().restoreBytesMax();
        BackupManifest manifest = new ArchiveReader(in, bytesMax).read(new Parts());
        requireWithin(manifest);
        Program runs = state.program();
        Datastore store = state.store();
        if (runs == null || store == null) {
            throw new BackupException("there was no database at " + text(point) + ": it had ended");
        }
        if (!Hashes.keccak256(program).equals(runs.hash())) {
            throw new BackupException(
                    "the backup lacks the program " + runs.hash().toHex());
        }
        meter.step(RestoreProgress.Step.CHECKING);
        requireValidRows(store);
        requireWanted();
        meter.step(RestoreProgress.Step.WRITING);
        return write(runs, store);
    }

    private void requireWanted() {
        if (isCancelled) {
            throw new IllegalStateException("the restore was given up");
        }
    }

    private final class Parts implements ArchiveReader.Receiver {
        @Override
        public void head(BackupHead head) {}

        @Override
        @SuppressWarnings("IllegalCatch") // whatever does not fit shows that the archive does not hold what it should
        public void frame(PartKind kind, byte[] bytes) {
            requireWanted();
            try {
                meter.read(bytes.length, take(kind, bytes));
            } catch (CorruptEventException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new CorruptEventException("it does not fit: " + e.getMessage(), e);
            }
        }
    }

    /** @return how many rows it has taken */
    private long take(PartKind kind, byte[] bytes) {
        if (kind != PartKind.ROWS) {
            endState();
        }
        return switch (kind) {
            case PROGRAM -> {
                if (!isPast) {
                    program = Bytes.wrap(bytes);
                }
                yield 0;
            }
            case STATE -> {
                beginState(bytes);
                yield 0;
            }
            case ROWS -> rows(bytes);
            case LOG -> entries(EntryBlock.read(bytes));
        };
    }

    private long rows(byte[] chunk) {
        StateLoader loaded = loading;
        if (loaded == null) {
            if (!isPast) {
                throw new CorruptEventException("rows come before their state");
            }
            return 0;
        }
        long before = loaded.rowCount();
        loaded.chunk(chunk);
        return loaded.rowCount() - before;
    }

    private void beginState(byte[] bytes) {
        if (!(IndexCodec.read(bytes) instanceof IndexEntry.Snapshot begun)) {
            throw new CorruptEventException("it is no state");
        }
        requireNext(begun.offset());
        isPast |= isLater(begun.offset(), begun.timestampMicros());
        if (!isPast) {
            loading = StateLoader.of(begun);
            loadingState = begun;
        }
    }

    private void endState() {
        StateLoader loaded = loading;
        IndexEntry.Snapshot of = loadingState;
        if (loaded != null && of != null) {
            loading = null;
            state.restore(loaded.end());
            reached(of.offset(), of.timestampMicros());
        }
    }

    private long entries(EntryBlock.Entries block) {
        long next = block.offsetFirst();
        long rows = 0;
        for (LogEntry entry : block.entries()) {
            requireNext(next);
            isPast |= isLater(next, entry.timestampMicros());
            if (!isPast) {
                state.apply(next, entry);
                reached(next, entry.timestampMicros());
                rows += entry.rowCount();
            }
            next++;
        }
        return rows;
    }

    private void requireNext(long next) {
        if (offsetSeen != 0 && next != offsetSeen + 1) {
            throw new CorruptEventException("offset " + next + " follows " + offsetSeen);
        }
        offsetSeen = next;
    }

    private void reached(long at, long micros) {
        hasState = true;
        offset = at;
        timeMicros = Math.max(timeMicros, micros);
    }

    private boolean isLater(long at, long micros) {
        return switch (point) {
            case RestorePoint.Latest _ -> false;
            case RestorePoint.AtOffset(long wanted) -> at > wanted;
            case RestorePoint.AtTime(long wanted) -> micros > wanted;
        };
    }

    private void requireWithin(BackupManifest manifest) {
        endState();
        BackupManifest.Point first = manifest.first();
        BackupManifest.Point last = manifest.last();
        boolean isOutside = switch (point) {
            case RestorePoint.Latest _ -> false;
            case RestorePoint.AtOffset(long wanted) -> wanted < first.offset() || wanted > last.offset();
            case RestorePoint.AtTime(long wanted) -> wanted < first.timeMicros() || wanted > last.timeMicros();
        };
        if (isOutside || !hasState) {
            throw new BackupException(text(point) + " is not in the backup: it holds "
                    + (manifest.hasLog() ? "the states from " + text(first) + " to " + text(last) : text(first)));
        }
        if (offsetSeen != last.offset()) {
            throw new BackupException(
                    "the backup ends at offset " + offsetSeen + ", where its manifest says " + last.offset());
        }
    }

    private static String text(RestorePoint point) {
        return switch (point) {
            case RestorePoint.Latest _ -> "its newest state";
            case RestorePoint.AtOffset(long wanted) -> "offset " + wanted;
            case RestorePoint.AtTime(long wanted) -> instant(wanted).toString();
        };
    }

    private static String text(BackupManifest.Point point) {
        return "offset " + point.offset() + " (" + instant(point.timeMicros()) + ")";
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** What an archive holds was not checked by the database it is from, if there ever was one. */
    private static void requireValidRows(Datastore store) {
        try (FrozenView view = store.freeze("a check")) {
            for (TableInfo table : view.tables()) {
                BsatnLayout layout = BsatnLayout.of(table.rowType());
                int code = view.reader().scanTable(table.id(), (bytes, at, length) -> {
                    if (layout.checkRow(bytes, at, at + length) != at + length) {
                        throw new BackupException("a row of table " + table.name() + " in the backup is too long");
                    }
                });
                if (code != StoreCode.OK) {
                    throw new IllegalStateException("table " + table.name() + " cannot be read: " + code);
                }
            }
        } catch (BsatnException e) {
            throw new BackupException("a row in the backup is no value of its type: " + e.getMessage());
        }
    }

    private Ready write(Program runs, Datastore store) {
        services.programs()
                .store(runs.hash(), program)
                .toCompletableFuture()
                .orTimeout(WRITE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
        FrozenView view = store.freeze("a restore");
        IndexEntry.Snapshot restored = new IndexEntry.Snapshot(
                timeMicros,
                offset,
                new LogPosition(0, 0, 0, false),
                IndexEntry.Chunks.NONE,
                new IndexEntry.ProgramFacts(
                        owner, runs.hostType(), runs.hash(), runs.definition().raw(), runs.guestLibrary()),
                store.ids(),
                view.sequences());
        return new Ready(services.snapshots()
                .store(database, view, restored, meter::written)
                .toCompletableFuture()
                .join());
    }
}
