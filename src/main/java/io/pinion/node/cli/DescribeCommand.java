package io.pinion.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        description = "Prints the tables and functions of a database.")
final class DescribeCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Option(names = "--json", description = "Print the whole schema as it came.")
    private boolean asJson;

    DescribeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String path = DatabaseNames.path(database) + "/schema?version=9";
        NodeClient client = server.client(terminal);
        NodeClient.Answer answer = client.require(client.get(path));
        if (asJson) {
            terminal.print(answer.body());
        } else {
            new ModuleSchema(answer.json()).describe().forEach(terminal::print);
        }
    }
}
