package io.pinion.node.pgwire;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * What {@code pinion.pgwire} says.
 *
 * @param host the same as of HTTP
 * @param connectionsMax one more is refused
 * @param messageBytesMax a larger message closes its connection
 * @param loginTimeout for a client to say who it is
 * @param queryTimeout after which an answer is not waited for
 */
public record PgSettings(
        boolean isEnabled,
        String host,
        int port,
        int connectionsMax,
        int messageBytesMax,
        Duration loginTimeout,
        Duration queryTimeout) {
    /** @param config the section {@code pinion} */
    public static PgSettings of(Config config) {
        Config section = config.getConfig("pgwire");
        return new PgSettings(
                section.getBoolean("enabled"),
                config.getString("http.host"),
                section.getInt("port"),
                section.getInt("connections-max"),
                Math.toIntExact(section.getBytes("message-max")),
                section.getDuration("login-timeout"),
                config.getDuration("http.query-timeout"));
    }
}
