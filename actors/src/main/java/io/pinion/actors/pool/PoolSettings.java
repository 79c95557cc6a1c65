package io.pinion.actors.pool;

import com.typesafe.config.ConfigException;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * How many instances a database may have, and who makes them. Immutable.
 *
 * @param max instances of one database, at least 1
 * @param warmSpare whether one more than is in use is kept ready
 * @param idleAfter how long an instance that nobody uses stays
 * @param waitingMax borrowers that may wait, at least 1
 * @param borrowTimeout how long one waits
 * @param retryMin pause after an instance could not be made; doubles with every failure
 * @param retryMax up to this, at least {@code retryMin}
 */
public record PoolSettings(
        int max,
        boolean warmSpare,
        Duration idleAfter,
        int waitingMax,
        Duration borrowTimeout,
        Duration retryMin,
        Duration retryMax,
        WorkerSettings workers) {
    private static final int MIB = 1 << 20;

    /** @throws ConfigException that names the key if one is missing, of the wrong type or out of its range */
    public static PoolSettings of(ConfigReader section) {
        Duration retryMin = section.duration("retry-min", Duration.ofMillis(1), Duration.ofMinutes(1));
        return new PoolSettings(
                section.integer("max", 1, 10_000),
                section.flag("warm-spare"),
                section.duration("idle-after", Duration.ofMillis(10), Duration.ofDays(365)),
                section.integer("waiting-max", 1, 1_000_000),
                section.duration("borrow-timeout", Duration.ofMillis(1), Duration.ofHours(1)),
                retryMin,
                section.duration("retry-max", retryMin, Duration.ofHours(1)),
                workers(section));
    }

    private static WorkerSettings workers(ConfigReader section) {
        return new WorkerSettings(
                section.integer("workers", 1, 1_000),
                section.integer("worker-queue-max", 1, Integer.MAX_VALUE),
                section.bytes("worker-stack", MIB, 1024 * MIB),
                section.duration("slow-after", Duration.ofMillis(10), Duration.ofHours(1)),
                section.integer("slow-workers-max", 0, 10_000));
    }
}
