package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, with the flags that Pinion needs, whose main class says what it found out in lines of {@code key=value}. */
final class ChildJvm implements AutoCloseable {
    private static final long DEADLINE_MINUTES = 5;

    private final Process process;
    private final Path errors;
    private final BufferedReader output;

    private ChildJvm(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** @param directory the first argument of the main class */
    static ChildJvm start(Path directory, int heapMebibytes, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + Path.of("..", "src", "main", "dist", "conf", "jvm.options"));
        command.add("--upgrade-module-path=" + Path.of("..", "target", "graal"));
        command.add("-Xmx" + heapMebibytes + "m");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), directory.toString()));
        command.addAll(List.of(arguments));
        Path errors = directory.resolve("errors.txt");
        return new ChildJvm(
                new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    }

    /** By the child. */
    static void say(String key, Object value) {
        System.out.println(key + "=" + value);
        System.out.flush();
    }

    Process process() {
        return process;
    }

    /** Reads on until the child says something of that key; returns what. */
    String await(String key) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(key + "=")) {
                return line.substring(key.length() + 1);
            }
        }
        throw new AssertionError("the child has ended before it said " + key + ": " + errors());
    }

    /** Everything that it still says, when it has ended well. */
    Map<String, String> finish() throws IOException, InterruptedException {
        Map<String, String> said = new HashMap<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                said.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        assertTrue(process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES), "the child does not end");
        assertTrue(process.exitValue() == 0, () -> "the child has ended with " + process.exitValue() + ": " + errors());
        return said;
    }

    String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            return "its errors cannot be read: " + e;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
