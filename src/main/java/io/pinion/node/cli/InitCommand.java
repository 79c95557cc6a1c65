package io.pinion.node.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = "Writes a module of your own to start from: one file, nothing to install.")
final class InitCommand implements Runnable {
    /** What a project's module is called. */
    static final String MODULE_FILE = "module.js";

    private static final String GUEST_LIBRARY = "/io/pinion/guest/js/";

    private record ProjectFile(String name, String resource) {}

    private static final List<ProjectFile> PROJECT = List.of(
            new ProjectFile(MODULE_FILE, "template/module.js"),
            new ProjectFile("pinion-module.d.ts", "module.d.ts"),
            new ProjectFile("jsconfig.json", "template/jsconfig.json"),
            new ProjectFile(".gitignore", "template/gitignore"),
            new ProjectFile("README.md", "template/README.md"));

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "DIR", description = "A new or empty directory.")
    private Path directory = Path.of("");

    InitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        Path target = terminal.path(directory);
        try {
            requireEmpty(target);
            Files.createDirectories(target);
            for (ProjectFile file : PROJECT) {
                copy(file, target);
            }
        } catch (IOException e) {
            throw new CliException("cannot write to " + target + ": " + e, e);
        }
        PROJECT.forEach(file -> terminal.print("wrote " + directory.resolve(file.name())));
        terminal.print("Next:  pinion start");
        terminal.print("       pinion publish my-guestbook " + directory);
        terminal.print("       pinion call my-guestbook sign hello");
    }

    private static void requireEmpty(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            try (Stream<Path> files = Files.list(target)) {
                if (files.findAny().isPresent()) {
                    throw new CliException(target + " is not empty");
                }
            }
        } else if (Files.exists(target)) {
            throw new CliException(target + " is not a directory");
        }
    }

    private static void copy(ProjectFile file, Path target) throws IOException {
        try (InputStream resource = InitCommand.class.getResourceAsStream(GUEST_LIBRARY + file.resource())) {
            if (resource == null) {
                throw new IllegalStateException(GUEST_LIBRARY + file.resource() + " is not on the class path");
            }
            Files.copy(resource, target.resolve(file.name()));
        }
    }
}
