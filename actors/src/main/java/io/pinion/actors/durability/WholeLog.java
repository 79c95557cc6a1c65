package io.pinion.actors.durability;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a persistent actor is given all of its log whenever it recovers.
 *
 * <p>Reading → written to: it has recovered. Written to → reading: it starts again, as after a failed write. Used by the
 * actor's thread.
 */
public final class WholeLog {
    private boolean isReading = true;
    private long sequenceNr;
    /** Kept until reading has ended: what the journal gives after a failure would reach the reading that follows. */
    private @Nullable IncompleteLogException problem;

    /**
     * An event is applied, read or about to be written.
     *
     * @param number its own, if it was read; not asked for otherwise
     * @param mayBegin whether a log may begin with it, as what is older was deleted
     */
    public void event(LongSupplier number, boolean mayBegin) {
        if (isReading) {
            long next = number.getAsLong();
            boolean begins = sequenceNr == 0 && mayBegin;
            if (problem == null && !begins) {
                follow(next);
            }
            sequenceNr = next;
        }
    }

    private void follow(long next) {
        try {
            IncompleteLogException.requireNext(sequenceNr, next);
        } catch (IncompleteLogException e) {
            problem = e;
        }
    }

    /**
     * Reading has ended.
     *
     * @param last number of the last event there is
     * @throws IncompleteLogException if not every event was read, once and in order
     */
    public void recovered(long last) {
        if (problem != null) {
            throw problem;
        }
        IncompleteLogException.requireEnd(sequenceNr, last);
        isReading = false;
    }

    /** It starts again, from the beginning of the log. */
    public void restarts() {
        isReading = true;
        sequenceNr = 0;
        problem = null;
    }
}
