package io.pinion.actors.procedure;

import com.typesafe.config.ConfigException;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * What procedures may have and do. Immutable.
 *
 * @param atOnceMax of one database, at least 1
 * @param threadsMax of one node, at least 1
 * @param stackBytes of such a thread
 */
public record ProcedureSettings(int atOnceMax, int threadsMax, int stackBytes, EgressSettings http) {
    private static final int MIB = 1 << 20;

    /** @throws ConfigException that names the key if one is missing, of the wrong type or out of its range */
    public static ProcedureSettings of(ConfigReader section) {
        return new ProcedureSettings(
                section.integer("at-once-max", 1, 10_000),
                section.integer("threads-max", 1, 100_000),
                section.bytes("stack-size", MIB, 1024 * MIB),
                egress(section.section("http")));
    }

    private static EgressSettings egress(ConfigReader http) {
        Duration timeout = http.duration("timeout", Duration.ofMillis(1), Duration.ofHours(1));
        return new EgressSettings(
                http.flag("enabled"),
                HostRule.of(http),
                AddressRule.of(http),
                http.integer("at-once-max", 1, 100_000),
                http.integer("redirects-max", 0, 100),
                http.bytes("request-bytes-max", 1024, Integer.MAX_VALUE - 64),
                http.bytes("response-bytes-max", 1024, Integer.MAX_VALUE - 64),
                timeout,
                http.duration("timeout-max", timeout, Duration.ofHours(1)));
    }
}
