package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "list", mixinStandardHelpOptions = true, description = "Lists your databases.")
final class ListCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    ListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        NodeClient client = server.client(terminal);
        String identity = new Logins(terminal.configDirectory())
                .find(client.server())
                .orElseThrow(() -> new CliException("not logged in at " + client.server()))
                .identity();
        JsonNode databases = client.require(client.get("/v1/identity/" + identity + "/databases"))
                .json()
                .path("identities");
        for (JsonNode database : databases) {
            terminal.print(database.asText() + "  " + String.join(", ", names(client, database.asText())));
        }
        terminal.note(databases.size() + (databases.size() == 1 ? " database of " : " databases of ") + identity
                + " at " + client.server());
    }

    private static List<String> names(NodeClient client, String database) {
        List<String> names = new ArrayList<>();
        client.require(client.get("/v1/database/" + database + "/names"))
                .json()
                .path("names")
                .forEach(name -> names.add(name.asText()));
        return names.isEmpty() ? List.of("(no name)") : names;
    }
}
