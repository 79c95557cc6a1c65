package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "cores",
        mixinStandardHelpOptions = true,
        description = "Lists the cores that run databases, and how busy they are.")
final class CoresCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Option(names = "--node", paramLabel = "NODE", description = "Only this node, as pinion nodes calls it.")
    private String node = "";

    @Option(names = "--json", description = "Print the answer as it came.")
    private boolean asJson;

    CoresCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        NodeClient.Answer answer = client.require(
                client.get("/pinion/cores" + (node.isEmpty() ? "" : "?node=" + NodeClient.segment(node))));
        if (asJson) {
            terminal.print(answer.body());
            return;
        }
        Columns columns =
                new Columns("NODE", "CORE", "CPU", "BUSY", "DATABASES", "RUNNABLE", "DELAY P99 MS", "HAND-OFFS");
        for (JsonNode core : answer.json().path("cores")) {
            columns.add(
                    core.path("node").asText(),
                    core.path("core").asText(),
                    core.path("cpu").asText(),
                    Columns.percent(core.path("busy")),
                    core.path("databases").asText(),
                    core.path("runnable").asText(),
                    millis(core.path("queue_delay_micros").path("p99")),
                    core.path("hand_offs").asText());
        }
        terminal.print(columns.text());
        Missing.note(terminal, answer.json());
    }

    private static String millis(JsonNode micros) {
        return Double.toString(Math.round(micros.asDouble() / 10) / 100.0);
    }
}
