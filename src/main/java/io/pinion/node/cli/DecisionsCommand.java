package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "decisions",
        mixinStandardHelpOptions = true,
        description = "Shows what the balancer has moved lately, what not, and why.")
final class DecisionsCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Option(names = "--limit", paramLabel = "COUNT", description = "At most so many, up to 1000 (default: 50).")
    private int limit = 50;

    @Option(names = "--json", description = "Print the answer as it came.")
    private boolean asJson;

    DecisionsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Oldest first, so that the newest stands where the eye is. */
    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        NodeClient.Answer answer = client.require(client.get("/pinion/decisions?limit=" + limit));
        if (asJson) {
            terminal.print(answer.body());
            return;
        }
        List<JsonNode> decisions = new ArrayList<>();
        answer.json().path("decisions").forEach(decisions::addFirst);
        decisions.forEach(decision -> terminal.print(decision.path("time").asText() + " " + text(decision) + ": "
                + decision.path("because").asText()));
        if (decisions.isEmpty()) {
            terminal.note("The balancer has decided nothing yet.");
        }
    }

    private static String text(JsonNode decision) {
        return switch (decision.path("what").asText()) {
            case "rebind" ->
                "database " + decision.path("database_identity").asText() + " of "
                        + decision.path("node").asText() + " goes from core "
                        + decision.path("core_before").asInt() + " to core "
                        + decision.path("core").asInt();
            case "relocate" ->
                "bucket " + decision.path("bucket").asInt() + " goes from "
                        + decision.path("node_before").asText() + " to "
                        + decision.path("node").asText();
            default -> subject(decision) + " stays as it is";
        };
    }

    private static String subject(JsonNode decision) {
        if (decision.has("database_identity")) {
            return "database " + decision.path("database_identity").asText();
        }
        if (decision.has("bucket")) {
            return "bucket " + decision.path("bucket").asInt();
        }
        if (decision.has("core")) {
            return "core " + decision.path("core").asInt() + " of "
                    + decision.path("node").asText();
        }
        return decision.has("node") ? "node " + decision.path("node").asText() : "the cluster";
    }
}
