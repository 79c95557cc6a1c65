package io.pinion.node.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes the rows of a table as text, as they were at one moment.")
final class ExportCommand implements Runnable {
    private static final List<String> FORMATS = List.of("jsonl", "csv");

    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Parameters(index = "1", paramLabel = "TABLE", description = "A table; private ones are the owner's.")
    private String table = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "jsonl, an object on each line (default), or csv with a line of names.")
    private String format = FORMATS.getFirst();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "A new file (default: standard output).")
    private @Nullable Path output;

    ExportCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (!FORMATS.contains(format)) {
            throw new CliException("--format: " + format + " is none of " + String.join(", ", FORMATS));
        }
        String path = "/pinion/databases/" + DatabaseNames.segment(database) + "/export/" + NodeClient.segment(table)
                + "?format=" + format;
        NodeClient client = server.client(terminal);
        try {
            if (output == null) {
                try (InputStream rows = client.stream(path)) {
                    rows.transferTo(terminal.out());
                    terminal.out().flush();
                }
            } else {
                write(client, path, terminal.path(output));
            }
        } catch (IOException e) {
            throw new CliException("the export of " + table + " broke off: " + e.getMessage(), e);
        }
    }

    private void write(NodeClient client, String path, Path file) throws IOException {
        if (Files.exists(file)) {
            throw new CliException(file + " is there already");
        }
        try (InputStream rows = new Progress(terminal, "received", client.stream(path))) {
            Files.copy(rows, file);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }
}
