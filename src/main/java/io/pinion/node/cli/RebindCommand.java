package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "rebind",
        mixinStandardHelpOptions = true,
        description = "Binds a database to another core of its node; its callers notice nothing.")
final class RebindCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Parameters(index = "1", paramLabel = "CORE", description = "Its number, as pinion cores calls it.")
    private int core;

    RebindCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        String path = "/pinion/databases/" + DatabaseNames.segment(database) + "/rebind?core=" + core;
        JsonNode rebound = client.require(client.post(path, new byte[0])).json();
        terminal.print(database + " goes to core " + rebound.path("core").asInt() + " of "
                + rebound.path("node").asText());
    }
}
