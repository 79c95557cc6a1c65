package io.pinion.actors.log;

import io.pinion.actors.settings.ConfigReader;

/**
 * Bounds of the module logs. Immutable.
 *
 * @param bytesMax of one log on disk; the oldest lines go
 * @param queueBytesMax lines that wait for the writer, all databases together
 * @param readBytesMax the most that one read returns
 * @param followLinesMax old lines that a follower gets at most
 * @param followersMax who may follow one log at a time
 */
public record LogSettings(int bytesMax, int queueBytesMax, int readBytesMax, int followLinesMax, int followersMax) {
    private static final int KIB = 1 << 10;
    private static final int BYTES_MAX = Integer.MAX_VALUE;

    public static LogSettings of(ConfigReader section) {
        return new LogSettings(
                section.bytes("bytes-max", 64 * KIB, BYTES_MAX),
                section.bytes("queue-bytes-max", 4 * KIB, BYTES_MAX),
                section.bytes("read-bytes-max", 4 * KIB, BYTES_MAX),
                section.integer("follow-lines-max", 0, 1_000_000),
                section.integer("followers-max", 1, 10_000));
    }
}
