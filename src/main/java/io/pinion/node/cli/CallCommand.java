package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "call",
        mixinStandardHelpOptions = true,
        description = {
            "Calls a reducer and waits until its changes are durable.",
            "Put -- before arguments that start with a hyphen."
        })
final class CallCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Parameters(index = "1", paramLabel = "FUNCTION", description = "The reducer.")
    private String function = "";

    @Parameters(index = "2..*", paramLabel = "ARGUMENT", description = "JSON, or a bare word for a string.")
    private List<String> arguments = List.of();

    CallCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String path = DatabaseNames.path(database);
        NodeClient client = server.client(terminal);
        String result = call(client, path, function, FunctionArguments.json(parameters(client, path), arguments));
        if (!result.isEmpty()) {
            terminal.print(result);
        }
    }

    /** What the function returns, nothing for reducers. */
    static String call(NodeClient client, String path, String function, String arguments) {
        return client.require(
                        client.post(path + "/call/" + NodeClient.segment(function), "application/json", arguments))
                .body();
    }

    /** Types of the parameters, for what needs quotes; the server has the last word on arguments. */
    private JsonNode parameters(NodeClient client, String path) {
        if (arguments.isEmpty()) {
            return MissingNode.getInstance();
        }
        return new ModuleSchema(
                        client.require(client.get(path + "/schema?version=9")).json())
                .parameters(function);
    }
}
