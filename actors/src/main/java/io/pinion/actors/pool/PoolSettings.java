package io.pinion.actors.pool;

import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * How many instances a database may have, and who makes them. Immutable.
 *
 * @param max instances of one database, at least 1
 * @param warmSpare whether one more than is in use is kept ready
 * @param waitingMax borrowers that may wait, at least 1
 * @param borrowTimeout how long one waits
 * @param workers threads of the node, at least 1
 * @param workerQueueMax what may queue for them
 * @param workerStackBytes stack of such a thread
 */
public record PoolSettings(
        int max,
        boolean warmSpare,
        int waitingMax,
        Duration borrowTimeout,
        int workers,
        int workerQueueMax,
        int workerStackBytes) {
    private static final int MIB = 1 << 20;

    public static PoolSettings of(ConfigReader section) {
        return new PoolSettings(
                section.integer("max", 1, 10_000),
                section.flag("warm-spare"),
                section.integer("waiting-max", 1, 1_000_000),
                section.duration("borrow-timeout", Duration.ofMillis(1), Duration.ofHours(1)),
                section.integer("workers", 1, 1_000),
                section.integer("worker-queue-max", 1, Integer.MAX_VALUE),
                section.bytes("worker-stack", MIB, 1024 * MIB));
    }
}
