package io.pinion.balancer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BalancerSettingsTest {
    private static BalancerSettings settings(String overrides) {
        return BalancerSettings.of(ConfigFactory.parseString(overrides).withFallback(ConfigFactory.load()));
    }

    @Test
    void defaultsAreThoseOfTheReference() {
        assertEquals(
                new BalancerSettings(
                        true,
                        Duration.ofSeconds(1),
                        256,
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(3),
                        new BalancerSettings.MoveRule(0.1, 0.3, 32, Duration.ofSeconds(30)),
                        new BalancerSettings.MoveRule(0.2, 0.5, 4, Duration.ofMinutes(5)),
                        16,
                        Duration.ofMinutes(30),
                        Duration.ofMinutes(2),
                        1000),
                settings(""));
    }

    @ParameterizedTest
    @CsvSource({
        "report-interval, 10 ms",
        "report-databases-max, 0",
        "report-databases-max, 1001",
        "window, 100 ms",
        "silent-after, 1 s",
        "plan-interval, 10 ms",
        "rebind.imbalance, 0%",
        "rebind.imbalance, ten",
        "rebind.busy-min, 101%",
        "rebind.moves-max, 0",
        "rebind.rest, 8 d",
        "relocate.imbalance, 0%",
        "relocate.busy-min, 101%",
        "relocate.moves-max, 0",
        "relocate.rest, 8 d",
        "drain-moves-max, 0",
        "return-after, 8 d",
        "arrive-within, 10 ms",
        "decisions-max, 0",
        "enabled, perhaps"
    })
    void whatIsOutOfRangeIsRefusedByName(String key, String value) {
        ConfigException refused =
                assertThrows(ConfigException.class, () -> settings("pinion.balancer." + key + " = \"" + value + "\""));

        assertTrue(String.valueOf(refused.getMessage()).contains("pinion.balancer." + key), refused.getMessage());
    }
}
