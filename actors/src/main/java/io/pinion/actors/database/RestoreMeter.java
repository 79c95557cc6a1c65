package io.pinion.actors.database;

import io.pinion.actors.database.RestoreProgress.Step;
import io.pinion.store.value.Identity;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what a restore does, and logs it now and then. Written by one thread at a time, read by any. */
final class RestoreMeter {
    private static final Logger log = LoggerFactory.getLogger(RestoreMeter.class);

    private final Identity database;
    private final long logIntervalNanos;
    private final long startedNanos = System.nanoTime();
    private long loggedNanos = startedNanos;
    private volatile Step step = Step.READING;
    private volatile long bytesRead;
    private volatile long rowsRead;
    private volatile long bytesWritten;

    RestoreMeter(Identity database, Duration logInterval) {
        this.database = database;
        this.logIntervalNanos = logInterval.toNanos();
    }

    void step(Step next) {
        step = next;
        logNowAndThen();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void read(long bytes, long rows) {
        bytesRead += bytes;
        rowsRead += rows;
        logNowAndThen();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void written(long bytes) {
        bytesWritten += bytes;
        logNowAndThen();
    }

    private void logNowAndThen() {
        long now = System.nanoTime();
        if (now - loggedNanos >= logIntervalNanos) {
            loggedNanos = now;
            log.info("restore of database {}: {}", database, progress());
        }
    }

    RestoreProgress progress() {
        return new RestoreProgress(
                step, bytesRead, rowsRead, bytesWritten, Duration.ofNanos(System.nanoTime() - startedNanos));
    }
}
