package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "truncate-log",
        mixinStandardHelpOptions = true,
        description = {
            "Cuts the log of a database that cannot be read to its end, where that is.",
            "What follows is lost; pinion recovery says where and why."
        })
final class TruncateLogCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Parameters(index = "1", paramLabel = "OFFSET", description = "Up to which the log is intact.")
    private long offset;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean sure;

    TruncateLogCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = server.client(terminal);
        if (!sure) {
            Confirmation.ask(
                    "cutting a log cannot be undone: say --yes",
                    "Everything that " + database + " committed after offset " + offset
                            + " will be lost. Type its name to go on: ",
                    database);
        }
        String path = "/pinion/databases/" + DatabaseNames.segment(database) + "/truncate-log?offset=" + offset;
        JsonNode cut = client.require(client.post(path, new byte[0])).json();
        terminal.print("Cut the log of " + database + " after offset "
                + cut.path("offset").asLong() + ": " + cut.path("events_cut").asLong() + " events");
    }
}
