package io.pinion.actors.database;

import io.pinion.store.value.Identity;
import java.util.concurrent.CompletionStage;

/** Remembers, whatever becomes of this node, when databases have something to do that nobody asks them for. Threadsafe. */
public interface WakeCatalogue {
    /** From now on, whenever it is not in memory: it has a schedule, and is about to look at it itself. */
    long KEEP_AWAKE = 0;

    /**
     * Completes when it is durable; replaces what was said before.
     *
     * @param atMicros since the Unix epoch, or {@link #KEEP_AWAKE}, or {@code Schedule.NEVER}
     */
    CompletionStage<?> wake(Identity database, long atMicros);
}
