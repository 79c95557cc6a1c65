package io.pinion.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "delete", mixinStandardHelpOptions = true, description = "Deletes a database of yours, with all data.")
final class DeleteCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean sure;

    DeleteCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String path = DatabaseNames.path(database);
        NodeClient client = server.client(terminal);
        if (!sure) {
            Confirmation.ask(
                    "deleting cannot be undone: say --yes",
                    "All data of " + database + " will be gone. Type its name to go on: ",
                    database);
        }
        client.require(client.delete(path));
        terminal.print("Deleted " + database);
    }
}
