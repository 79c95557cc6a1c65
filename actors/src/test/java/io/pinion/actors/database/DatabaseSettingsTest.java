package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSettingsTest {
    private static Config config(String changed) {
        return ConfigFactory.parseString(changed).withFallback(ConfigFactory.load());
    }

    @Test
    void theDefaultsAreThoseOfTheReference() {
        DatabaseSettings settings = DatabaseSettings.of(config(""));

        assertEquals(Path.of("data"), settings.dataDirectory());
        assertEquals(
                new CallLimits(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(10)),
                settings.callLimits());
        assertEquals(Duration.ofSeconds(1), settings.stuckAfter());
        assertEquals(75, settings.heapGuardPercent());
        assertEquals(64 << 20, settings.queryBytesMax());
        assertEquals(64 << 20, settings.wasmMemoryBytesMax());
        assertEquals(10_000, settings.viewsMax());
        assertEquals(Duration.ofMinutes(10), settings.viewIdleAfter());
        assertEquals(6, settings.procedure().atOnceMax());
        assertEquals(256, settings.procedure().threadsMax());
        assertFalse(settings.procedure().http().isEnabled());
        assertEquals(Duration.ofSeconds(30), settings.procedure().http().timeout());
        assertEquals(Duration.ofMinutes(3), settings.procedure().http().timeoutMax());
        assertEquals(Duration.ofSeconds(60), settings.idleAfter());
        assertEquals(Duration.ofSeconds(30), settings.emptyAfter());
        assertEquals(Duration.ofMinutes(30), settings.passivateAfter());
        assertEquals(Duration.ofSeconds(8), settings.stopTimeout());
        assertEquals("pinion.journal", settings.durability().journalPluginId());
        assertEquals(1 << 20, settings.durability().eventBytesMax());
        assertEquals(64 << 20, settings.durability().transactionBytesMax());
        assertEquals(64 << 20, settings.durability().bytesInFlightMax());
        assertEquals(2, settings.transfer().atOnce());
        assertEquals(Duration.ofSeconds(60), settings.transfer().idleTimeout());
        assertEquals(16L << 30, settings.transfer().restoreBytesMax());
        assertEquals(8, settings.pool().max());
        assertTrue(settings.pool().warmSpare());
        assertEquals(Duration.ofSeconds(60), settings.pool().idleAfter());
        assertEquals(Duration.ofMillis(100), settings.pool().retryMin());
        assertEquals(Duration.ofSeconds(5), settings.pool().retryMax());
        assertEquals(2, settings.pool().workers().count());
        assertEquals(Duration.ofSeconds(1), settings.pool().workers().slowAfter());
        assertEquals(16, settings.pool().workers().slowMax());
        assertEquals(2500, settings.log().followLinesMax());
        assertEquals(64, settings.log().followersMax());
    }

    @Test
    void everyLimitHasItsOwnKey() {
        DatabaseSettings settings = DatabaseSettings.of(config("""
            pinion.limits { reducer-time = 1 s, scheduled-reducer-time = 2 s, view-time = 3 s, query-time = 4 s }
            pinion.limits { init-time = 5 s, procedure-time = 6 s, procedure-transaction-time = 7 s, heap-guard = "70 %", wasm-memory-bytes-max = 256 MiB }
            """));

        CallLimits limits = settings.callLimits();
        assertEquals(Duration.ofSeconds(1), limits.of(CallType.REDUCER));
        assertEquals(Duration.ofSeconds(2), limits.of(CallType.SCHEDULED_REDUCER));
        assertEquals(Duration.ofSeconds(3), limits.of(CallType.VIEW));
        assertEquals(Duration.ofSeconds(4), limits.of(CallType.QUERY));
        assertEquals(Duration.ofSeconds(5), limits.of(CallType.INIT));
        assertEquals(Duration.ofSeconds(6), limits.of(CallType.PROCEDURE));
        assertEquals(Duration.ofSeconds(7), limits.of(CallType.PROCEDURE_TRANSACTION));
        assertEquals(70, settings.heapGuardPercent());
        assertEquals(256 << 20, settings.wasmMemoryBytesMax());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pinion.limits.reducer-time = 0 s",
                "pinion.limits.init-time = soon",
                "pinion.limits.scheduled-reducer-time = 25 h",
                "pinion.limits.view-time = 0 s",
                "pinion.limits.query-time = -1 s",
                "pinion.limits.stuck-after = 0 s",
                "pinion.limits.heap-guard = 85",
                "pinion.limits.heap-guard = 101%",
                "pinion.limits.heap-guard = 9%",
                "pinion.limits.query-bytes-max = 1",
                "pinion.limits.wasm-memory-bytes-max = 63 KiB",
                "pinion.limits.wasm-memory-bytes-max = 2 GiB",
                "pinion.data-directory = \"\"",
                "pinion.database.empty-after = 0 s",
                "pinion.durability.event-bytes-max = 1",
                "pinion.durability.transaction-bytes-max = 10 KiB",
                "pinion.durability.journal-plugin-id = \" \"",
                "pinion.durability.restart-backoff-max = 1 ms",
                "pinion.transfer.at-once = 0",
                "pinion.transfer.idle-timeout = 1 ms",
                "pinion.transfer.restore-bytes-max = 1",
                "pinion.pool.max = none",
                "pinion.pool.warm-spare = perhaps",
                "pinion.pool.idle-after = 0 s",
                "pinion.pool.retry-max = 50 ms",
                "pinion.pool.slow-after = 1 ms",
                "pinion.pool.slow-workers-max = -1",
                "pinion.log.bytes-max = 1 KiB",
                "pinion.log.queue-bytes-max = -1",
                "pinion.log.followers-max = 0"
            })
    void aBadValueIsRefusedByItsKey(String changed) {
        ConfigException refused = assertThrows(ConfigException.class, () -> DatabaseSettings.of(config(changed)));

        String key = changed.substring(0, changed.indexOf(' '));
        assertTrue(String.valueOf(refused.getMessage()).contains(key), refused.getMessage());
    }
}
