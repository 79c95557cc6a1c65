package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "recovery",
        mixinStandardHelpOptions = true,
        description = "Says how a database is: how far its recovery has come, what is wrong with its log.")
final class RecoveryCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Option(names = "--json", description = "Print the answer as it came.")
    private boolean asJson;

    RecoveryCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = server.client(terminal);
        NodeClient.Answer answer = client.require(client.get("/pinion/databases/" + DatabaseNames.segment(database)));
        if (asJson) {
            terminal.print(answer.body());
            return;
        }
        JsonNode state = answer.json();
        terminal.print(database + " (" + state.path("database_identity").asText() + ") is "
                + state.path("state").asText());
        if (state.has("offset_durable")) {
            terminal.print(
                    "durable up to offset " + state.path("offset_durable").asLong());
        }
        print("recovery", state.path("recovery"));
        print("damage", state.path("damage"));
        print("stuck", state.path("stuck"));
        print("restore", state.path("restore"));
        for (JsonNode snapshot : state.path("snapshots")) {
            terminal.print("snapshot at offset " + snapshot.path("offset").asLong() + ", "
                    + snapshot.path("time").asText() + ", "
                    + snapshot.path("rows").asLong() + " rows");
        }
        if (state.has("damage")) {
            terminal.print("To lose what follows and go on: pinion truncate-log " + database + " "
                    + state.path("damage").path("offset").asLong());
        }
    }

    private void print(String what, JsonNode object) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            terminal.print(what + " " + field.getKey().replace('_', ' ') + ": "
                    + field.getValue().asText());
        }
    }
}
