package io.pinion.bench;

import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
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
    private final List<PinionNode> nodes = new ArrayList<>();

    private TwoNodes(PostgresServer server) {
        this.server = server;
    }

    static TwoNodes start() throws IOException, SQLException, NodeStartException {
        TwoNodes started = new TwoNodes(PostgresServer.start());
        String url = started.server.url(started.server.createDatabase());
        Path folder = Files.createTempDirectory("pinion-cluster");
        PinionNode first = started.add(folder.resolve("first"), url, List.of());
        started.add(folder.resolve("second"), url, List.of(address(first).toString()));
        return started;
    }

    private PinionNode add(Path data, String url, List<String> seedNodes) throws NodeStartException {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "pinion.http.port", 0,
                "pinion.data-directory", data.toString(),
                "pinion.cluster.seed-nodes", seedNodes,
                "pinion.durability.journal-plugin-id", "pinion.postgresql.journal",
                "pinion.durability.read-journal-id", "pinion.postgresql.query",
                "pekko.persistence.snapshot-store.plugin", "pekko.persistence.no-snapshot-store",
                "pinion.postgresql.url", url,
                "pekko.cluster.jmx.multi-mbeans-in-same-jvm", "on",
                "pekko.cluster.failure-detector.acceptable-heartbeat-pause", "20 s"));
        PinionNode node = PinionNode.start(NodeConfig.load(settings, Optional.empty()));
        nodes.add(node);
        return node;
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
