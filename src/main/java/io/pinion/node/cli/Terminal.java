package io.pinion.node.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command runs: what it reads and writes beside the network.
 *
 * @param out results, for people and scripts
 * @param err progress and complaints
 * @param environment variables
 * @param directory relative paths start there
 */
record Terminal(PrintStream out, PrintStream err, Map<String, String> environment, Path directory) {
    static Terminal ofProcess() {
        return new Terminal(System.out, System.err, System.getenv(), Path.of("").toAbsolutePath());
    }

    /** A line of progress. */
    void note(String text) {
        err.println(text);
        err.flush();
    }

    void print(String text) {
        out.println(text);
        out.flush();
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    Path path(Path given) {
        return directory.resolve(given).normalize();
    }

    /** Where Pinion is installed, if the launcher has said so. */
    Optional<Path> home() {
        return variable("PINION_HOME").map(Path::of);
    }

    /** The user's own folder for Pinion's settings. */
    Path configDirectory() {
        return variable("XDG_CONFIG_HOME")
                .map(Path::of)
                .or(() -> variable("HOME").map(home -> Path.of(home, ".config")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".config"))
                .resolve("pinion");
    }
}
