package io.pinion.node;

import io.pinion.testing.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/** Nodes of one cluster in this process, which share a PostgreSQL server. Used by one thread. */
public final class ClusterNodes implements AutoCloseable {
    private final Path directory;
    private final Map<String, Object> settings;
    private final List<PinionNode> nodes = new ArrayList<>();
    private final Map<PinionNode, Path> data = new HashMap<>();

    private ClusterNodes(Path directory, Map<String, Object> settings) {
        this.directory = directory;
        this.settings = settings;
    }

    /** @param further goes before all other settings */
    public static ClusterNodes start(int count, Path directory, PostgresServer server, Map<String, ?> further)
            throws Exception {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "pinion.durability.journal-plugin-id", "pinion.postgresql.journal",
                "pinion.durability.read-journal-id", "pinion.postgresql.query",
                "pekko.persistence.snapshot-store.plugin", "pekko.persistence.no-snapshot-store",
                "pinion.postgresql.url", server.url(server.createDatabase()),
                "pinion.postgresql.connections", 6));
        settings.putAll(further);
        ClusterNodes nodes = new ClusterNodes(directory, settings);
        for (int i = 0; i < count; i++) {
            nodes.add();
        }
        return nodes;
    }

    /** Nodes that keep their journals for themselves. */
    static ClusterNodes apart(Path directory) {
        return new ClusterNodes(directory, Map.of());
    }

    /** Starts one more node, which joins those there are; returns when all of them know it. */
    public PinionNode add() throws NodeStartException {
        return add(Map.of());
    }

    /** @param further of this node alone, goes before all other settings */
    PinionNode add(Map<String, ?> further) throws NodeStartException {
        PinionNode node = start(directory.resolve("node-" + data.size()), further);
        nodes.add(node);
        for (PinionNode other : nodes) {
            ClusterTest.await(address(node) + " is up", () -> isUp(other, address(node)));
        }
        return node;
    }

    private static boolean isUp(PinionNode observer, Address node) {
        for (Member member : Cluster.get(observer.system()).state().getMembers()) {
            if (member.address().equals(node)) {
                return member.status().equals(MemberStatus.up());
            }
        }
        return false;
    }

    /** Starts a node that has ended with its data; it joins those there are, or is the first if there are none. */
    void startAgain(int index) throws NodeStartException {
        nodes.set(index, start(Objects.requireNonNull(data.get(nodes.get(index))), Map.of()));
    }

    private PinionNode start(Path directory, Map<String, ?> further) throws NodeStartException {
        Map<String, Object> overrides = new HashMap<>();
        overrides.put("pinion.http.port", 0);
        overrides.put("pinion.data-directory", directory.toString());
        overrides.put("pekko.cluster.jmx.multi-mbeans-in-same-jvm", "on");
        // On a busy machine all nodes of one process stand still at times.
        overrides.put("pekko.cluster.failure-detector.acceptable-heartbeat-pause", "20 s");
        overrides.put(
                "pinion.cluster.seed-nodes",
                nodes.stream()
                        .filter(node -> !hasEnded(node))
                        .limit(1)
                        .map(node -> address(node).hostPort().replaceFirst(".*@", ""))
                        .toList());
        overrides.putAll(settings);
        overrides.putAll(further);
        PinionNode node = PinionNode.start(NodeConfig.load(overrides, Optional.empty()));
        data.put(node, directory);
        return node;
    }

    static boolean hasEnded(PinionNode node) {
        return node.whenEnded().toCompletableFuture().isDone();
    }

    public PinionNode node(int index) {
        return nodes.get(index);
    }

    public List<PinionNode> all() {
        return List.copyOf(nodes);
    }

    public static Address address(PinionNode node) {
        return Cluster.get(node.system()).selfMember().address();
    }

    /** Has a node leave in order. */
    public void leave(PinionNode node) {
        nodes.remove(node);
        node.close();
    }

    @Override
    public void close() {
        nodes.reversed().forEach(PinionNode::close);
    }
}
