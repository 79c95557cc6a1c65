package io.pinion.bench;

import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The JMH benchmarks: what single parts cost by themselves. */
@Command(
        name = "micro",
        description =
                "Cost of a turn on a core's run queue, on a single thread and on Pekko's default dispatcher (JMH).",
        mixinStandardHelpOptions = true)
final class MicroBench implements Callable<Integer> {
    @Option(
            names = "--seconds",
            defaultValue = "1",
            description = "of each iteration; as many again go before to warm up (default: ${DEFAULT-VALUE})")
    private double seconds = 1;

    @Option(names = "--rounds", defaultValue = "5", description = "iterations (default: ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(
            names = "--forks",
            defaultValue = "1",
            description = "JVMs per case; 0 measures in this one (default: ${DEFAULT-VALUE})")
    private int forks = 1;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws RunnerException {
        if (seconds <= 0 || rounds < 1 || forks < 0) {
            throw new IllegalArgumentException("some time, at least 1 round and 0 forks are needed");
        }
        output.progress("micro: " + RunQueueBenchmark.class.getSimpleName());
        TimeValue time = TimeValue.nanoseconds((long) (seconds * 1e9));
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(RunQueueBenchmark.class.getName())
                        .forks(forks)
                        .warmupIterations(rounds)
                        .warmupTime(time)
                        .measurementIterations(rounds)
                        .measurementTime(time)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        BenchReport report = BenchReport.ofCheckout("micro");
        for (RunResult result : results) {
            String kase = result.getParams().getParam("kind").toLowerCase(Locale.ROOT);
            String metric = result.getPrimaryResult().getLabel().equals("alone") ? "ns_alone" : "ns_in_row";
            report.add(kase, metric, "ns", result.getPrimaryResult().getScore());
        }
        output.print(report);
        return 0;
    }
}
