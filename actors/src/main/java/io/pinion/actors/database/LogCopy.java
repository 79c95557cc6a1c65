package io.pinion.actors.database;

import io.pinion.actors.backup.BackupManifest.Point;
import io.pinion.actors.backup.PartKind;
import io.pinion.actors.durability.EntryBlock;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.LogReplay;
import io.pinion.actors.durability.LoggedEvent;
import io.pinion.actors.durability.Recoveries;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.SystemRecords;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * Copies the entries of a log into a backup, with the programs and states that they refer to. Used by one thread at a time;
 * blocks, of which it tells the pool that the thread belongs to.
 */
final class LogCopy implements LogReplay {
    /** Entries are gathered up to that. */
    private static final int BLOCK_BYTES = 256 << 10;

    private final BackupParts parts;
    private final Recoveries recoveries;
    private final Identity database;
    private final EntryBlock block = new EntryBlock();
    private @Nullable Point first;
    private boolean hasState;

    LogCopy(BackupParts parts, Recoveries recoveries, Identity database) {
        this.parts = parts;
        this.recoveries = recoveries;
        this.database = database;
    }

    /** Where it begins; empty if there is nothing, or if {@link #state} came first. */
    Optional<Point> first() {
        return Optional.ofNullable(first);
    }

    /** Copies a state whose chunks are in the journal. */
    void state(IndexEntry.Snapshot state) {
        hasState = true;
        IndexEntry.Chunks chunks = state.chunks();
        parts.state(
                state,
                copy -> recoveries.stream(
                                LogNames.chunks(database),
                                chunks.sequenceNrFirst(),
                                chunks.sequenceNrLast(),
                                LoggedEvent::unsafeArray,
                                chunk -> blocking(() -> copy.chunk(chunk)))
                        .toCompletableFuture()
                        .join());
    }

    @Override
    public void apply(long offset, LogEntry entry) {
        switch (entry) {
            case LogEntry.Transaction transaction -> add(offset, withoutConnections(transaction));
            case LogEntry.Answered _, LogEntry.ProcedureBegun _, LogEntry.ProcedureReturned _ -> add(offset, entry);
            case LogEntry.Published published -> {
                begin(offset, published);
                end();
                blocking(() -> parts.program(published.programHash()));
                add(offset, withoutConnections(published));
            }
            case LogEntry.Restored restored -> {
                begin(offset, restored);
                end();
                state(at(offset, restored));
            }
            case LogEntry.Deleted deleted -> {
                // What comes before the first state is of no database that can be restored.
                if (hasState) {
                    add(offset, deleted);
                }
            }
        }
    }

    private void begin(long offset, LogEntry entry) {
        if (!hasState) {
            first = new Point(offset, entry.timestampMicros());
            hasState = true;
        }
    }

    private static IndexEntry.Snapshot at(long offset, LogEntry.Restored restored) {
        IndexEntry.Snapshot state = restored.state();
        return new IndexEntry.Snapshot(
                restored.timestampMicros(),
                offset,
                state.log(),
                state.chunks(),
                state.program(),
                state.ids(),
                state.sequences());
    }

    private void add(long offset, LogEntry entry) {
        block.add(offset, entry);
        if (block.bytes() >= BLOCK_BYTES) {
            end();
        }
    }

    /** Writes what was gathered. */
    void end() {
        if (!block.isEmpty()) {
            byte[] bytes = block.take();
            blocking(() -> parts.frame(PartKind.LOG, bytes));
        }
    }

    static LogEntry withoutConnections(LogEntry.Transaction entry) {
        return new LogEntry.Transaction(
                entry.timestampMicros(),
                entry.caller(),
                entry.connectionId(),
                entry.requestHigh(),
                entry.requestLow(),
                entry.kind(),
                entry.result(),
                entry.call(),
                withoutConnections(entry.delta()));
    }

    private static LogEntry withoutConnections(LogEntry.Published entry) {
        return new LogEntry.Published(
                entry.timestampMicros(),
                entry.owner(),
                entry.hostType(),
                entry.programHash(),
                entry.definition(),
                entry.guestLibrary(),
                entry.isFresh(),
                entry.migration(),
                entry.tables(),
                withoutConnections(entry.delta()));
    }

    private static Delta withoutConnections(Delta delta) {
        List<Delta.TableDelta> tables = delta.tables().stream()
                .filter(table -> !SystemRecords.isOfConnections(table.tableId()))
                .toList();
        return new Delta(tables, delta.sequences());
    }

    /** Writing waits for whoever reads the backup, and the pool's other threads have logs of others to read. */
    private static void blocking(Runnable step) {
        try {
            ForkJoinPool.managedBlock(new Step(step));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the backup was interrupted", e);
        }
    }

    private static final class Step implements ForkJoinPool.ManagedBlocker {
        private final Runnable step;
        private boolean isDone;

        Step(Runnable step) {
            this.step = step;
        }

        @Override
        public boolean block() {
            step.run();
            isDone = true;
            return true;
        }

        @Override
        public boolean isReleasable() {
            return isDone;
        }
    }
}
