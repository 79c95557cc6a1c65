package io.pinion.node.cli;

import io.pinion.actors.backup.BackupException;
import io.pinion.actors.backup.BackupFile;
import io.pinion.actors.backup.BackupManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = {
            "Takes a backup of a database of yours into one file, while it goes on.",
            "The file is there under its name only when it is complete."
        })
final class BackupCreateCommand implements Runnable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DEST",
            description = "A new file, or a folder for one named after database and time (default: this folder).")
    private Path destination = Path.of("");

    @Option(
            names = "--log",
            description = {
                "With the log as far back as the node keeps it, so that earlier states",
                "can be restored: pinion backup restore --at."
            })
    private boolean withLog;

    BackupCreateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String path = "/pinion/databases/" + DatabaseNames.segment(database) + "/backup?log=" + withLog;
        NodeClient client = server.client(terminal);
        Path file = file();
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (InputStream bytes = new Progress(terminal, "received", client.stream(path))) {
            Files.copy(bytes, part);
            BackupManifest manifest = BackupFile.manifest(part);
            move(part, file);
            terminal.print(file + ": " + BackupText.line(manifest));
        } catch (FileAlreadyExistsException e) {
            throw new CliException(part + " is there already, of a backup that broke off or still runs: remove it", e);
        } catch (IOException | BackupException e) {
            throw new CliException(
                    "the backup of " + database + " is not complete: " + e.getMessage() + ". What there is of it is "
                            + part + ", of no use for a restore",
                    e);
        }
    }

    private Path file() {
        Path given = terminal.path(destination);
        Path file = Files.isDirectory(given)
                ? given.resolve(database + "-" + TIME.format(Instant.now()) + BackupFile.SUFFIX)
                : given;
        if (Files.exists(file)) {
            throw new CliException(file + " is there already");
        }
        if (file.getParent() != null && !Files.isDirectory(file.getParent())) {
            throw new CliException("there is no folder " + file.getParent());
        }
        return file;
    }

    /** Without replacing what has come there meanwhile. */
    private static void move(Path part, Path file) throws IOException {
        if (Files.exists(file)) {
            throw new IOException(file + " has come there meanwhile");
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
