package io.pinion.actors.core;

import com.typesafe.config.Config;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * {@code pinion.cores.*}. Immutable.
 *
 * @param reserve which CPUs, or how many, belong to cores
 * @param minimum with fewer usable CPUs than this, from 1 to 1024, core threads are not pinned
 * @param stackBytes the stack of a core thread, from 256 KiB to 1 GiB
 * @param spin how long an idle core looks for work before it parks, up to 1 ms; zero parks at once
 * @param sweepInterval how often threads are put where they belong, from 10 ms to an hour
 * @param defaultWeight the share of a database that was given none, from 1 to 10,000
 */
record CoreSettings(
        Reserve reserve, int minimum, int stackBytes, Duration spin, Duration sweepInterval, int defaultWeight) {

    /** @throws com.typesafe.config.ConfigException naming the key, if a value is missing or wrong */
    static CoreSettings of(Config config) {
        ConfigReader cores = ConfigReader.at(config, "pinion.cores");
        return new CoreSettings(
                ReserveReader.read(config),
                cores.integer("minimum", 1, 1024),
                cores.bytes("stack-size", 256 << 10, 1 << 30),
                cores.duration("spin", Duration.ZERO, Duration.ofMillis(1)),
                cores.duration("sweep-interval", Duration.ofMillis(10), Duration.ofHours(1)),
                cores.integer("default-weight", Binding.WEIGHT_MIN, Binding.WEIGHT_MAX));
    }
}
