package io.pinion.node.management;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.util.Optional;

/**
 * What {@code pinion.management} says.
 *
 * @param port 0 for any free one
 * @param isPortSettled false if any free port will do when this one is taken
 * @param openReads whether anybody who reaches the port may read what changes nothing and shows no rows
 * @param nodeTimeout how long the answer of a node is waited for
 * @param journalCheckInterval how long the journal counts as writable after a write
 * @param auditFileBytesMax of one file of the audit log
 * @param auditFilesMax that are kept
 * @param metricsDatabasesMax databases with metrics of their own, the busiest
 */
record ManagementSettings(
        String host,
        int port,
        boolean isPortSettled,
        boolean openReads,
        Duration nodeTimeout,
        Duration journalCheckInterval,
        long auditFileBytesMax,
        int auditFilesMax,
        int metricsDatabasesMax,
        TlsSettings tls) {
    private static final String AUTO = "auto";
    private static final int PORT_MAX = 65_535;

    /**
     * Where it listens, Pekko's own keys say, which have {@code pinion.management.host} and {@code port} as defaults.
     *
     * @throws ConfigException that names the key if one is missing or out of its range
     */
    static ManagementSettings of(Config config) {
        Config pinion = config.getConfig("pinion.management");
        Config pekko = config.getConfig("pekko.management.http");
        Optional<Integer> port = port(pinion);
        return new ManagementSettings(
                orElse(pekko.getString("bind-hostname"), pekko.getString("hostname")),
                port.orElseGet(() -> Integer.parseInt(orElse(pekko.getString("bind-port"), pekko.getString("port")))),
                port.isPresent(),
                pinion.getBoolean("open-reads"),
                pinion.getDuration("node-timeout"),
                pinion.getDuration("journal-check-interval"),
                atLeast(pinion, "audit.file-max", pinion.getBytes("audit.file-max"), 4096),
                (int) atLeast(pinion, "audit.files-max", pinion.getInt("audit.files-max"), 1),
                (int) atLeast(pinion, "metrics.databases-max", pinion.getInt("metrics.databases-max"), 0),
                TlsSettings.of(pinion.getConfig("tls")));
    }

    private static String orElse(String given, String otherwise) {
        return given.isEmpty() ? otherwise : given;
    }

    private static Optional<Integer> port(Config pinion) {
        String text = pinion.getString("port");
        if (text.equals(AUTO)) {
            return Optional.empty();
        }
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= PORT_MAX) {
                return Optional.of(port);
            }
        } catch (NumberFormatException _) {
            throw badPort(pinion, text);
        }
        throw badPort(pinion, text);
    }

    private static ConfigException badPort(Config pinion, String text) {
        return new ConfigException.BadValue(
                pinion.getValue("port").origin(),
                "pinion.management.port",
                text + " is neither \"" + AUTO + "\" nor a port from 0 to " + PORT_MAX);
    }

    private static long atLeast(Config pinion, String key, long value, long min) {
        if (value < min) {
            throw new ConfigException.BadValue(
                    pinion.getValue(key).origin(), "pinion.management." + key, value + " is less than " + min);
        }
        return value;
    }
}
