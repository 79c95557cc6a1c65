package io.pinion.journal;

/**
 * What the store has done since it was opened; every figure only grows, but {@code queuedBytes}.
 *
 * @param atomicWrites atomic writes acknowledged
 * @param events events in them
 * @param eventBytes bytes of their records
 * @param rejectedWrites atomic writes refused before they were stored: not serializable, or out of sequence
 * @param batches synced writes to RocksDB, whatever was in them
 * @param syncNanos time spent in those synced writes
 * @param replayedEvents events handed to recovering actors
 * @param queuedBytes bytes that wait for the commit thread at this moment
 */
public record JournalMetrics(
        long atomicWrites,
        long events,
        long eventBytes,
        long rejectedWrites,
        long batches,
        long syncNanos,
        long replayedEvents,
        long queuedBytes) {}
