package io.pinion.actors.durability;

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
        rows += entry.rowCount();
    }

    public RecoveryProgress progress() {
        long at = sequenceNr;
        long last = Math.max(sequenceNrLast, at);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startedNanos);
        return new RecoveryProgress(bytes, events, entries, rows, at, last, last - at, elapsed);
    }
}
