package io.pinion.node.ws;

import com.typesafe.config.Config;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * What {@code pinion.websocket} says.
 *
 * @param pingInterval between pings to a client
 * @param idleTimeout after which a client that says nothing, pongs included, is dropped
 * @param closeHandshakeTimeout how long the client's close frame is waited for
 * @param messageBytesMax of a message of a client
 * @param incomingCountMax messages of a client that wait for their turn; one more closes its connection
 * @param incomingBytesMax of such messages; beyond it the client is not read from
 * @param outgoingCountMax messages that a client has not read; one more drops its connection
 * @param outgoingBytesMax the same in bytes; a single larger message may wait alone
 * @param requestsMax requests of one client that its database has at a time
 * @param openTimeout after which a connection is given up that the module neither accepts nor rejects
 * @param returnTimeout after which a connection is closed whose database is not found again
 * @param callTimeout after which a call that has not started is given up
 * @param procedureTimeout after which the answer of a procedure is not waited for any more
 * @param compressesGzip whether clients that asked for gzip get it
 */
record WebSocketSettings(
        Duration pingInterval,
        Duration idleTimeout,
        Duration closeHandshakeTimeout,
        int messageBytesMax,
        int incomingCountMax,
        int incomingBytesMax,
        int outgoingCountMax,
        int outgoingBytesMax,
        int requestsMax,
        Duration openTimeout,
        Duration returnTimeout,
        Duration callTimeout,
        Duration procedureTimeout,
        boolean compressesGzip) {
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int COUNT_MAX = 1 << 24;
    private static final int BYTES_MAX = 1 << 30;

    /** @throws com.typesafe.config.ConfigException if a setting is missing or out of its range; it names the key */
    static WebSocketSettings of(Config config) {
        ConfigReader section = ConfigReader.at(config, "pinion.websocket");
        return new WebSocketSettings(
                section.duration("ping-interval", SHORTEST, LONGEST),
                section.duration("idle-timeout", SHORTEST, LONGEST),
                section.duration("close-handshake-timeout", SHORTEST, LONGEST),
                section.bytes("message-max", 1, BYTES_MAX),
                section.integer("incoming-queue-length", 1, COUNT_MAX),
                section.bytes("incoming-bytes-max", 1, BYTES_MAX),
                section.integer("outgoing-queue-length", 1, COUNT_MAX),
                section.bytes("outgoing-bytes-max", 1, BYTES_MAX),
                section.integer("requests-in-flight-max", 1, COUNT_MAX),
                section.duration("open-timeout", SHORTEST, LONGEST),
                section.duration("return-timeout", SHORTEST, LONGEST),
                section.duration("call-timeout", SHORTEST, LONGEST),
                section.duration("procedure-timeout", SHORTEST, LONGEST),
                section.flag("compress-gzip"));
    }
}
