package io.pinion.node.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private static final String TEMPLATE = "/io/pinion/guest/js/template";

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "DIR", description = "A new or empty directory.")
    private Path directory = Path.of("");

    InitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        Path target = terminal.path(directory);
        List<Path> written;
        try {
            requireEmpty(target);
            written = copyTemplate(target);
        } catch (IOException e) {
            throw new CliException("cannot write to " + target + ": " + e, e);
        }
        written.forEach(file -> terminal.print("wrote " + directory.resolve(file)));
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

    private static List<Path> copyTemplate(Path target) throws IOException {
        URI template = template();
        if (!template.getScheme().equals("jar")) {
            return copyAll(Path.of(template), target);
        }
        try (FileSystem jar = FileSystems.newFileSystem(template, Map.of())) {
            return copyAll(jar.getPath(TEMPLATE), target);
        }
    }

    private static URI template() {
        URL folder = InitCommand.class.getResource(TEMPLATE);
        if (folder == null) {
            throw new IllegalStateException("the template " + TEMPLATE + " is not on the class path");
        }
        try {
            return folder.toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the template's place is no URI: " + folder, e);
        }
    }

    /** Relative paths of the files, in order. */
    private static List<Path> copyAll(Path source, Path target) throws IOException {
        List<Path> written = new ArrayList<>();
        try (Stream<Path> found = Files.walk(source)) {
            for (Path file : found.sorted().toList()) {
                Path relative = Path.of(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target.resolve(relative));
                } else {
                    Files.copy(file, target.resolve(relative));
                    written.add(relative);
                }
            }
        }
        return written;
    }
}
