package io.pinion.actors.durability;

import java.time.Duration;
import java.util.Optional;

/**
 * How far the recovery of a database has come.
 *
 * @param bytes of events read so far
 * @param entries log entries applied
 * @param rows rows inserted and deleted, those of a snapshot included
 * @param sequenceNr of the last event applied
 * @param sequenceNrLast of the last event there was when reading began
 * @param eventsLeft of those that are to be read, how many are not yet
 */
public record RecoveryProgress(
        long bytes,
        long events,
        long entries,
        long rows,
        long sequenceNr,
        long sequenceNrLast,
        long eventsLeft,
        Duration elapsed) {

    public double bytesPerSecond() {
        return bytes / seconds();
    }

    /** What the rest takes if it goes on like this; empty before anything was read. */
    public Optional<Duration> remaining() {
        if (events == 0) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofMillis((long) (1000 * seconds() * eventsLeft / events)));
    }

    private double seconds() {
        return Math.max(elapsed.toNanos(), 1) / 1e9;
    }

    @Override
    public String toString() {
        return "%,d events, %,d entries, %,d rows, %,.1f MB (%,.1f MB/s), at sequence number %d of %d, %s left"
                .formatted(
                        events,
                        entries,
                        rows,
                        bytes / 1e6,
                        bytesPerSecond() / 1e6,
                        sequenceNr,
                        sequenceNrLast,
                        remaining().map(time -> time.toSeconds() + " s").orElse("unknown time"));
    }
}
