package io.pinion.actors.schedule;

import java.util.Arrays;
import java.util.BitSet;

/** Keys and times of the rows of one schedule table, in 17 bytes each. First filled by one thread, then read by one. */
final class ScheduleRows {
    private static final int CAPACITY_MIN = 64;

    final ScheduleTable table;
    private final BitSet intervals = new BitSet();
    private long[] keys = new long[CAPACITY_MIN];
    private long[] micros = new long[CAPACITY_MIN];
    private int count;

    ScheduleRows(ScheduleTable table) {
        this.table = table;
    }

    void add(byte[] row, int start, int end) {
        if (count == keys.length) {
            int capacity = Math.multiplyExact(2, count);
            keys = Arrays.copyOf(keys, capacity);
            micros = Arrays.copyOf(micros, capacity);
        }
        ScheduleTable.When when = table.when(row, start, end);
        keys[count] = table.key(row, start, end);
        micros[count] = when.micros();
        intervals.set(count, when.isInterval());
        count++;
    }

    int count() {
        return count;
    }

    long key(int row) {
        return keys[row];
    }

    ScheduleTable.When when(int row) {
        return new ScheduleTable.When(intervals.get(row), micros[row]);
    }
}
