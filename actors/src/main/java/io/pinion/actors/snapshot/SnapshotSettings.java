package io.pinion.actors.snapshot;

import io.pinion.actors.durability.LogLength;
import io.pinion.actors.durability.SnapshotTrigger;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * When snapshots are taken and how long they are kept. Immutable.
 *
 * @param bounds at which a snapshot is due
 * @param keep snapshots of a database, at least 1
 * @param retention how far back the state of a database can be found again; zero for no further than the snapshots kept
 * @param atOnce snapshots that a node writes at a time, 1 to 64
 */
public record SnapshotSettings(SnapshotTrigger.Bounds bounds, int keep, Duration retention, int atOnce) {
    private static final int KIB = 1 << 10;

    public static SnapshotSettings of(ConfigReader section) {
        return new SnapshotSettings(
                new SnapshotTrigger.Bounds(
                        section.bytes("log-bytes", 4 * KIB, Integer.MAX_VALUE),
                        section.integer("log-entries", 1, Integer.MAX_VALUE),
                        section.duration("age", Duration.ofMillis(1), Duration.ofDays(3650))),
                section.integer("keep", 1, 1000),
                section.duration("retention", Duration.ZERO, Duration.ofDays(3650)),
                section.integer("at-once", 1, 64));
    }

    /** Says when the next snapshot of one database is due. */
    public SnapshotTrigger trigger(LogLength length) {
        return new SnapshotTrigger(bounds, length);
    }
}
