package io.pinion.actors.core;

import com.typesafe.config.Config;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * {@code pinion.fairness}. Immutable.
 *
 * @param isHandOffOn whether a turn that outlives its slice loses its core
 * @param slice what a turn may take of a core that others wait for, from 1 ms to 1 s
 * @param reliefThreadsMax how many threads a core may have beyond the one that owns it, from 1 to 1024
 */
record FairnessSettings(boolean isHandOffOn, Duration slice, int reliefThreadsMax) {
    /** @throws com.typesafe.config.ConfigException naming the key, if a value is missing or wrong */
    static FairnessSettings of(Config config) {
        ConfigReader fairness = ConfigReader.at(config, "pinion.fairness");
        return new FairnessSettings(
                fairness.flag("hand-off"),
                fairness.duration("slice", Duration.ofMillis(1), Duration.ofSeconds(1)),
                fairness.integer("relief-threads-max", 1, 1024));
    }
}
