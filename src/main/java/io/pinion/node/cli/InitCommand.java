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

    private static final String TEMPLATE = "/io/pinion/guest/js/template/";
    private static final List<String> TEMPLATE_FILES = List.of(MODULE_FILE);

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
            for (String file : TEMPLATE_FILES) {
                copy(file, target.resolve(file));
            }
        } catch (IOException e) {
            throw new CliException("cannot write to " + target + ": " + e, e);
        }
        terminal.print("Wrote " + directory.resolve(MODULE_FILE));
        terminal.print("Next:  pinion start");
        terminal.print("       pinion publish my-app " + directory.resolve(MODULE_FILE));
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

    private static void copy(String name, Path target) throws IOException {
        try (InputStream template = InitCommand.class.getResourceAsStream(TEMPLATE + name)) {
            if (template == null) {
                throw new IllegalStateException("the template " + TEMPLATE + name + " is not on the class path");
            }
            Files.copy(template, target);
        }
    }
}
