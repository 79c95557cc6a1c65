package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "sql", mixinStandardHelpOptions = true, description = "Runs an SQL statement and prints its rows.")
final class SqlCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Parameters(index = "1", paramLabel = "SQL", description = "For instance: \"SELECT * FROM accounts\".")
    private String statement = "";

    @Option(names = "--json", description = "Print the answer as it came.")
    private boolean asJson;

    SqlCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String path = DatabaseNames.path(database) + "/sql";
        NodeClient client = server.client(terminal);
        NodeClient.Answer answer = client.require(client.post(path, "text/plain; charset=utf-8", statement));
        if (asJson) {
            terminal.print(answer.body());
            return;
        }
        for (JsonNode result : answer.json()) {
            terminal.print(SqlTable.render(result));
        }
    }
}
