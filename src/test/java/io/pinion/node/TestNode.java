package io.pinion.node;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Starts whole nodes for tests: on a port that is free, with their data where the test says. */
public final class TestNode {
    private TestNode() {}

    public static PinionNode start(Path data) throws NodeStartException {
        return start(data, Map.of());
    }

    /** @param settings go before those of all tests */
    public static PinionNode start(Path data, Map<String, ?> settings) throws NodeStartException {
        Map<String, Object> all =
                new HashMap<>(Map.of("pinion.data-directory", data.toString(), "pinion.http.port", 0));
        all.putAll(settings);
        return PinionNode.start(NodeConfig.load(all, Optional.empty()));
    }
}
