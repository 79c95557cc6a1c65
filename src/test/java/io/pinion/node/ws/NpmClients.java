package io.pinion.node.ws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The official clients: fetched with npm under {@code target}, once, never committed. */
final class NpmClients {
    private static final Path SOURCE = Path.of("test", "npm");
    private static final List<String> INPUTS =
            List.of("package.json", "package-lock.json", ".npmrc", "scenario.mjs", "client-v1.mjs", "client-v2.mjs");
    private static final long SECONDS_MAX = 180;

    private NpmClients() {}

    /** The folder in which scripts run. */
    static synchronized Path folder() {
        Path folder = Path.of("target", "npm-clients");
        try {
            Files.createDirectories(folder);
            for (String input : INPUTS) {
                Files.copy(SOURCE.resolve(input), folder.resolve(input), StandardCopyOption.REPLACE_EXISTING);
            }
            if (!Files.exists(folder.resolve("node_modules").resolve("undici"))) {
                run(folder, List.of("npm", "ci", "--ignore-scripts"));
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a script prints; its failure is the exception's text. */
    static String node(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(List.of(arguments));
        return run(folder(), command);
    }

    private static String run(Path folder, List<String> command) throws IOException {
        Path output = Files.createTempFile("npm-client", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " did not end in " + SECONDS_MAX + " seconds:\n"
                        + Files.readString(output));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + String.join(" ", command) + " ran", e);
        }
        String printed = Files.readString(output);
        Files.delete(output);
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + printed);
        }
        return printed;
    }
}
