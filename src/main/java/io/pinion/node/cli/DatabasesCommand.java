package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "databases",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the databases that are in the memory of the cluster's nodes, whoever owns them.",
            "pinion recovery says more about one of them."
        })
final class DatabasesCommand implements Runnable {
    private static final int PAGE_MAX = 1000;

    private final Terminal terminal;

    @Mixin
    private final ManagementOption management = new ManagementOption();

    @Option(names = "--node", paramLabel = "NODE", description = "Only this node, as pinion nodes calls it.")
    private String node = "";

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Only recovering, damaged, stuck, serving, paused or other ones.")
    private String state = "";

    @Option(names = "--limit", paramLabel = "COUNT", description = "At most so many (default: 1000).")
    private int limit = PAGE_MAX;

    @Option(names = "--json", description = "Print one JSON object on a line for each.")
    private boolean asJson;

    DatabasesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = management.client(terminal);
        List<JsonNode> databases = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = client.require(client.get("/pinion/databases?" + query(limit - databases.size(), next)))
                    .json();
            page.path("databases").forEach(databases::add);
            next = page.path("next").asText();
            Missing.note(terminal, page);
        } while (!next.isEmpty() && databases.size() < limit);
        print(databases);
        if (!next.isEmpty()) {
            terminal.note("There are more; --limit shows them.");
        }
    }

    private String query(int left, String after) {
        StringJoiner query = new StringJoiner("&");
        query.add("limit=" + Math.clamp(left, 1, PAGE_MAX));
        add(query, "node", node);
        add(query, "state", state);
        add(query, "after", after);
        return query.toString();
    }

    private static void add(StringJoiner query, String key, String value) {
        if (!value.isEmpty()) {
            query.add(key + "=" + NodeClient.segment(value));
        }
    }

    private void print(List<JsonNode> databases) {
        if (asJson) {
            databases.forEach(database -> terminal.print(database.toString()));
            return;
        }
        Columns columns = new Columns("DATABASE", "STATE", "NODE", "CORE", "WEIGHT", "BUSY", "WAITING", "NAMES");
        for (JsonNode database : databases) {
            columns.add(
                    database.path("database_identity").asText(),
                    database.path("state").asText(),
                    database.path("node").asText(),
                    database.path("core").asText(),
                    database.path("weight").asText(),
                    Columns.percent(database.path("busy")),
                    database.path("waiting").asText(),
                    String.join(
                            ", ",
                            database.path("names")
                                    .valueStream()
                                    .map(JsonNode::asText)
                                    .toList()));
        }
        terminal.print(columns.text());
    }
}
