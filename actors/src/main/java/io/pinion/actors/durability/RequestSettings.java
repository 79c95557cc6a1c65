package io.pinion.actors.durability;

import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * How many outcomes of calls that may be repeated a database keeps; see {@link RequestWindow}. Immutable.
 *
 * @param perCallerMax 1 to 1,000,000
 * @param age of an id, 1 s to 1 day
 * @param bytesMax about what they take in memory, all together, 4 KiB to 1 GiB
 * @param resultBytesMax of what a procedure returned, 0 to 1 MiB; of a larger one it is kept that there was one
 */
public record RequestSettings(int perCallerMax, Duration age, int bytesMax, int resultBytesMax) {
    static RequestSettings of(ConfigReader section) {
        return new RequestSettings(
                section.integer("per-caller-max", 1, 1_000_000),
                section.duration("age", Duration.ofSeconds(1), Duration.ofDays(1)),
                section.bytes("bytes-max", 4 << 10, 1 << 30),
                section.bytes("result-bytes-max", 0, 1 << 20));
    }
}
