package io.pinion.actors.database;

import com.typesafe.config.ConfigException;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * What {@code pinion.resume} says: how connections stay open while their database moves or recovers.
 *
 * @param pause in which a database that has recovered waits for its connections before anything else; zero for not at all
 * @param within after which a connection that has not come back has ended
 * @param commitsBytesMax of the newest commits that are kept for those that come back
 * @param noteInterval between notes to connections of how far they were told everything
 */
record ResumeSettings(Duration pause, Duration within, int commitsBytesMax, Duration noteInterval) {
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int BYTES_MAX = 1 << 30;

    /** @throws ConfigException that names the key if one is missing, of the wrong type or out of its range */
    static ResumeSettings of(ConfigReader section) {
        return new ResumeSettings(
                section.duration("pause", Duration.ZERO, LONGEST),
                section.duration("within", SHORTEST, LONGEST),
                section.bytes("commits-bytes-max", 0, BYTES_MAX),
                section.duration("note-interval", SHORTEST, LONGEST));
    }
}
