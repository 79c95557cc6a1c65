package io.pinion.actors.durability;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Counts what is written since the newest snapshot and says when another is due. One thread. */
public final class SnapshotTrigger {
    private final Bounds bounds;
    private long bytes;
    private long entries;
    private long sinceMicros;

    /**
     * A snapshot is due when any of these is reached and something was written.
     *
     * @param bytes of the log
     * @param entries of the log
     * @param age of the snapshot before
     */
    public record Bounds(long bytes, long entries, Duration age) {}

    /** @param length what there is to begin with */
    public SnapshotTrigger(Bounds bounds, LogLength length) {
        this.bounds = bounds;
        this.bytes = length.bytes();
        this.entries = length.entries();
        this.sinceMicros = length.sinceMicros();
    }

    /**
     * More was written.
     *
     * @return whether a snapshot is due; if so, counting begins anew, so one that fails is tried when as much again is
     *     written
     */
    boolean isDueAfter(long moreBytes, long moreEntries, long nowMicros) {
        bytes += moreBytes;
        entries += moreEntries;
        long ageMicros = TimeUnit.NANOSECONDS.toMicros(bounds.age().toNanos());
        boolean isDue = entries > 0
                && (bytes >= bounds.bytes() || entries >= bounds.entries() || nowMicros - sinceMicros >= ageMicros);
        if (isDue) {
            bytes = 0;
            entries = 0;
            sinceMicros = nowMicros;
        }
        return isDue;
    }
}
