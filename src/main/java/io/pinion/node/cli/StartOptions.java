package io.pinion.node.cli;

import com.typesafe.config.Config;
import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a node is started with. */
final class StartOptions {
    private static final int PORT_MAX = 65_535;

    private static final String JOURNAL = "pinion.durability.journal-plugin-id";
    private static final String READ_JOURNAL = "pinion.durability.read-journal-id";
    private static final String SNAPSHOTS = "pekko.persistence.snapshot-store.plugin";

    /** What each means. The snapshot store is for what an embedding application persists; databases have their own. */
    private static final Map<String, Map<String, String>> JOURNALS = Map.of(
            "embedded",
            Map.of(
                    JOURNAL, "pinion.journal",
                    READ_JOURNAL, "pinion.journal.query",
                    SNAPSHOTS, "pinion.snapshot-store"),
            "postgresql",
            Map.of(
                    JOURNAL, "pinion.postgresql.journal",
                    READ_JOURNAL, "pinion.postgresql.query",
                    SNAPSHOTS, "pekko.persistence.no-snapshot-store"));

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "HTTP port, 0 for any free one (default: 3000).")
    private @Nullable Integer port;

    @Option(names = "--host", paramLabel = "HOST", description = "HTTP address (default: 127.0.0.1).")
    private @Nullable String host;

    @Option(names = "--data", paramLabel = "DIR", description = "Data directory (default: data).")
    private @Nullable Path data;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file (default: conf/pinion.conf of the installation).")
    private @Nullable Path config;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "A node of the cluster to join; several, and the same for all nodes, are better.")
    private List<String> seeds = List.of();

    @Option(
            names = "--cluster",
            paramLabel = "HOST:PORT",
            description = "Where other nodes reach this one (default: 127.0.0.1 and any free port).")
    private @Nullable String cluster;

    @Option(names = "--cluster-name", paramLabel = "NAME", description = "The same on all nodes (default: pinion).")
    private @Nullable String clusterName;

    @Option(names = "--role", paramLabel = "ROLE", split = ",", description = "A role of this node in its cluster.")
    private List<String> roles = List.of();

    @Option(
            names = "--journal",
            paramLabel = "JOURNAL",
            description = "embedded, or postgresql, which nodes can share (default: embedded).")
    private @Nullable String journal;

    @Option(
            names = "--journal-url",
            paramLabel = "URL",
            description = "Where PostgreSQL is (default: jdbc:postgresql://127.0.0.1:5432/pinion).")
    private @Nullable String journalUrl;

    /** Starts a node; its failure to start is the user's to read. */
    PinionNode start(Terminal terminal) {
        try {
            return PinionNode.start(load(terminal));
        } catch (NodeStartException e) {
            throw new CliException(String.valueOf(e.getMessage()), e);
        }
    }

    private Config load(Terminal terminal) throws NodeStartException {
        Map<String, Object> overrides = new HashMap<>();
        if (port != null) {
            overrides.put("pinion.http.port", validPort("--port", port));
        }
        if (host != null) {
            overrides.put("pinion.http.host", host);
        }
        if (data != null) {
            overrides.put("pinion.data-directory", terminal.path(data).toString());
        }
        putCluster(overrides);
        putJournal(overrides);
        return NodeConfig.load(overrides, file(terminal));
    }

    private void putCluster(Map<String, Object> overrides) {
        if (!seeds.isEmpty()) {
            overrides.put("pinion.cluster.seed-nodes", seeds);
        }
        if (!roles.isEmpty()) {
            overrides.put("pinion.cluster.roles", roles);
        }
        if (clusterName != null) {
            overrides.put("pinion.cluster.name", clusterName);
        }
        if (cluster != null) {
            int colon = cluster.lastIndexOf(':');
            if (colon <= 0 || !cluster.substring(colon + 1).matches("\\d{1,5}")) {
                throw new CliException("--cluster: " + cluster + " is not HOST:PORT");
            }
            overrides.put("pinion.cluster.host", cluster.substring(0, colon));
            overrides.put(
                    "pinion.cluster.port", validPort("--cluster", Integer.parseInt(cluster.substring(colon + 1))));
        }
    }

    private void putJournal(Map<String, Object> overrides) {
        if (journal != null) {
            Map<String, String> settings = JOURNALS.get(journal);
            if (settings == null) {
                throw new CliException("--journal: " + journal + " is not one of " + new TreeSet<>(JOURNALS.keySet()));
            }
            overrides.putAll(settings);
        }
        if (journalUrl != null) {
            overrides.put("pinion.postgresql.url", journalUrl);
        }
    }

    private static int validPort(String option, int port) {
        if (port < 0 || port > PORT_MAX) {
            throw new CliException(option + ": " + port + " is not between 0 and " + PORT_MAX);
        }
        return port;
    }

    private Optional<Path> file(Terminal terminal) {
        if (config != null) {
            return Optional.of(terminal.path(config));
        }
        return terminal.home().map(home -> home.resolve("conf/pinion.conf")).filter(Files::exists);
    }
}
