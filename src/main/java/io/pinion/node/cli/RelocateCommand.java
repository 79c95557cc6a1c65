package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "relocate",
        mixinStandardHelpOptions = true,
        description = {
            "Moves a database to another node, with all databases of its bucket.",
            "Calls wait meanwhile, and connections stay."
        })
final class RelocateCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Parameters(index = "1", paramLabel = "NODE", description = "Host and port, as pinion nodes calls it.")
    private String node = "";

    RelocateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        String path =
                "/pinion/databases/" + DatabaseNames.segment(database) + "/relocate?node=" + NodeClient.segment(node);
        JsonNode moved = client.require(client.post(path, new byte[0])).json();
        terminal.print(
                database + " is on its way from " + moved.path("node_before").asText() + " to "
                        + moved.path("node").asText());
    }
}
