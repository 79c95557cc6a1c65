package io.pinion.actors.database;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.settings.ConfigReader;

/**
 * How much may wait for one database, by kind; the keys are those of {@code reference.conf}. Immutable.
 *
 * @param calls reducer calls and queries
 * @param procedures calls of procedures and HTTP requests to the module
 * @param ownCalls calls that the module asked for itself
 * @param management everything about the database that is no call, except publishes
 * @param publishes publishes behind the one that is carried out
 */
record AdmissionSettings(Bound calls, Bound procedures, Bound ownCalls, Bound management, Bound publishes) {
    private static final int COUNT_MAX = 1_000_000;

    /**
     * @param count at least 1
     * @param bytes as {@link MessageSize} counts them
     */
    record Bound(int count, long bytes) {}

    /**
     * Reads {@code pinion.database.queue.*}.
     *
     * @throws ConfigException that names the key if one is missing, of the wrong type or out of its range
     */
    static AdmissionSettings of(Config config) {
        ConfigReader queue = ConfigReader.at(config, "pinion.database.queue");
        int management = queue.integer("management-max", 1, COUNT_MAX);
        return new AdmissionSettings(
                bound(queue, "calls-max", "calls-bytes-max"),
                bound(queue, "procedures-max", "procedures-bytes-max"),
                bound(queue, "own-calls-max", "own-calls-bytes-max"),
                new Bound(management, management * MessageSize.FIXED),
                bound(queue, "publishes-max", "publishes-bytes-max"));
    }

    private static Bound bound(ConfigReader queue, String count, String bytes) {
        return new Bound(queue.integer(count, 1, COUNT_MAX), queue.bytes(bytes, 1024, Integer.MAX_VALUE));
    }
}
