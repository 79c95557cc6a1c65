package io.pinion.node.cli;

import java.io.Console;
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
            confirm();
        }
        client.require(client.delete(path));
        terminal.print("Deleted " + database);
    }

    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again where there is no terminal
    private void confirm() {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new CliException("deleting cannot be undone: say --yes");
        }
        String typed = console.readLine("All data of %s will be gone. Type its name to go on: ", database);
        if (!database.equals(typed)) {
            throw new CliException("not deleted");
        }
    }
}
