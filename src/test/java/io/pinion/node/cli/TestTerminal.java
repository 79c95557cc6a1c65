package io.pinion.node.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A user at a keyboard: a home folder, variables, and what the commands wrote. */
final class TestTerminal {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private final Path home;

    TestTerminal(Path home) {
        this.home = home;
        environment.put("HOME", home.toString());
    }

    TestTerminal with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** What one command left. */
    record Result(int exitCode, String out, String err) {}

    Result run(String... arguments) {
        out.reset();
        err.reset();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.copyOf(environment),
                home);
        int exitCode = Main.run(terminal, arguments);
        return new Result(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
