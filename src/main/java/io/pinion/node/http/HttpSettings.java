package io.pinion.node.http;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * What {@code pinion.http} says.
 *
 * @param port 0 for any free one
 * @param bodyBytesMax of every request but a publish
 * @param programBytesMax of a publish
 * @param callTimeout after which a call that has not started is given up
 * @param procedureTimeout after which the answer of a procedure or of a module's handler is not waited for any more
 * @param publishTimeout after which the answer to a publish or a delete is not waited for any more
 * @param queryTimeout of SQL and of everything that only reads
 */
public record HttpSettings(
        String host,
        int port,
        long bodyBytesMax,
        long programBytesMax,
        Duration callTimeout,
        Duration procedureTimeout,
        Duration publishTimeout,
        Duration queryTimeout) {
    /** @param config the section {@code pinion.http} */
    public static HttpSettings of(Config config) {
        return new HttpSettings(
                config.getString("host"),
                config.getInt("port"),
                config.getBytes("body-max"),
                config.getBytes("program-max"),
                config.getDuration("call-timeout"),
                config.getDuration("procedure-timeout"),
                config.getDuration("publish-timeout"),
                config.getDuration("query-timeout"));
    }
}
