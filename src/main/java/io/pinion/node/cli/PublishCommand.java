package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = {
            "Puts a module into a database: a new one, or one of yours that is then updated.",
            "The module is a JavaScript or WebAssembly file."
        })
final class PublishCommand implements Runnable {
    private static final int NOT_FOUND = 404;

    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the database: a-z, 0-9 and single hyphens.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "The module, or a folder with a " + InitCommand.MODULE_FILE + " (default: this folder).")
    private Path file = Path.of("");

    @Option(names = "--clear", description = "Drop all data of the database first.")
    private boolean clear;

    @Option(
            names = "--break-clients",
            description = {
                "Update even if clients would notice, as when a column is added: shows",
                "the plan, and connected clients are disconnected."
            })
    private boolean breakClients;

    PublishCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String path = DatabaseNames.path(name);
        Path given = terminal.path(file);
        Path module = Files.isDirectory(given) ? given.resolve(InitCommand.MODULE_FILE) : given;
        byte[] program = read(module);
        NodeClient client = server.client(terminal);
        terminal.note("Publishing " + module.getFileName() + " (" + program.length + " bytes) to " + client.server()
                + " ...");
        if (breakClients && clear) {
            throw new CliException("--clear drops all data: there is no update for --break-clients to plan");
        }
        terminal.print(
                publish(client, path, name, program, breakClients ? consent(client, path, program) : query(clear)));
    }

    private static String query(boolean clear) {
        return clear ? "?clear=true" : "";
    }

    /** Shows the plan and agrees to it; a database that does not exist yet needs no plan. */
    private String consent(NodeClient client, String path, byte[] program) {
        NodeClient.Answer answer = client.post(path + "/pre_publish?style=NoColor", program);
        if (answer.status() == NOT_FOUND) {
            return "";
        }
        JsonNode plan = client.require(answer).json();
        if (plan.has("ManualMigrate")) {
            throw new CliException("there is no way to update " + name + ":\n"
                    + plan.at("/ManualMigrate/reason").asText());
        }
        terminal.note(plan.at("/AutoMigrate/migrate_plan").asText().stripTrailing());
        return "?policy=BreakClients&token=" + plan.at("/AutoMigrate/token").asText();
    }

    /**
     * Publishes and says in a line what came of it, with a line for each warning.
     *
     * @param query empty or with its question mark
     */
    static String publish(NodeClient client, String path, String name, byte[] program, String query) {
        NodeClient.Answer answer = client.require(client.put(path + query, program));
        JsonNode success = answer.json().path("Success");
        StringBuilder text = new StringBuilder();
        text.append(success.path("op").asText().equals("created") ? "Created" : "Updated")
                .append(" database ")
                .append(name)
                .append(", identity ")
                .append(success.path("database_identity").asText());
        success.path("warnings").forEach(warning -> text.append("\nwarning: ").append(warning.asText()));
        return text.toString();
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            String reason = Files.isDirectory(file)
                    ? "it is a directory"
                    : Files.exists(file) ? e.toString() : "it does not exist";
            throw new CliException("cannot read the module " + file + ": " + reason, e);
        }
    }
}
