package io.pinion.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each benchmark with the smallest of numbers: it runs, and reports what it is there for. The figures mean nothing. */
@Execution(ExecutionMode.CONCURRENT)
class BenchmarksTest {
    @Test
    void askMeasuresEveryDispatcherAndADatabase() throws IOException {
        // Maven runs tests in the folder of their Maven module.
        var figures = Figures.run("ask", "--seconds", "0.05", "--rounds", "1", "--examples", "../examples");

        for (String kase : new String[] {
            "default",
            "pinned",
            "core",
            "core_spin",
            "core_reserved",
            "core_reserved_spin",
            "database",
            "database_entity"
        }) {
            for (String metric : new String[] {"p50_us", "p99_us", "calls_per_s", "ratio_to_pinned"}) {
                assertTrue(figures.of(kase, metric) > 0, kase + " " + metric);
            }
        }
        assertEquals(1, figures.of("pinned", "ratio_to_pinned"));
    }

    @Test
    void fairnessMeasuresEveryNumberOfHogsInEveryMode() throws IOException {
        var figures = Figures.run("fairness", "--seconds", "0.2", "--rounds", "1", "--hogs", "0,20", "--burn", "50");

        for (String kase : new String[] {
            "hogs_0_handoff_on", "hogs_0_default", "hogs_20_handoff_on", "hogs_20_handoff_off", "hogs_20_default"
        }) {
            for (String metric : new String[] {"p50_ms", "p99_ms", "max_ms"}) {
                assertTrue(figures.of(kase, metric) > 0, kase + " " + metric);
            }
            assertEquals(0, figures.of(kase, "refused"));
        }
        assertTrue(figures.of("hogs_20_handoff_on", "times_better") > 0);
    }

    @Test
    void fairnessOfDatabasesHasHogsThatBurnInTheirModule() throws IOException {
        var figures = Figures.run(
                "fairness",
                "--real",
                "--seconds",
                "0.2",
                "--rounds",
                "1",
                "--hogs",
                "2",
                "--quiet",
                "2",
                "--burn",
                "20");

        assertTrue(figures.of("hogs_2_handoff_on", "p99_ms") > 0);
        assertTrue(figures.of("hogs_2_handoff_off", "p99_ms") > 0);
        assertEquals(0, figures.of("hogs_2_handoff_on", "refused"));
    }

    @Test
    void scheduleFiresEveryRowOfEveryRate() throws IOException {
        var figures = Figures.run("schedule", "--rates", "20,400", "--seconds", "0.5", "--warm-up", "10");

        assertEquals(10, figures.of("rate_20", "fired"));
        assertEquals(200, figures.of("rate_400", "fired"));
        for (String metric : new String[] {"p50_ms", "p99_ms", "max_ms"}) {
            assertTrue(figures.of("rate_400", metric) > 0, metric);
        }
    }

    @Test
    void simulateReportsEveryTraceOfEveryCluster() throws IOException {
        var figures = Figures.run("simulate", "--clusters", "1x2x40,3x4x300", "--seconds", "120");

        for (String kase : new String[] {"uniform_1x2x40", "giant_1x2x40", "zipf_3x4x300", "node_loss_3x4x300"}) {
            assertTrue(figures.of(kase, "busiest_core") >= figures.of(kase, "lower_bound"), kase);
            assertTrue(figures.of(kase, "core_gap") < 0.2, kase);
            assertTrue(figures.of(kase, "plan_max") > 0, kase);
        }
    }

    @Test
    void rebindMovesInEveryWayAndLosesNothing() throws IOException {
        var figures = Figures.run("rebind", "--seconds", "0.2", "--rounds", "1");

        for (String kase : new String[] {"idle", "loaded", "direct_idle", "direct_loaded"}) {
            assertTrue(figures.of(kase, "p50_us") > 0);
            assertTrue(figures.of(kase, "p99_us") > 0);
            assertTrue(figures.of(kase, "rebinds") > 0);
            assertNothingLost(kase, figures);
        }
        assertTrue(figures.of("throughput", "calls_per_s") > 0);
        assertTrue(figures.of("throughput_rebinding", "calls_per_s") > 0);
        assertTrue(figures.of("throughput_rebinding", "ratio") > 0);
        assertNothingLost("throughput_rebinding", figures);
    }

    private static void assertNothingLost(String kase, Figures figures) {
        assertEquals(0, figures.of(kase, "lost"));
        assertEquals(0, figures.of(kase, "reordered"));
        assertEquals(0, figures.of(kase, "overlaps"));
    }

    @Test
    void microMeasuresEveryRunQueue() throws IOException {
        var figures = Figures.run("micro", "--forks", "0", "--rounds", "1", "--seconds", "0.05");

        for (String kase : new String[] {"core", "single_thread", "pekko_default"}) {
            assertTrue(figures.of(kase, "ns_alone") > 0);
            assertTrue(figures.of(kase, "ns_in_row") > 0);
        }
    }

    @Test
    void storeMeasuresEveryOperationOfEveryEngine() throws IOException {
        var figures = Figures.run(
                "store",
                "--full",
                "--forks",
                "0",
                "--rounds",
                "1",
                "--seconds",
                "0.02",
                "--rows",
                "2000",
                "--width",
                "12,100");

        for (String engine : new String[] {"pinion_hash", "pinion_btree", "pinion_direct", "h2", "sqlite"}) {
            for (String operation : new String[] {"find", "update", "insert", "delete", "scan", "commit", "abort"}) {
                assertTrue(figures.of(engine + "_12", operation + "_ns") > 0, engine + " " + operation);
            }
        }
        for (String engine : new String[] {"pinion_btree", "pinion_direct", "treemap", "h2", "sqlite"}) {
            assertTrue(figures.of(engine + "_12", "range_ns") > 0, engine);
        }
        assertTrue(figures.of("pinion_hash_12", "find_to_hashmap") > 0);
        assertTrue(figures.of("pinion_btree_12", "h2_to_range") > 0);
        assertTrue(figures.of("pinion_hash_100", "sqlite_to_update") > 0);
    }

    @Test
    void sqlMeasuresEveryQueryInBothAndSubscriptionsAfterCommits() throws IOException {
        var figures =
                Figures.run("sql", "--rounds", "1", "--seconds", "0.02", "--rows", "2000", "--subscriptions", "50");

        for (String kase : new String[] {"point", "again", "range", "join", "scan"}) {
            assertTrue(figures.of(kase + "_pinion", "us") > 0, kase);
            assertTrue(figures.of(kase + "_pinion", "sqlite_to_pinion") > 0, kase);
            assertTrue(figures.of(kase + "_sqlite", "us") > 0, kase);
        }
        assertEquals(1, figures.of("commit_points", "evaluations"));
        assertEquals(1, figures.of("commit_join", "evaluations"));
    }

    @Test
    void commitMeasuresEveryJournalBesideRawBatches() throws IOException {
        var figures = Figures.run(
                "commit",
                "--seconds",
                "0.2",
                "--warmup",
                "0.2",
                "--in-flight",
                "1,16",
                "--databases",
                "1,3",
                "--journal",
                String.join(",", journals()),
                "--examples",
                "../examples");

        for (String journal : journals()) {
            for (String kase : new String[] {"_1_1", "_1_16", "_3_1", "_3_16"}) {
                for (String metric : new String[] {"tx_per_s", "p50_us", "p99_us"}) {
                    assertTrue(figures.of(journal + kase, metric) > 0, journal + kase + " " + metric);
                }
            }
        }
        for (String metric : new String[] {
            "tx_per_batch", "raw_append_tx_per_s", "raw_rocksdb_tx_per_s", "ratio_to_append", "ratio_to_raw_rocksdb"
        }) {
            assertTrue(figures.of("rocksdb_1_16", metric) > 0, metric);
        }
    }

    @Test
    void replayMeasuresBothKindsOfLogAndASnapshot() throws IOException {
        var figures = Figures.run(
                "replay",
                "--transfers",
                "500",
                "--single",
                "50",
                "--rows",
                "50000",
                "--rounds",
                "1",
                "--journal",
                String.join(",", journals()),
                "--examples",
                "../examples");

        for (String journal : journals()) {
            assertTrue(figures.of("snapshot_" + journal, "rows_per_s") > 0);
            for (String log : new String[] {"batched_", "single_"}) {
                assertTrue(figures.of(log + journal, "tx_per_s") > 0);
                assertTrue(figures.of(log + journal, "rows_per_s") > 0);
            }
            assertTrue(figures.of("batched_" + journal, "transactions") >= 500);
        }
    }

    @Test
    void clusterCallsBothNodesAndMoves() throws IOException {
        assumeTrue(BenchPostgres.isInstalled());

        var figures = Figures.run(
                "cluster", "--seconds", "0.5", "--in-flight", "4", "--rows", "100", "--moves", "2", "--databases", "0");

        assertTrue(figures.of("local_4", "calls_per_s") > 0);
        assertTrue(figures.of("remote_4", "calls_per_s") > 0);
        assertTrue(figures.of("move_100", "pause_p50_ms") > 0);
    }

    /** Most of a minute, in which a node that is gone is given up. */
    @Test
    @Tag("slow")
    void clusterGoesOnWithTheDatabasesOfANodeThatIsKilled() throws IOException {
        assumeTrue(BenchPostgres.isInstalled());

        var figures = Figures.run(
                "cluster", "--seconds", "0.1", "--in-flight", "1", "--rows", "2", "--moves", "1", "--databases", "20");

        assertTrue(figures.of("failover", "served_after_ms") > figures.of("failover", "unreachable_after_ms"));
        assertTrue(figures.of("activation_20", "databases_per_s") > 0);
    }

    @Test
    void killLosesNothing() throws IOException {
        var figures = Figures.run("kill", "--cycles", "1");

        assertEquals(1, figures.of("rocksdb", "cycles"));
        assertTrue(figures.of("rocksdb", "acknowledged") >= 0);
        assertEquals(0, figures.of("rocksdb", "lost"));
        assertEquals(1, figures.of("rocksdb", "sum_ok"));
    }

    @Test
    void transferIsComparedWithTheDiskAndWithPostgres() throws IOException {
        var figures = Figures.run(
                "transfer",
                "--engine",
                "wasm",
                "--seconds",
                "1",
                "--warmup",
                "0",
                "--in-flight",
                "8",
                "--examples",
                "../examples");

        for (String metric :
                new String[] {"calls_per_s", "calls_per_batch", "raw_append_per_s", "ratio_to_raw_append"}) {
            assertTrue(figures.of("wasm_8", metric) > 0, metric);
        }
        if (BenchPostgres.isInstalled()) {
            assertTrue(figures.of("wasm_8", "postgresql_per_s") > 0);
            assertTrue(figures.of("wasm_8", "ratio_to_postgresql") > 0);
        }
        assertEquals(1, figures.of("wasm_8", "sum_ok"));
    }

    @Test
    void fanoutEvaluatesOnceForAllWhoAskTheSame() throws IOException {
        var figures = Figures.run(
                "fanout",
                "--subscribers",
                "1,20",
                "--in-flight",
                "1,8",
                "--seconds",
                "0.5",
                "--warmup",
                "0.2",
                "--examples",
                "../examples");

        for (String kase : new String[] {"one_1", "one_20", "different_20", "keyed_20"}) {
            for (String metric : new String[] {"tx_per_s", "p50_us", "p99_us", "bytes_per_tx"}) {
                assertTrue(figures.of(kase + "_1", metric) > 0, kase + " " + metric);
                assertTrue(figures.of(kase + "_8", metric) > 0, kase + " " + metric);
            }
            // Some systems count CPU time in steps of 10 ms.
            assertTrue(figures.of(kase + "_8", "node_cpu_us_per_tx") >= 0, kase);
        }
        // Connections that open and close commit, too, and nobody asks for what these change.
        assertEquals(1, figures.of("one_20_8", "evaluations_per_tx"), 0.2);
        assertEquals(20, figures.of("different_20_8", "evaluations_per_tx"), 4);
        assertEquals(1, figures.of("keyed_20_8", "evaluations_per_tx"), 0.2);
    }

    @Test
    void websocketMeasuresCallsOfAnotherProcess() throws IOException {
        var figures = Figures.run(
                "websocket",
                "--connections",
                "2",
                "--in-flight",
                "16",
                "--seconds",
                "0.5",
                "--warmup",
                "0.2",
                "--examples",
                "../examples");

        for (String kase : new String[] {"empty", "transfer"}) {
            for (String metric : new String[] {
                "calls_per_s", "p50_us", "p99_us", "node_cpu_us_per_call", "driver_cpu_us_per_call", "bytes_per_call"
            }) {
                assertTrue(figures.of(kase, metric) > 0, kase + " " + metric);
            }
        }
    }

    private static List<String> journals() {
        return BenchPostgres.isInstalled() ? List.of("rocksdb", "postgresql") : List.of("rocksdb");
    }

    @Test
    void aWrongOptionIsSaidAndNothingIsMeasured() {
        StringWriter out = new StringWriter();

        int code = BenchMain.run(new PrintWriter(out), "runaway", "--engine", "lisp", "--json");

        assertEquals(2, code);
        assertEquals("", out.toString());
    }

    @Test
    void coresThatTheMachineCannotGiveAreSaidAndNothingIsMeasured() {
        assumeTrue(Runtime.getRuntime().availableProcessors() <= 2, "two cores can be had here");
        StringWriter out = new StringWriter();

        int code = BenchMain.run(new PrintWriter(out), "rebind", "--pin", "--json");

        assertEquals(2, code);
        assertEquals("", out.toString());
    }
}
