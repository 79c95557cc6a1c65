package io.pinion.actors.database;

import java.util.stream.IntStream;

/** How many calls have ended how, and how long they took. The figures may be a call apart. Immutable. */
public final class CallCounts {
    /** How many classes there are of durations. */
    public static final int CLASSES = 14;

    public static final CallCounts NONE = new CallCounts(new long[Ending.values().length + 1 + CLASSES]);

    private static final int NANOS_AT = Ending.values().length;
    private static final int CLASSES_AT = NANOS_AT + 1;
    private static final long FIRST_CLASS_NANOS = 1024;

    private final long[] cells;

    public enum Ending {
        RETURNED,
        /** The module's own error. */
        REJECTED,
        FAILED,
        /** A limit ended it. */
        STOPPED
    }

    private CallCounts(long[] cells) {
        this.cells = cells;
    }

    static CallCounts of(long[] cells) {
        return new CallCounts(cells);
    }

    @SuppressWarnings("EnumOrdinal") // as in CallMeter
    public long ended(Ending ending) {
        return cells[ending.ordinal()];
    }

    /** All of them. */
    public long total() {
        return IntStream.range(0, NANOS_AT).mapToLong(i -> cells[i]).sum();
    }

    /** Wall time of all of them. */
    public long nanos() {
        return cells[NANOS_AT];
    }

    /** How many belong to a class of durations. */
    public long inClass(int durationClass) {
        return cells[CLASSES_AT + durationClass];
    }

    /** The longest duration of a class, included; {@link Long#MAX_VALUE} for the last. */
    public static long upperNanos(int durationClass) {
        return durationClass == CLASSES - 1 ? Long.MAX_VALUE : FIRST_CLASS_NANOS << (2 * durationClass);
    }

    /** Both together. */
    public CallCounts plus(CallCounts other) {
        return new CallCounts(IntStream.range(0, cells.length)
                .mapToLong(i -> cells[i] + other.cells[i])
                .toArray());
    }
}
