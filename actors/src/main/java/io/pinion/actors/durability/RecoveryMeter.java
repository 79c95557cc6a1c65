package io.pinion.actors.durability;

import io.pinion.store.tx.Delta;
import java.time.Duration;

/** Counts what a recovery does. Written by one thread at a time, read by any. */
public final class RecoveryMeter {
    private final long startedNanos = System.nanoTime();
    private volatile long bytes;
    private volatile long events;
    private volatile long entries;
    private volatile long rows;
    private volatile long sequenceNr;
    private volatile long sequenceNrLast;

    void target(long last) {
        sequenceNrLast = last;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void restored(IndexEntry.Snapshot snapshot) {
        rows += snapshot.chunks().rowCount();
        sequenceNr = snapshot.log().sequenceNr();
    }

    /** Something was applied that stands for all events up to that number. */
    void skippedTo(long number) {
        sequenceNr = number;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void event(LoggedEvent event) {
        bytes += event.unsafeArray().length;
        events++;
        sequenceNr = event.sequenceNr();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void entry(LogEntry entry) {
        entries++;
        Delta delta = delta(entry);
        long changed = entry instanceof LogEntry.Restored restored
                ? restored.state().chunks().rowCount()
                : 0;
        for (int i = 0; i < delta.tables().size(); i++) {
            Delta.TableDelta table = delta.tables().get(i);
            changed += table.inserts().count() + table.deletes().count();
        }
        rows += changed;
    }

    private static Delta delta(LogEntry entry) {
        return switch (entry) {
            case LogEntry.Transaction transaction -> transaction.delta();
            case LogEntry.Published published -> published.delta();
            case LogEntry.Answered _,
                    LogEntry.ProcedureBegun _,
                    LogEntry.ProcedureReturned _,
                    LogEntry.Restored _,
                    LogEntry.Deleted _ -> Delta.EMPTY;
        };
    }

    public RecoveryProgress progress() {
        long at = sequenceNr;
        long last = Math.max(sequenceNrLast, at);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startedNanos);
        return new RecoveryProgress(bytes, events, entries, rows, at, last, last - at, elapsed);
    }
}
