package io.pinion.actors.core;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.settings.ConfigReader;

/** Reads {@code pinion.cores.*}. */
final class CoreSettings {
    private CoreSettings() {}

    /** {@code pinion.cores.count}: a number, or {@code auto} for half of the processors, at least one. */
    static int count(Config config) {
        String value = config.getString("pinion.cores.count");
        if (value.equals("auto")) {
            return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        }
        int count = config.getInt("pinion.cores.count");
        if (count < 1 || count > 1024) {
            throw new ConfigException.BadValue("pinion.cores.count", "between 1 and 1024 cores, or auto, not " + count);
        }
        return count;
    }

    static long stackBytes(Config config) {
        return config.getBytes("pinion.cores.stack-size");
    }

    /** {@code pinion.cores.default-weight}. */
    static int defaultWeight(Config config) {
        return ConfigReader.at(config, "pinion.cores")
                .integer("default-weight", Binding.WEIGHT_MIN, Binding.WEIGHT_MAX);
    }
}
