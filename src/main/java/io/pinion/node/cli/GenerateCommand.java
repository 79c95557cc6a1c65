package io.pinion.node.cli;

import io.pinion.node.bindings.BindingsException;
import io.pinion.node.bindings.TypeScriptBindings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = {
            "Writes typed code for clients of a database: its tables, reducers and procedures.",
            "TypeScript for the npm package spacetimedb is one file, " + TypeScriptBindings.FILE + "."
        })
final class GenerateCommand implements Runnable {
    private static final String TYPESCRIPT = "typescript";

    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Option(
            names = {"-l", "--lang"},
            required = true,
            paramLabel = "LANGUAGE",
            description = "The language of the client: " + TYPESCRIPT + ".")
    private String language = "";

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description = "Where to write; made if it is not there. Other files in it are left alone.")
    private Path directory = Path.of("");

    @Option(
            names = "--include-private",
            description = "Write private tables and functions too, for a client that is the owner's.")
    private boolean includePrivate;

    GenerateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (!language.equals(TYPESCRIPT)) {
            throw new CliException("--lang: there is no code for " + language + ", only for " + TYPESCRIPT
                    + ". For other languages give the official generator what this prints:"
                    + " pinion describe --module-def " + database);
        }
        NodeClient client = server.client(terminal);
        NodeClient.Answer answer = client.require(client.get(DatabaseNames.path(database) + "/schema?version=10"));
        Path folder = terminal.path(directory);
        try {
            write(folder, TypeScriptBindings.of(answer.json(), includePrivate));
        } catch (BindingsException e) {
            throw new CliException("there is no client code for " + database + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CliException("cannot write to " + folder + ": " + e, e);
        }
        terminal.print("wrote " + directory.resolve(TypeScriptBindings.FILE));
    }

    /** The file appears whole, or stays as it was. */
    private static void write(Path folder, String text) throws IOException {
        Files.createDirectories(folder);
        Path unfinished = folder.resolve(
                "." + TypeScriptBindings.FILE + "." + ProcessHandle.current().pid() + ".new");
        try {
            Files.writeString(unfinished, text);
            Files.move(
                    unfinished,
                    folder.resolve(TypeScriptBindings.FILE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
