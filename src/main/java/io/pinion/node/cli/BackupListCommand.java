package io.pinion.node.cli;

import io.pinion.actors.backup.BackupException;
import io.pinion.actors.backup.BackupFile;
import io.pinion.actors.backup.BackupManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = {"Says what is in backups. No node is asked.", "Fails if one of them is damaged or incomplete."})
final class BackupListCommand implements Runnable {
    private final Terminal terminal;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PATH",
            description = "A backup, or a folder with some (default: this folder).")
    private Path path = Path.of("");

    @Option(names = "--verify", description = "Read everything and check every part.")
    private boolean verify;

    BackupListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        List<Path> files = files(terminal.path(path));
        int faultCount = 0;
        for (Path file : files) {
            try {
                BackupManifest manifest = verify ? BackupFile.verify(file) : BackupFile.manifest(file);
                terminal.print(file.getFileName() + ": " + BackupText.line(manifest) + (verify ? ", intact" : ""));
                BackupText.details(manifest).forEach(terminal::print);
            } catch (BackupException | IOException e) {
                faultCount++;
                terminal.note(file.getFileName() + ": " + e.getMessage());
            }
        }
        if (faultCount > 0) {
            throw new CliException(faultCount + " of " + files.size() + " backups cannot be used");
        }
        if (files.isEmpty()) {
            terminal.note("no backups in " + terminal.path(path));
        }
    }

    private static List<Path> files(Path given) {
        if (!Files.isDirectory(given)) {
            return List.of(given);
        }
        try (Stream<Path> files = Files.list(given)) {
            return files.filter(file -> isBackup(file.getFileName().toString()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new CliException("cannot read " + given + ": " + e, e);
        }
    }

    private static boolean isBackup(String name) {
        return name.endsWith(BackupFile.SUFFIX) || name.endsWith(BackupFile.SUFFIX + ".part");
    }
}
