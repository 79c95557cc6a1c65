package io.pinion.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Isolated;

/** As {@link BenchmarksTest}, of benchmarks that look at the heap of the JVM, and then of one that fills it. */
@Isolated
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HeapBenchmarksTest {
    @Test
    @Order(2)
    void runawayStopsEveryKindOnBothEngines() throws IOException {
        var figures = Figures.run("runaway", "--count", "7", "--limit", "50");

        for (String engine : new String[] {"js", "wasm"}) {
            assertEquals(7, figures.of(engine, "runs"));
            assertEquals(7, figures.of(engine, "right_outcomes"));
            assertTrue(figures.of(engine, "survived") >= 0);
            assertTrue(figures.of(engine, "p99_ms") > 0);
        }
        for (String kase : new String[] {"js_regex", "js_catch_all", "js_microtasks", "wasm_host_calls", "wasm_grow"}) {
            assertTrue(figures.of(kase, "max_ms") > 0, kase);
        }
    }

    @Test
    @Order(1)
    void storeMemoryMeasuresRowsPausesAndViews() throws IOException {
        var figures = Figures.run("store-memory", "--rows", "20000", "--seconds", "0.2");

        for (String kase :
                new String[] {"unindexed_12", "hash_12", "btree_12", "direct_12", "hash_100", "hashmap_12"}) {
            assertTrue(figures.of(kase, "bytes_per_row") > 0, kase);
        }
        assertTrue(figures.of("gc_large", "transactions") > 0);
        assertTrue(figures.of("gc_hashmap_large", "pauses") >= 0);
        for (String kase : new String[] {"freeze_1000", "freeze_20000"}) {
            assertTrue(figures.of(kase, "freeze_us") > 0, kase);
            assertTrue(figures.of(kase, "kb_extra_100") > figures.of(kase, "kb_extra_1"), kase);
        }
        assertTrue(figures.of("freeze_20000", "mb_held") > figures.of("freeze_20000", "mb_after_close"));
    }

    /** Half a thousand; as many as the machine lets have open files with --idle. */
    @Test
    @Order(1)
    void websocketMeasuresConnectionsThatDoNothing() throws IOException {
        var figures = Figures.run("websocket", "--idle", "500", "--seconds", "1", "--examples", "../examples");

        assertTrue(figures.of("idle_500", "opened_per_s") > 0);
        assertTrue(figures.of("idle_500", "heap_per_conn") > 0);
        assertTrue(figures.of("idle_500", "threads_more") < 100);
    }
}
