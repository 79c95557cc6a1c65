package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.actors.backup.BackupException;
import io.pinion.actors.backup.BackupFile;
import io.pinion.actors.backup.BackupManifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a database of a backup, at any node. There is a database afterwards, or",
            "everything is as it was."
        })
final class BackupRestoreCommand implements Runnable {
    private static final int OK = 200;

    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(
            arity = "0..2",
            paramLabel = "SRC NAME",
            description = {
                "The backup, unless --from-database is given; and the name or identity of the",
                "database (default: the name it had, or none)."
            })
    private List<String> words = List.of();

    @Option(
            names = "--at",
            paramLabel = "TIME|OFFSET",
            description = {
                "The state then: after the commit of that offset, or after the last commit at",
                "or before that time, as in 2026-11-28T14:00:00Z or, in this time zone,",
                "2026-11-28T14:00. Default: the newest state."
            })
    private String at = "";

    @Option(
            names = "--from-database",
            paramLabel = "DATABASE",
            description = "Instead of a backup: what the node keeps of this database of yours.")
    private String origin = "";

    @Option(names = "--replace", description = "Replace the database that is there. Asks, unless --yes is given.")
    private boolean replace;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean sure;

    @Option(
            names = "--owner",
            paramLabel = "IDENTITY",
            description = "Whose it is to be (default: yours). For others than yourself you have to be an operator.")
    private String owner = "";

    BackupRestoreCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        boolean isFile = origin.isEmpty();
        if (words.size() > (isFile ? 2 : 1) || (isFile && words.isEmpty())) {
            throw new ParameterException(
                    spec.commandLine(),
                    isFile ? "which backup, and under which name?" : "--from-database: only the name of the new one");
        }
        String query = Query.of("replace", Boolean.toString(replace))
                .with("owner", owner)
                .with(RestorePoints.key(at), RestorePoints.value(at))
                .text();
        if (isFile) {
            fromFile(terminal.path(Path.of(words.getFirst())), query);
        } else {
            String name = words.isEmpty() ? "" : words.getFirst();
            confirm(name);
            NodeClient client = server.client(terminal);
            report(client.require(client.post(
                            "/pinion/restore?" + query + "&"
                                    + Query.of("from", origin)
                                            .with("database", name)
                                            .text(),
                            new byte[0]))
                    .json());
        }
    }

    private void fromFile(Path file, String query) {
        BackupManifest manifest = manifest(file);
        String name = words.size() > 1
                ? words.get(1)
                : manifest.head().names().stream().findFirst().orElse("");
        confirm(name);
        NodeClient client = server.client(terminal);
        requireFree(client, name);
        String path =
                "/pinion/restore?" + query + "&" + Query.of("database", name).text();
        try {
            long size = Files.size(file);
            report(client.require(client.upload(path, () -> open(file, size))).json());
        } catch (IOException | UncheckedIOException e) {
            throw new CliException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** So that nobody uploads gigabytes to learn this. */
    private void requireFree(NodeClient client, String name) {
        if (!replace && !name.isEmpty() && client.get(DatabaseNames.path(name)).status() == OK) {
            throw new CliException("there is a database " + name + " already: name another one, or say --replace");
        }
    }

    private InputStream open(Path file, long size) {
        try {
            return new Progress(terminal, "of " + BackupText.bytes(size) + " sent", Files.newInputStream(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BackupManifest manifest(Path file) {
        try {
            return BackupFile.manifest(file);
        } catch (BackupException | IOException e) {
            throw new CliException("cannot restore " + file + ": " + e.getMessage(), e);
        }
    }

    private void confirm(String name) {
        if (replace && !sure) {
            Confirmation.ask(
                    "replacing a database cannot be undone: say --yes",
                    "All data of " + name + " will be replaced. Type its name to go on: ",
                    name);
        }
    }

    private void report(JsonNode restored) {
        terminal.print("Restored " + restored.path("database_identity").asText() + " with "
                + restored.path("rows").asLong() + " rows: the state at offset "
                + restored.path("offset_of_backup").asLong() + ", "
                + restored.path("time").asText());
    }
}
