package io.pinion.actors.database;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.durability.DurabilitySettings;
import io.pinion.actors.log.LogSettings;
import io.pinion.actors.pool.PoolSettings;
import io.pinion.actors.procedure.ProcedureSettings;
import io.pinion.actors.settings.ConfigReader;
import io.pinion.actors.snapshot.SnapshotSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What holds for every database of a node; the keys are those of {@code reference.conf}. Immutable.
 *
 * @param dataDirectory the node's own folder
 * @param callLimits of a database that has none of its own
 * @param stuckAfter how long a call may go on after it was asked to stop before its database is stuck, at least 1 ms
 * @param heapGuardPercent of the largest heap that may be in use after a collection, 10 to 100
 * @param queryBytesMax rows of one query
 * @param wasmMemoryBytesMax memory of one WebAssembly instance, at least 64 KiB
 * @param viewsMax instances of views of one database whose rows are kept
 * @param viewIdleAfter how long rows of a view are kept that nobody asks for, at least 1 s; at most twice that
 * @param idleAfter time without calls after which the instance is given back, at least 1 s
 * @param emptyAfter time without commands after which an identity without a database leaves memory; at most twice that
 * @param passivateAfter time without anybody after which a database leaves memory, at most twice that; zero for never
 * @param stopTimeout how long a stop waits for the journal, at least 10 ms
 */
public record DatabaseSettings(
        Path dataDirectory,
        CallLimits callLimits,
        Duration stuckAfter,
        int heapGuardPercent,
        int queryBytesMax,
        int wasmMemoryBytesMax,
        int viewsMax,
        Duration viewIdleAfter,
        Duration idleAfter,
        Duration emptyAfter,
        Duration passivateAfter,
        Duration stopTimeout,
        ResumeSettings resume,
        DurabilitySettings durability,
        SnapshotSettings snapshot,
        TransferSettings transfer,
        PoolSettings pool,
        ProcedureSettings procedure,
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
                CallLimits.of(limits),
                limits.duration("stuck-after", Duration.ofMillis(1), Duration.ofDays(1)),
                limits.percent("heap-guard", 10, 100),
                limits.bytes("query-bytes-max", 1024, Integer.MAX_VALUE - 64),
                limits.bytes("wasm-memory-bytes-max", 64 << 10, 2047 << 20),
                limits.integer("views-max", 1, 10_000_000),
                database.duration("view-idle-after", Duration.ofSeconds(1), Duration.ofDays(365)),
                database.duration("idle-after", Duration.ofSeconds(1), Duration.ofDays(365)),
                database.duration("empty-after", Duration.ofMillis(1), Duration.ofDays(365)),
                database.duration("passivate-after", Duration.ZERO, Duration.ofDays(365)),
                database.duration("stop-timeout", Duration.ofMillis(10), Duration.ofHours(1)),
                ResumeSettings.of(pinion.section("resume")),
                DurabilitySettings.of(config),
                SnapshotSettings.of(pinion.section("snapshot")),
                TransferSettings.of(pinion.section("transfer")),
                PoolSettings.of(pinion.section("pool")),
                ProcedureSettings.of(pinion.section("procedure")),
                LogSettings.of(pinion.section("log")));
    }
}
