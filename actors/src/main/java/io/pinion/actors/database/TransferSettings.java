package io.pinion.actors.database;

import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * How copies of databases leave a node and come to it. Immutable.
 *
 * @param atOnce 1 to 64
 * @param idleTimeout after which one whose other end does nothing is given up
 * @param restoreBytesMax of an archive, before compression
 */
public record TransferSettings(int atOnce, Duration idleTimeout, long restoreBytesMax) {
    static TransferSettings of(ConfigReader section) {
        return new TransferSettings(
                section.integer("at-once", 1, 64),
                section.duration("idle-timeout", Duration.ofMillis(10), Duration.ofDays(1)),
                section.longBytes("restore-bytes-max", 1024, Long.MAX_VALUE));
    }
}
