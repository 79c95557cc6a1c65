package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.load.ModuleLoader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that do not end by themselves, in the real engines. */
class RunawaysTest {
    private static final List<String> JS_KINDS =
            List.of("forever", "catch_all", "host_calls", "regular_expression", "recurse", "recurse_with_notes");
    private static final List<String> WASM_KINDS = List.of("forever", "host_calls", "recurse", "recurse_with_notes");
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final long HEAP_GROWTH_MAX = 200L << 20;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, "", ModuleLoader::load);
        database = node.database();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void publish(String engine) {
        assertInstanceOf(Published.class, database.publish(TestPrograms.runaways(engine), OWNER, false));
    }

    private CallOutcome call(Duration limit, String reducer, String arguments) {
        node.vitals(TestDatabases.DATABASE).limits(new CallLimits(limit, limit, limit, limit, limit, limit, limit));
        return database.call(reducer, arguments);
    }

    private static long threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .count();
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"js", "wasm"})
    void manyInARowLeaveEverythingAsItWas(String engine) {
        runAway(engine, 60);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"js", "wasm"})
    void aThousandInARowLeaveEverythingAsItWas(String engine) {
        runAway(engine, 1000);
    }

    private void runAway(String engine, int count) {
        publish(engine);
        List<String> kinds = engine.equals("js") ? JS_KINDS : WASM_KINDS;
        for (String kind : kinds) {
            assertEnds(kind, call(SHORT, kind, "[]"), "once each");
            assertInstanceOf(Committed.class, call(LONG, "write", "[1]"));
        }
        long coresBefore = threads("pinion-core-");
        long heapBefore = heapInUse();
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int i = 0; i < count; i++) {
            String kind = kinds.get(random.nextInt(kinds.size()));
            String context = kind + ", runaway " + i + ", seed " + seed;
            assertEnds(kind, call(SHORT, kind, "[]"), context);
            assertInstanceOf(Committed.class, call(LONG, "write", "[2]"), context);
        }

        assertEquals(
                List.of((long) count),
                database.numbers("SELECT COUNT(*) AS n FROM notes WHERE value = 2"),
                "seed " + seed);
        assertEquals(
                List.of((long) count + kinds.size()),
                database.numbers("SELECT COUNT(*) AS n FROM notes"),
                "seed " + seed);
        assertTrue(threads("pinion-core-") <= coresBefore + 64, "core threads: " + threads("pinion-core-"));
        assertTrue(
                heapInUse() < heapBefore + HEAP_GROWTH_MAX,
                "heap in use: " + heapBefore + " before, " + heapInUse() + " after " + count + ", seed " + seed);
        assertTrue(node.vitals(TestDatabases.DATABASE).status().stops() > count / 4, "seed " + seed);
    }

    /** Endless recursion ends by itself, unless its time is up before. */
    private static void assertEnds(String kind, CallOutcome outcome, String context) {
        if (kind.startsWith("recurse") && outcome instanceof Failed) {
            return;
        }
        assertEquals(
                Limit.TIME_LIMIT,
                assertInstanceOf(Stopped.class, outcome, context).limit(),
                context);
    }

    @ParameterizedTest
    @ValueSource(strings = {"js", "wasm"})
    void callsThatEndJustInTimeOrJustNotAreToldApart(String engine) {
        publish(engine);
        call(LONG, "spin", "[1000]");
        Duration limit = Duration.ofMillis(5);
        long rounds = 100_000;
        long committed = 0;
        long stopped = 0;

        for (int i = 0; i < 300; i++) {
            switch (call(limit, "spin", "[" + rounds + "]")) {
                case Committed _ -> {
                    committed++;
                    rounds = Math.min(rounds + rounds / 5, 2_000_000_000);
                }
                case Stopped _ -> {
                    stopped++;
                    rounds = Math.max(rounds - rounds / 5, 1000);
                }
                case CallOutcome other -> throw new AssertionError(other + " after " + i);
            }
            if (i % 3 == 0) {
                assertInstanceOf(Committed.class, call(LONG, "write", "[2]"), "after " + i);
            }
        }

        assertTrue(stopped > 0 && committed > 0, committed + " committed, " + stopped + " stopped");
        assertEquals(List.of(committed + 1), database.numbers("SELECT COUNT(*) AS n FROM notes WHERE value > 2"));
        assertEquals(List.of(100L), database.numbers("SELECT COUNT(*) AS n FROM notes WHERE value = 2"));
    }
}
