package io.pinion.node.cli;

import picocli.CommandLine.ArgGroup;
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

    @ArgGroup
    private final Form form = new Form();

    /** At most one of them. */
    private static final class Form {
        @Option(names = "--json", description = "Print the whole schema as it came.")
        private boolean asJson;

        @Option(
                names = "--module-def",
                description = {
                    "Print the definition with its version, as the official generator of client code",
                    "reads it from a file: for the languages that pinion generate has not."
                })
        private boolean asModuleDefinition;
    }

    DescribeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (form.asModuleDefinition) {
            terminal.print("{\"V10\":" + schema(10).body() + "}");
        } else if (form.asJson) {
            terminal.print(schema(9).body());
        } else {
            new ModuleSchema(schema(9).json()).describe().forEach(terminal::print);
        }
    }

    private NodeClient.Answer schema(int version) {
        NodeClient client = server.client(terminal);
        return client.require(client.get(DatabaseNames.path(database) + "/schema?version=" + version));
    }
}
