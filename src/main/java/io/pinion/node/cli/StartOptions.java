package io.pinion.node.cli;

import com.typesafe.config.Config;
import io.pinion.node.NodeConfig;
import io.pinion.node.NodeStartException;
import io.pinion.node.PinionNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a node is started with. */
final class StartOptions {
    private static final int PORT_MAX = 65_535;

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
            overrides.put("pinion.http.port", validPort(port));
        }
        if (host != null) {
            overrides.put("pinion.http.host", host);
        }
        if (data != null) {
            overrides.put("pinion.data-directory", terminal.path(data).toString());
        }
        return NodeConfig.load(overrides, file(terminal));
    }

    private static int validPort(int port) {
        if (port < 0 || port > PORT_MAX) {
            throw new CliException("--port: " + port + " is not between 0 and " + PORT_MAX);
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
