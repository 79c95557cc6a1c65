package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.openjdk.jcstress.Main;

/**
 * Runs the classes named {@code …Stress} of this package under jcstress, in JVMs of their own: for a moment in one JVM
 * mode, or with {@code mvn -Pstress} for some minutes in all of them.
 */
@Execution(ExecutionMode.CONCURRENT)
class StressTest {
    /** One set of JVM flags and one JVM per test, for a second. */
    private static final List<String> FOR_A_MOMENT =
            List.of("-jvmArgs", "-Xmx256m", "-sc", "false", "-f", "1", "-fsm", "1", "-iters", "1", "-time", "1000");

    private static final List<String> THOROUGH = List.of("-m", "default", "-f", "1", "-fsm", "1");

    @Test
    void ticketsRebindsWakeUpsAndHandOffsAreRightUnderStress(@TempDir Path directory)
            throws IOException, InterruptedException {
        boolean isThorough = Boolean.getBoolean("pinion.stress.thorough");
        Path output = directory.resolve("output");
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        List<String> what = List.of("-t", "io.pinion.actors.core", "-r", "results", "-af", "NONE", "-v");
        Process child = new ProcessBuilder(Stream.of(java, what, isThorough ? THOROUGH : FOR_A_MOMENT)
                        .flatMap(List::stream)
                        .toList())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(child.waitFor(isThorough ? 60 : 5, TimeUnit.MINUTES), () -> read(output));
            assertEquals(0, child.exitValue(), () -> read(output));
            assertEquals(0, count(output, "[FAILED] io.pinion"), () -> read(output));
            assertTrue(count(output, "[OK] io.pinion") >= 5, () -> read(output));
        } finally {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly();
        }
    }

    private static long count(Path output, String word) {
        return read(output).lines().filter(line -> line.contains(word)).count();
    }

    private static String read(Path output) {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
