package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A JVM of its own is suspended for two seconds while its core is busy. */
class SuspendedProcessTest {
    private static final Duration SUSPENDED = Duration.ofSeconds(2);
    /** Short enough that the time suspended would make twenty of it. */
    private static final Duration SLICE = Duration.ofMillis(50);

    @Test
    @EnabledOnOs(OS.LINUX) // by the signals SIGSTOP and SIGCONT
    void aSuspendedProcessCausesNoHandOff() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Load.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("busy", says.readLine());

            signal("STOP", child);
            assertFalse(child.waitFor(SUSPENDED.toMillis(), TimeUnit.MILLISECONDS));
            signal("CONT", child);
            child.getOutputStream().write('\n');
            child.getOutputStream().flush();

            String unwatchedMillis = says.readLine();
            assertNotNull(unwatchedMillis);
            assertTrue(Long.parseLong(unwatchedMillis) >= SUSPENDED.toMillis() * 9 / 10, unwatchedMillis);
            assertEquals("0", says.readLine(), "hand-offs");
            assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        } finally {
            child.destroyForcibly();
        }
    }

    private static void signal(String name, Process child) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(child.pid()))
                .inheritIO()
                .start();
        assertEquals(0, kill.waitFor());
    }

    /** Two bindings that are always runnable on one core; tells how long nobody watched and how many hand-offs there were. */
    static final class Load {
        private static final AtomicBoolean IS_OVER = new AtomicBoolean();

        public static void main(String[] args) throws IOException {
            try (TestCores cores = TestCores.start(1, new FairnessSettings(true, SLICE, 64))) {
                Binding first = cores.bind(0);
                Binding second = cores.bind(0);
                saturate(first);
                saturate(second);
                TestCores.awaitUntil("both are warm", () -> turns(first) > 100 && turns(second) > 100);
                System.out.println("busy");

                System.in.read();
                long turnsBefore = turns(first);
                TestCores.awaitUntil("they go on", () -> turns(first) > turnsBefore + 100);
                System.out.println(TimeUnit.NANOSECONDS.toMillis(cores.monitor().unwatchedNanos()));
                System.out.println(cores.load(0).handOffs());
                IS_OVER.set(true);
            }
        }

        private static long turns(Binding binding) {
            return binding.load("", RunningTurns.NONE).turns();
        }

        private static void saturate(Binding binding) {
            binding.execute(() -> {
                TestCores.spin(1_000_000);
                if (!IS_OVER.get()) {
                    saturate(binding);
                }
            });
        }
    }
}
