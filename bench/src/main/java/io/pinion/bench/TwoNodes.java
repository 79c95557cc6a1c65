package io.pinion.bench;

import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import io.pinion.testing.NodeProcess;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.typed.Cluster;

/** A cluster of two nodes in this process, over the loopback device, with a PostgreSQL server of their own. */
final class TwoNodes implements AutoCloseable {
    private final PostgresServer server;
    private final Path folder;
    private final String url;
    private final Map<String, Object> further;
    private final List<PinionNode> nodes = new ArrayList<>();

    private TwoNodes(PostgresServer server, Path folder, String url, Map<String, Object> further) {
        this.server = server;
        this.folder = folder;
        this.url = url;
        this.further = further;
    }

    /** @param further settings, which go before all others */
    static TwoNodes start(Map<String, Object> further) throws IOException, SQLException, NodeStartException {
        PostgresServer server = PostgresServer.start();
        try {
            TwoNodes started = new TwoNodes(
                    server, Files.createTempDirectory("pinion-cluster"), server.url(server.createDatabase()), further);
            started.add("first", List.of());
            started.add("second", List.of(address(started.first()).toString()));
            return started;
        } catch (IOException | SQLException | NodeStartException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void add(String name, List<String> seedNodes) throws NodeStartException {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "pinion.http.port",
                0,
                "pinion.data-directory",
                folder.resolve(name).toString(),
                "pinion.cluster.seed-nodes",
                seedNodes,
                "pinion.durability.journal-plugin-id",
                "pinion.postgresql.journal",
                "pinion.durability.read-journal-id",
                "pinion.postgresql.query",
                "pekko.persistence.snapshot-store.plugin",
                "pekko.persistence.no-snapshot-store",
                "pinion.postgresql.url",
                url,
                "pekko.cluster.jmx.multi-mbeans-in-same-jvm",
                "on"));
        settings.putAll(further);
        nodes.add(PinionNode.start(NodeConfig.load(settings, Optional.empty())));
    }

    /** One more, in a process of its own with such a heap; returns when it serves. */
    NodeProcess startThird(int heapMib) throws IOException {
        String seed = address(first()).hostPort().replaceFirst(".*@", "");
        Path data = Files.createDirectories(folder.resolve("third").resolve("data"));
        return NodeProcess.start(
                heapMib, data, List.of("--seed", seed, "--journal", "postgresql", "--journal-url", url));
    }

    PinionNode first() {
        return nodes.getFirst();
    }

    PinionNode second() {
        return nodes.getLast();
    }

    static Address address(PinionNode node) {
        return Cluster.get(node.system()).selfMember().address();
    }

    @Override
    public void close() throws IOException {
        nodes.reversed().forEach(PinionNode::close);
        server.close();
    }
}
