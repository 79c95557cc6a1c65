package io.pinion.store.tx;

import io.pinion.store.value.BsatnReader;

/** How far ahead a ScheduleAt value may lie: tag 0 and an interval, or tag 1 and a time; microseconds. */
final class ScheduleDelay {
    private static final long DELAY_MICROS_MAX = ((1L << 36) - 1) * 1000;
    private static final int BYTES = 9;

    private ScheduleDelay() {}

    static boolean isTooLong(byte[] row, int at, long nowMicros) {
        BsatnReader reader = new BsatnReader(row, at, BYTES);
        boolean isInterval = reader.readTag(2, "ScheduleAt") == 0;
        long micros = reader.readLong();
        if (isInterval) {
            return micros == Long.MIN_VALUE || Math.abs(micros) >= DELAY_MICROS_MAX;
        }
        return micros > nowMicros && (micros - nowMicros < 0 || micros - nowMicros >= DELAY_MICROS_MAX);
    }
}
