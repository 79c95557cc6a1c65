package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "nodes", mixinStandardHelpOptions = true, description = "Lists the nodes of the cluster.")
final class NodesCommand implements Runnable {
    private static final int MIB = 1 << 20;

    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Option(names = "--json", description = "Print the answer as it came.")
    private boolean asJson;

    NodesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        NodeClient.Answer answer = client.require(client.get("/pinion/nodes"));
        if (asJson) {
            terminal.print(answer.body());
            return;
        }
        Columns columns = new Columns("NODE", "STATUS", "CORES", "DATABASES", "WAITING", "HEAP MIB", "VERSION");
        for (JsonNode node : answer.json().path("nodes")) {
            columns.add(
                    node.path("node").asText(),
                    status(node),
                    node.path("cores").asText(),
                    node.path("databases").asText(),
                    node.path("waiting").asText(),
                    node.has("heap_bytes")
                            ? Long.toString(node.path("heap_bytes").asLong() / MIB)
                            : "",
                    node.path("version").asText());
        }
        terminal.print(columns.text());
    }

    private static String status(JsonNode node) {
        String status = node.path("status").asText();
        if (!node.path("reachable").asBoolean()) {
            return status + ", unreachable";
        }
        return node.path("answers").asBoolean() ? status : status + ", silent";
    }
}
