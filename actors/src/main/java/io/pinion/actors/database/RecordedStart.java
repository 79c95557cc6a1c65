package io.pinion.actors.database;

import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.Pending;
import java.util.concurrent.CompletableFuture;

/**
 * The beginning of a procedure that may not begin twice: it waits on its thread until the log says that it has begun. If
 * that will not be known, it does not begin.
 */
final class RecordedStart implements Runnable {
    private final ProcedureRun run;
    private final LogEntry.ProcedureBegun entry;
    private final CompletableFuture<Boolean> mayBegin = new CompletableFuture<>();

    RecordedStart(ProcedureRun run, LogEntry.ProcedureBegun entry) {
        this.run = run;
        this.entry = entry;
    }

    @Override
    public void run() {
        if (mayBegin.join()) {
            run.run();
        }
    }

    LogEntry.ProcedureBegun entry() {
        return entry;
    }

    /** Nobody waits for it any more, and it was not written. Any thread. */
    void giveUp() {
        mayBegin.complete(false);
    }

    /** What is to be written. */
    Pending pending(long offset) {
        return new Pending(offset, entry, entry.call().length()) {
            @Override
            protected void release() {
                mayBegin.complete(true);
            }

            @Override
            protected void lose() {
                giveUp();
            }
        };
    }
}
