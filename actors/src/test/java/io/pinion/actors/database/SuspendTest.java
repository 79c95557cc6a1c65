package io.pinion.actors.database;

import static io.pinion.actors.database.ChildJvm.say;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that is suspended in the middle of a call. */
class SuspendTest {
    private static final int LIMIT_SECONDS = 4;
    private static final int SUSPENDED_SECONDS = 5;

    @TempDir
    private Path directory;

    @Test
    @EnabledOnOs(OS.LINUX)
    void timeInWhichTheProcessWasSuspendedCountsForNoCall() throws Exception {
        try (ChildJvm child = ChildJvm.start(directory, 256, Node.class)) {
            child.await("running");
            signal(child, "STOP");
            awaitSuspended(child);

            assertFalse(child.process().waitFor(SUSPENDED_SECONDS, SECONDS));
            signal(child, "CONT");

            Map<String, String> said = child.finish();
            assertEquals("true", said.get("committed"), said + child.errors());
            long took = Long.parseLong(said.get("nanos"));
            assertTrue(took > SECONDS.toNanos(SUSPENDED_SECONDS), "it was not suspended but ran for " + took + " ns");
        }
    }

    private static void signal(ChildJvm child, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder(
                        "kill", "-" + name, Long.toString(child.process().pid()))
                .start();
        assertEquals(0, kill.waitFor());
    }

    private static void awaitSuspended(ChildJvm child) throws IOException {
        Path stat = Path.of("/proc", Long.toString(child.process().pid()), "stat");
        long deadline = System.nanoTime() + SECONDS.toNanos(60);
        String state = "";
        while (!state.startsWith("T")) {
            assertTrue(System.nanoTime() < deadline, "the process is not suspended but " + state);
            String text = Files.readString(stat);
            state = text.substring(text.lastIndexOf(')') + 2);
        }
    }

    /** The node, in a JVM of its own. Its call takes a third of a second of CPU, and so far less than it may. */
    static final class Node {
        private static final long CPU_NANOS = SECONDS.toNanos(1) / 3;

        private Node() {}

        public static void main(String[] arguments) {
            try (TestDatabases node = TestDatabases.start(
                    Path.of(arguments[0]).resolve("node"), "pinion.limits.reducer-time = " + LIMIT_SECONDS + " s")) {
                TestDatabase database = node.database();
                database.publish();
                ThreadMXBean threads = ManagementFactory.getThreadMXBean();
                ScriptedModule.mischief = (_, isStopped) -> {
                    long end = threads.getCurrentThreadCpuTime() + CPU_NANOS;
                    say("running", true);
                    while (threads.getCurrentThreadCpuTime() < end) {
                        if (isStopped.getAsBoolean()) {
                            return new GuestResult.Stopped();
                        }
                    }
                    return new GuestResult.Returned(Bytes.EMPTY);
                };

                CallOutcome outcome = database.call("mischief", "[]");

                say("committed", outcome instanceof Committed);
                say("nanos", outcome instanceof Committed committed ? committed.executionNanos() : 0);
            }
        }
    }
}
