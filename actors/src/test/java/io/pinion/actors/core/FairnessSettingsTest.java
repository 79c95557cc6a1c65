package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FairnessSettingsTest {
    private static FairnessSettings with(String override) {
        return FairnessSettings.of(ConfigFactory.parseString(override).withFallback(ConfigFactory.load()));
    }

    @Test
    void defaultsAreAsDocumented() {
        assertEquals(new FairnessSettings(true, Duration.ofMillis(5), 64), with(""));
    }

    @Test
    void everyKeyIsRead() {
        FairnessSettings settings = with("pinion.fairness { hand-off = off, slice = 20 ms, relief-threads-max = 3 }");

        assertEquals(new FairnessSettings(false, Duration.ofMillis(20), 3), settings);
    }

    @ParameterizedTest
    @CsvSource({"slice, 999 us", "slice, 2 s", "relief-threads-max, 0", "relief-threads-max, 1025"})
    void aValueOutOfRangeIsRefusedByItsKey(String key, String value) {
        String path = "pinion.fairness." + key;

        ConfigException refusal = assertThrows(ConfigException.class, () -> with(path + " = " + value));

        assertTrue(String.valueOf(refusal.getMessage()).contains(path));
    }
}
