package io.pinion.node.cli;

import java.net.URI;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which node's management a command talks to, and as whom: the identity that the user has at the server of that cluster. */
final class ManagementOption {
    private static final String DEFAULT = "http://127.0.0.1:7626";

    @Option(
            names = {"-m", "--management"},
            paramLabel = "URL",
            description = "The management to talk to (default: $PINION_MANAGEMENT, else " + DEFAULT + ").")
    private String management = "";

    @Mixin
    private final ServerOption server = new ServerOption();

    NodeClient client(Terminal terminal) {
        String text =
                management.isEmpty() ? terminal.variable("PINION_MANAGEMENT").orElse(DEFAULT) : management;
        URI uri = ServerOption.uri("--management", text, DEFAULT);
        return NodeClient.anonymous(uri).as(server.token(terminal));
    }
}
