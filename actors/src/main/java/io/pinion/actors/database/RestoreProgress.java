package io.pinion.actors.database;

import java.time.Duration;

/**
 * How far a restore has come.
 *
 * @param bytesRead of the archive's parts, before compression
 * @param rowsRead rows of its state, and those that commits of its log have inserted and deleted
 * @param bytesWritten of rows to the journal
 */
public record RestoreProgress(Step step, long bytesRead, long rowsRead, long bytesWritten, Duration elapsed) {
    public enum Step {
        /** The archive comes and is applied in memory. */
        READING,
        /** Every row is compared with its type. */
        CHECKING,
        /** Program and rows go to the journal; the entry that makes them the database follows. */
        WRITING
    }

    @Override
    public String toString() {
        return "%s, %,.1f MB and %,d rows read, %,.1f MB written, %d s"
                .formatted(step, bytesRead / 1e6, rowsRead, bytesWritten / 1e6, elapsed.toSeconds());
    }
}
