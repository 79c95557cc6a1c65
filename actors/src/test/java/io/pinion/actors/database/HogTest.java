package io.pinion.actors.database;

import static io.pinion.actors.database.ChildJvm.say;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A module that takes all the memory it can get, on a small heap, beside a database that works. */
@Execution(ExecutionMode.CONCURRENT)
class HogTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"js", "wasm"})
    void aHogEndsItsOwnCallsAndNeitherTheNodeNorItsNeighbour(String engine) throws Exception {
        try (ChildJvm child = ChildJvm.start(directory, engine.equals("js") ? 512 : 320, Node.class, engine)) {
            Map<String, String> said = child.finish();

            String context = said + "\n" + child.errors();
            String hoard = said(said, "hoard");
            assertEquals("{Committed=" + said(said, "neighbour-calls") + "}", said(said, "neighbour"), context);
            assertNotEquals("0", said(said, "neighbour-calls"), context);
            assertFalse(hoard.contains("Committed"), context);
            assertFalse(hoard.contains("Unknown"), context);
            assertTrue(engine.equals("wasm") || hoard.contains("MEMORY_LIMIT"), context);
            assertFalse(said(said, "hoard-a-little").contains("Unknown"), context);
            assertEquals("{Committed=10}", said(said, "afterwards"), context);
        }
    }

    private static String said(Map<String, String> said, String key) {
        return Objects.requireNonNull(said.get(key), key);
    }

    /** The node, in a JVM of its own. */
    static final class Node {
        private static final int HOARDS = 2;
        private static final int LITTLE_HOARDS = 300;

        private Node() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            Bytes program = TestPrograms.runaways(arguments[1]);
            try (TestDatabases node = TestDatabases.start(
                    Path.of(arguments[0]).resolve("node"), reducerTime(arguments[1]), ModuleLoader::load)) {
                TestDatabase hog = node.database();
                publish(hog, program);
                TestDatabase neighbour = node.database(Identity.derive("localhost", "a neighbour"));
                publish(neighbour, program);
                AtomicBoolean isOver = new AtomicBoolean();
                Map<String, Integer> outcomes = new TreeMap<>();
                Thread caller = Thread.ofPlatform().start(() -> {
                    while (!isOver.get()) {
                        count(outcomes, neighbour.call("write", "[1]"));
                    }
                });

                say("hoard", calls(hog, HOARDS, "hoard", "[]"));
                say("hoard-a-little", calls(hog, LITTLE_HOARDS, "hoard_a_little", "[]"));
                say("afterwards", calls(hog, 10, "write", "[1]"));

                isOver.set(true);
                caller.join();
                say("neighbour", outcomes);
                say(
                        "neighbour-calls",
                        outcomes.values().stream().mapToInt(Integer::intValue).sum());
                say("status", node.services().databases());
            }
        }

        /** JavaScript meets the end of memory first, WebAssembly is refused more and loops until its time is up. */
        private static String reducerTime(String engine) {
            return "pinion.limits.reducer-time = " + (engine.equals("js") ? "1 minute" : "5 s");
        }

        private static void publish(TestDatabase database, Bytes program) {
            PublishOutcome outcome = database.publish(program, OWNER, false);
            if (!(outcome instanceof Published)) {
                throw new IllegalStateException("the program was not published: " + outcome);
            }
        }

        private static Map<String, Integer> calls(TestDatabase database, int count, String reducer, String arguments) {
            Map<String, Integer> outcomes = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                count(outcomes, database.call(reducer, arguments));
            }
            return outcomes;
        }

        private static void count(Map<String, Integer> outcomes, CallOutcome outcome) {
            String what = outcome instanceof Stopped(Limit limit, long _, long _)
                    ? limit.toString()
                    : outcome instanceof Committed ? "Committed" : outcome.toString();
            outcomes.merge(what, 1, Integer::sum);
        }
    }
}
