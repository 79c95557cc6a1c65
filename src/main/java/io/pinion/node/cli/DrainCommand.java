package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        description = {
            "Has everything that a node hosts go to others, and nothing come to it, as before it is taken down.",
            "It is empty when pinion nodes shows no databases there."
        })
final class DrainCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Parameters(index = "0", paramLabel = "NODE", description = "Host and port, as pinion nodes calls it.")
    private String node = "";

    @Option(names = "--end", description = "End a drain: the node hosts databases again.")
    private boolean isEnd;

    DrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        String path = "/pinion/nodes/" + NodeClient.segment(node) + (isEnd ? "/undrain" : "/drain");
        JsonNode balancer = client.require(client.post(path, new byte[0])).json();
        terminal.print(
                isEnd
                        ? node + " may host databases again"
                        : node + " is being drained; it hosts " + databases(balancer) + " databases now");
    }

    private int databases(JsonNode balancer) {
        return balancer.path("nodes")
                .valueStream()
                .filter(candidate -> candidate.path("node").asText().equals(node))
                .mapToInt(candidate -> candidate.path("databases").asInt())
                .sum();
    }
}
