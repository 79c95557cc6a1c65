package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A node of a newer version, which joins one of this version. */
@ExtendWith(QuietLog.class)
@Timeout(180)
class NewerNodeStartTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private PinionNode join(PinionNode seed, String version, int latest) throws NodeStartException {
        Map<String, Object> overrides = new HashMap<>(Map.of(
                "pinion.http.port",
                0,
                "pinion.data-directory",
                directory.resolve("newer").toString(),
                "pekko.cluster.jmx.multi-mbeans-in-same-jvm",
                "on",
                "pinion.cluster.seed-nodes",
                List.of(ClusterNodes.address(seed).hostPort().replaceFirst(".*@", ""))));
        overrides.put("pinion.wire-format." + version, latest);
        return PinionNode.start(NodeConfig.load(overrides, Optional.empty()));
    }

    private static long members(PinionNode node) {
        return Cluster.get(node.system()).state().members().size();
    }

    @Test
    void aNodeWhoseMessagesAClusterWouldNotUnderstandIsNotTakenInAndTheClusterGoesOn() throws Exception {
        try (ClusterNodes nodes = ClusterNodes.apart(directory)) {
            PinionNode older = nodes.add();

            NodeStartException refused = assertThrows(NodeStartException.class, () -> join(older, "writes", 2));

            assertTrue(String.valueOf(refused.getMessage()).contains("do not go together"), refused::toString);
            assertEquals(1, members(older));
            assertEquals(
                    200,
                    new NodeRequests(older.url()).send("GET", "/v1/ping", "").statusCode());
        }
    }

    @Test
    void aNodeThatUnderstandsMoreThanItSaysIsTakenIn() throws Exception {
        try (ClusterNodes nodes = ClusterNodes.apart(directory)) {
            PinionNode older = nodes.add();

            try (PinionNode newer = join(older, "reads", 2)) {
                assertEquals(2, members(newer));
            }
        }
    }
}
