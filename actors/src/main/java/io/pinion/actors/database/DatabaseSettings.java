package io.pinion.actors.database;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.durability.DurabilitySettings;
import io.pinion.actors.log.LogSettings;
import io.pinion.actors.pool.PoolSettings;
import io.pinion.actors.settings.ConfigReader;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What holds for every database of a node; the keys are those of {@code reference.conf}. Immutable.
 *
 * @param dataDirectory the node's own folder
 * @param reducerTime wall time of a reducer or query, more than 0
 * @param initTime wall time of {@code init}, more than 0
 * @param checkInterval how often running calls are looked at, 1 ms to 1 s
 * @param queryBytesMax rows of one query
 * @param waitingMax commands that may wait inside one database, at least 1
 * @param idleAfter time without calls after which the instance is given back, at least 1 s
 * @param stopTimeout how long a stop waits for the journal, at least 10 ms
 */
public record DatabaseSettings(
        Path dataDirectory,
        Duration reducerTime,
        Duration initTime,
        Duration checkInterval,
        int queryBytesMax,
        int waitingMax,
        Duration idleAfter,
        Duration stopTimeout,
        DurabilitySettings durability,
        PoolSettings pool,
        LogSettings log) {

    /**
     * Reads {@code pinion.*}.
     *
     * @throws ConfigException that names the key if one is missing, of the wrong type or out of its range
     */
    public static DatabaseSettings of(Config config) {
        ConfigReader pinion = ConfigReader.at(config, "pinion");
        ConfigReader limits = pinion.section("limits");
        ConfigReader database = pinion.section("database");
        return new DatabaseSettings(
                pinion.path("data-directory"),
                limits.duration("reducer-time", Duration.ofMillis(1), Duration.ofDays(1)),
                limits.duration("init-time", Duration.ofMillis(1), Duration.ofDays(1)),
                limits.duration("check-interval", Duration.ofMillis(1), Duration.ofSeconds(1)),
                limits.bytes("query-bytes-max", 1024, Integer.MAX_VALUE - 64),
                database.integer("waiting-max", 1, Integer.MAX_VALUE),
                database.duration("idle-after", Duration.ofSeconds(1), Duration.ofDays(365)),
                database.duration("stop-timeout", Duration.ofMillis(10), Duration.ofHours(1)),
                DurabilitySettings.of(pinion.section("durability")),
                PoolSettings.of(pinion.section("pool")),
                LogSettings.of(pinion.section("log")));
    }
}
