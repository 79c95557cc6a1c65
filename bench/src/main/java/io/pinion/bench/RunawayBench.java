package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.modules.js.JsEngine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long after its limit a call that never ends is stopped and answered, for each way of not ending, and whether the
 * database then works. One database per engine, its calls of all kinds in turn.
 */
@Command(
        name = "runaway",
        description =
                "Time from a call's time limit to its answer, for calls that never end, and what is left afterwards.",
        mixinStandardHelpOptions = true)
final class RunawayBench implements Callable<Integer> {
    @Option(
            names = "--engine",
            split = ",",
            defaultValue = "wasm,js",
            description = "one or both of js and wasm (default: ${DEFAULT-VALUE})")
    private List<String> engines = List.of();

    @Option(names = "--count", defaultValue = "200", description = "calls per engine (default: ${DEFAULT-VALUE})")
    private int count = 200;

    @Option(names = "--limit", defaultValue = "50", description = "of a call, in ms (default: ${DEFAULT-VALUE})")
    private int limitMillis = 50;

    @Option(
            names = "--kinds",
            split = ",",
            description = "only these of: loop, catch_all, regex, microtasks, host_calls, writes, grow, recursion")
    private List<String> kinds = List.of();

    @Mixin
    private Output output = new Output();

    /** What became of the calls of one kind. */
    private static final class Tally {
        final Histogram beyondLimit = Latencies.histogram();
        int runs;
        int rightOutcomes;
        int survived;

        void add(Tally other) {
            beyondLimit.add(other.beyondLimit);
            runs += other.runs;
            rightOutcomes += other.rightOutcomes;
            survived += other.survived;
        }
    }

    /** What a JVM holds on to, after a collection. */
    private record Footprint(double heapMegabytes, int threads) {
        static Footprint now() {
            System.gc();
            return new Footprint(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6,
                    ManagementFactory.getThreadMXBean().getThreadCount());
        }
    }

    @Override
    public Integer call() throws IOException {
        if (count < 1 || limitMillis < 1) {
            throw new IllegalArgumentException("at least 1 call and a limit of 1 ms are needed");
        }
        BenchReport report = BenchReport.ofCheckout("runaway");
        for (String engine : engines) {
            measure(engine, report);
        }
        output.print(report);
        return 0;
    }

    private void measure(String engine, BenchReport report) throws IOException {
        RunawayPrograms program = RunawayPrograms.ofEngine(engine);
        List<String> wanted = new ArrayList<>(program.kinds());
        if (!kinds.isEmpty()) {
            wanted.retainAll(kinds);
        }
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException(engine + " has none of the kinds " + String.join(", ", kinds));
        }
        if (program == RunawayPrograms.JS) {
            JsEngine.warmUp();
        }
        try (BenchSystem system = BenchSystem.start("pinion.limits.reducer-time = " + limitMillis + " ms")) {
            BenchDatabase database = system.publish(program.read());
            // The first stop of a JVM loads classes, the first calls run interpreted.
            for (String kind : wanted) {
                runAway(database, kind, new Tally());
            }
            Footprint before = Footprint.now();
            Map<String, Tally> tallies = run(engine, database, wanted);
            report(report, engine, tallies, before, Footprint.now());
        }
    }

    private Map<String, Tally> run(String engine, BenchDatabase database, List<String> wanted) {
        Map<String, Tally> tallies = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            if (i % 50 == 0) {
                output.progress("runaway: " + engine + ", " + i + " of " + count);
            }
            String kind = wanted.get(i % wanted.size());
            runAway(database, kind, tallies.computeIfAbsent(kind, _ -> new Tally()));
        }
        return tallies;
    }

    private void runAway(BenchDatabase database, String kind, Tally tally) {
        long called = System.nanoTime();
        CallOutcome outcome = BenchSystem.await(database.call(kind));
        long beyond =
                System.nanoTime() - called - Duration.ofMillis(limitMillis).toNanos();
        tally.runs++;
        tally.beyondLimit.recordValue(Math.max(0, beyond));
        if (isRight(kind, outcome)) {
            tally.rightOutcomes++;
        }
        if (BenchSystem.await(database.call("quick")) instanceof Database.Committed) {
            tally.survived++;
        }
    }

    private static boolean isRight(String kind, CallOutcome outcome) {
        return outcome instanceof Database.Stopped || (kind.equals("recursion") && outcome instanceof Database.Failed);
    }

    private static void report(
            BenchReport report, String engine, Map<String, Tally> tallies, Footprint before, Footprint after) {
        Tally all = new Tally();
        tallies.values().forEach(all::add);
        addTally(report, engine, all);
        report.addWithMaximum(
                engine, "p99_ms", "ms", Latencies.millis(all.beyondLimit, 99), engine.equals("js") ? 250 : 100);
        report.add(engine, "heap_mb_before", "MB", before.heapMegabytes());
        report.add(engine, "heap_mb_after", "MB", after.heapMegabytes());
        report.add(engine, "threads_before", "", before.threads());
        report.add(engine, "threads_after", "", after.threads());
        tallies.forEach((kind, tally) -> {
            addTally(report, engine + "_" + kind, tally);
            report.add(engine + "_" + kind, "p99_ms", "ms", Latencies.millis(tally.beyondLimit, 99));
        });
    }

    private static void addTally(BenchReport report, String kase, Tally tally) {
        report.add(kase, "runs", "", tally.runs);
        report.addWithMinimum(kase, "right_outcomes", "", tally.rightOutcomes, tally.runs);
        report.addWithMinimum(kase, "survived", "", tally.survived, tally.runs);
        report.add(kase, "p50_ms", "ms", Latencies.millis(tally.beyondLimit, 50));
        report.add(kase, "max_ms", "ms", tally.beyondLimit.getMaxValue() / 1e6);
    }
}
