package io.pinion.actors.durability;

import io.pinion.store.value.Identity;

/**
 * A call that has a request id, and what became of it. In the order of their ids, which begin with the time they were made at.
 *
 * @param requestHigh with {@code requestLow} the caller's id of the call, a UUID of version 7
 * @param offset of the call's newest entry in the log
 */
public record AnsweredCall(Identity caller, long requestHigh, long requestLow, long offset, CallFate fate)
        implements Comparable<AnsweredCall> {
    private static final int TIME_SHIFT = 16;
    /** The object, its places in the two orders it is in, its part of what is there once for a caller. */
    private static final int OVERHEAD_BYTES = 160;

    /** When the id was made, milliseconds since the Unix epoch. */
    long millis() {
        return millis(requestHigh);
    }

    /** As {@link #millis}, of the upper half of an id. */
    static long millis(long requestHigh) {
        return requestHigh >>> TIME_SHIFT;
    }

    /** About what it takes in memory. */
    int bytes() {
        return OVERHEAD_BYTES + fate.bytes();
    }

    /** By id, then by caller. */
    @Override
    public int compareTo(AnsweredCall other) {
        int order = Long.compareUnsigned(requestHigh, other.requestHigh);
        order = order != 0 ? order : Long.compareUnsigned(requestLow, other.requestLow);
        return order != 0 ? order : caller.compareTo(other.caller);
    }
}
