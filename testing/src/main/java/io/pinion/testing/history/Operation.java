package io.pinion.testing.history;

import org.jspecify.annotations.Nullable;

/**
 * One call of a client, and what it was told.
 *
 * @param client who called; for whoever reads it
 * @param answer null if nothing was heard: it may have taken effect at any time since, or never
 * @param beganNanos since the beginning of the history
 * @param endedNanos not before it began; {@link #NEVER} without an answer
 */
public record Operation<C, A>(int client, C call, @Nullable A answer, long beganNanos, long endedNanos) {
    /** The end of a call that was not answered. */
    public static final long NEVER = Long.MAX_VALUE;

    public Operation {
        if (endedNanos < beganNanos || (answer == null) != (endedNanos == NEVER)) {
            throw new IllegalArgumentException(
                    call + ": answer " + answer + ", began at " + beganNanos + ", ended at " + endedNanos);
        }
    }

    boolean isAnswered() {
        return answer != null;
    }
}
