package io.pinion.actors.database;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts calls by what became of them and by how long they took. One thread at a time counts; any thread may look. Hot
 * path: {@link #count} takes some nanoseconds and allocates nothing.
 */
final class CallMeter {
    /** Calls take at most 1,024 ns in the first class, and four times as much in each that follows; the last has no end. */
    private static final int FIRST_CLASS_BITS = 10;

    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final CallCounts.Ending[] ENDINGS = CallCounts.Ending.values();
    private static final int NANOS_AT = ENDINGS.length;
    private static final int CLASSES_AT = NANOS_AT + 1;

    private final long[] cells = new long[CLASSES_AT + CallCounts.CLASSES];

    @SuppressWarnings("EnumOrdinal") // a place in an array that lives no longer than the enum
    void count(CallCounts.Ending ending, long nanos) {
        add(ending.ordinal(), 1);
        add(NANOS_AT, nanos);
        add(CLASSES_AT + classOf(nanos), 1);
    }

    private void add(int cell, long value) {
        CELLS.setOpaque(cells, cell, cells[cell] + value);
    }

    static int classOf(long nanos) {
        long units = Math.max(0, nanos - 1) >> FIRST_CLASS_BITS;
        int bits = Long.SIZE - Long.numberOfLeadingZeros(units);
        return Math.min(CallCounts.CLASSES - 1, (bits + 1) / 2);
    }

    CallCounts counts() {
        long[] seen = new long[cells.length];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = (long) CELLS.getOpaque(cells, i);
        }
        return CallCounts.of(seen);
    }
}
