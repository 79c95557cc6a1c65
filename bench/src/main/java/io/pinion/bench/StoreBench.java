package io.pinion.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The store by itself beside maps of records and SQL engines, with JMH. */
@Command(
        name = "store",
        description = "Operations on rows in Pinion's store, in maps of records, in H2 and SQLite in memory (JMH).",
        mixinStandardHelpOptions = true)
final class StoreBench implements Callable<Integer> {
    private static final List<String> POINT_OPERATIONS = List.of("find", "update", "insert", "delete");
    private static final List<String> OPERATIONS =
            List.of("find", "update", "insert", "delete", "range", "scan", "commit", "abort");
    private static final int WIDE_OF_SQL = 100;
    private static final double OF_A_MAP_MAX = 3;
    private static final double TIMES_SQL_MIN = 5;

    @Option(
            names = "--width",
            split = ",",
            defaultValue = "12,100,1000",
            description = "bytes per row (default: ${DEFAULT-VALUE})")
    private List<Integer> widths = List.of();

    @Option(
            names = "--engine",
            split = ",",
            description = "of ${COMPLETION-CANDIDATES}, with every operation; if none is named, what --full says")
    private List<StoreEngine> engines = List.of();

    @Option(
            names = "--full",
            description =
                    "every operation of every engine with every width, in place of those that the targets are about")
    private boolean isFull;

    @Option(
            names = "--operation",
            split = ",",
            description = "of find, update, insert, delete, range, scan, commit, abort")
    private List<String> operations = OPERATIONS;

    @Option(names = "--rows", defaultValue = "100000", description = "in the table (default: ${DEFAULT-VALUE})")
    private int rows = 100_000;

    @Option(names = "--seconds", defaultValue = "0.15", description = "of each iteration (default: ${DEFAULT-VALUE})")
    private double seconds = 0.15;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "iterations; as many again go before to warm up (default: ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(
            names = "--forks",
            defaultValue = "1",
            description = "JVMs per case; 0 measures in this one (default: ${DEFAULT-VALUE})")
    private int forks = 1;

    @Mixin
    private Output output = new Output();

    private record Case(StoreEngine engine, int width, String operation) {}

    private final Map<Case, Double> nanos = new HashMap<>();

    @Override
    public Integer call() throws RunnerException {
        if (seconds <= 0 || rounds < 1 || forks < 0 || rows < 2 * StoreBenchmark.BATCH) {
            throw new IllegalArgumentException("some time, at least 1 round, 0 forks and 2000 rows are needed");
        }
        if (!OPERATIONS.containsAll(operations)) {
            throw new IllegalArgumentException("operations are " + OPERATIONS + ", not " + operations);
        }
        for (int width : widths) {
            requireWidth(width);
            for (StoreEngine engine : StoreEngine.values()) {
                measure(engine, width);
            }
        }
        BenchReport report = BenchReport.ofCheckout("store");
        nanos.keySet().stream().map(Case::width).distinct().sorted().forEach(width -> report(report, width));
        output.print(report);
        return 0;
    }

    private static void requireWidth(int width) {
        if (width != StoreRow.NARROW && (width < 100 || width > 1000)) {
            throw new IllegalArgumentException("a row has 12 bytes, or 100 to 1000, not " + width);
        }
    }

    private void measure(StoreEngine engine, int width) throws RunnerException {
        List<String> measured = operations.stream()
                .filter(operation -> isMeasured(engine, width, operation))
                .toList();
        if (measured.isEmpty()) {
            return;
        }
        output.progress("store: " + engine.label() + " with rows of " + width + " bytes: " + measured);
        OptionsBuilder options = new OptionsBuilder();
        measured.forEach(operation -> options.include(StoreBenchmark.class.getName() + "\\." + operation + "$"));
        TimeValue time = TimeValue.nanoseconds((long) (seconds * 1e9));
        for (RunResult result : new Runner(options.param("engine", engine.name())
                        .param("width", Integer.toString(width))
                        .param("rows", Integer.toString(rows))
                        .forks(forks)
                        // Short warm-ups are enough where code waits for its compilation.
                        .jvmArgsAppend("-Xbatch")
                        .warmupIterations(rounds)
                        .warmupTime(time)
                        .measurementIterations(rounds)
                        .measurementTime(time)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run()) {
            String operation = result.getPrimaryResult().getLabel();
            nanos.put(new Case(engine, width, operation), cpuNanos(result));
        }
    }

    private static double sum(RunResult result, String counter) {
        return Objects.requireNonNull(result.getSecondaryResults().get(counter))
                .getStatistics()
                .getSum();
    }

    /** CPU time of the calling thread for one row or transaction. */
    private double cpuNanos(RunResult result) {
        double cpu = sum(result, "cpuNanos");
        double batches = sum(result, "batches");
        boolean isScan = result.getPrimaryResult().getLabel().equals("scan");
        return cpu / batches / (isScan ? rows : result.getParams().getOpsPerInvocation());
    }

    private boolean isMeasured(StoreEngine engine, int width, String operation) {
        boolean isPossible = switch (operation) {
            case "range" -> engine.isOrdered();
            case "commit", "abort" -> engine.isPinion() || engine.isSql();
            default -> true;
        };
        if (!isPossible || !engines.isEmpty()) {
            return isPossible && engines.contains(engine);
        }
        return isFull || isTargeted(engine, width, operation);
    }

    /** Whether a target is about it, and it is not more of the same: for three minutes. */
    private static boolean isTargeted(StoreEngine engine, int width, String operation) {
        boolean isPoint = POINT_OPERATIONS.contains(operation);
        boolean isNarrow = width == StoreRow.NARROW;
        return switch (engine) {
            case PINION_HASH -> isPoint || operation.equals("commit");
            case HASHMAP -> isPoint;
            case PINION_BTREE, TREEMAP -> isNarrow && (isPoint || operation.equals("range"));
            case SQLITE -> width <= WIDE_OF_SQL && (isPoint || operation.equals("commit"));
            case H2 -> isNarrow && (isPoint || operation.equals("commit"));
            case PINION_DIRECT -> false;
        };
    }

    private void report(BenchReport report, int width) {
        for (StoreEngine engine : StoreEngine.values()) {
            for (String operation : operations) {
                Double value = nanos.get(new Case(engine, width, operation));
                if (value != null) {
                    String kase = engine.label() + "_" + width;
                    report.add(kase, operation + "_ns", "ns", value);
                    if (engine.isPinion()) {
                        compare(report, kase, width, operation, value);
                    }
                }
            }
        }
    }

    private void compare(BenchReport report, String kase, int width, String operation, double value) {
        for (StoreEngine map : List.of(StoreEngine.HASHMAP, StoreEngine.TREEMAP)) {
            @Nullable Double other = nanos.get(new Case(map, width, operation));
            if (other != null && POINT_OPERATIONS.contains(operation)) {
                report.addWithMaximum(kase, operation + "_to_" + map.label(), "x", value / other, OF_A_MAP_MAX);
            } else if (other != null) {
                report.add(kase, operation + "_to_" + map.label(), "x", value / other);
            }
        }
        for (StoreEngine sql : List.of(StoreEngine.H2, StoreEngine.SQLITE)) {
            Double other = nanos.get(new Case(sql, width, operation));
            if (other != null) {
                report.addWithMinimum(kase, sql.label() + "_to_" + operation, "x", other / value, TIMES_SQL_MIN);
            }
        }
    }
}
