package io.pinion.bench;

import io.pinion.bench.DriverProcess.Measured;
import io.pinion.bench.FanoutLoad.Queries;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.consumer.RecordingStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What one writer's transactions cost when many connections subscribe to what they change. */
@Command(
        name = "fanout",
        description = "One writer, many subscribers over WebSocket: transactions per second, time to the subscribers.",
        mixinStandardHelpOptions = true)
final class FanoutBench implements Callable<Integer> {
    private static final String EVENT = "pinion.FanOut";
    private static final double EVALUATIONS_OF_ONE_MAX = 1;
    private static final int SUBSCRIBERS_AT_FIRST = 10;
    private static final int IN_FLIGHT_AT_FIRST = 64;
    private static final int WARM_UPS_AT_FIRST = 4;

    @Option(
            names = "--subscribers",
            split = ",",
            defaultValue = "1,100,1000",
            description = "of one query (default: ${DEFAULT-VALUE}); the last number also of different ones")
    private List<Integer> subscribers = List.of();

    @Option(
            names = "--in-flight",
            split = ",",
            defaultValue = "1,64",
            description = "transactions that not all subscribers have yet (default: ${DEFAULT-VALUE})")
    private List<Integer> inFlight = List.of();

    @Option(names = "--seconds", defaultValue = "3", description = "measured time per case (default: ${DEFAULT-VALUE})")
    private double seconds = 3;

    @Option(names = "--warmup", defaultValue = "3", description = "seconds before it (default: ${DEFAULT-VALUE})")
    private double warmupSeconds = 3;

    @Mixin
    private BankOptions options = new BankOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (subscribers.stream().anyMatch(count -> count < 1)
                || inFlight.stream().anyMatch(count -> count < 1)) {
            throw new IllegalArgumentException("at least 1 subscriber and 1 transaction in flight are needed");
        }
        Bytes program = options.read(BankPrograms.WASM);
        BenchReport report = BenchReport.ofCheckout("fanout");
        try (LoopbackNode node = LoopbackNode.start()) {
            warmUp(node, program);
            for (int count : subscribers) {
                measure(node, program, Queries.ONE, count, report);
            }
            measure(node, program, Queries.DIFFERENT, subscribers.getLast(), report);
            measure(node, program, Queries.KEYED, subscribers.getLast(), report);
        }
        output.print(report);
        return 0;
    }

    /** Else the first case would measure the compiler. */
    private void warmUp(LoopbackNode node, Bytes program) throws IOException, InterruptedException {
        output.progress("fanout: warming up");
        node.publish(program, FanoutLoad.accounts(SUBSCRIBERS_AT_FIRST), FanoutLoad.OPENING_BALANCE);
        try (DriverProcess driver = DriverProcess.start(
                node,
                FanoutLoad.KIND,
                WARM_UPS_AT_FIRST * warmupSeconds,
                0,
                Queries.ONE.code(),
                SUBSCRIBERS_AT_FIRST,
                IN_FLIGHT_AT_FIRST)) {
            driver.awaitBegin();
            driver.awaitEnd();
        }
    }

    private void measure(LoopbackNode node, Bytes program, Queries queries, int count, BenchReport report)
            throws IOException, InterruptedException {
        for (int transactions : inFlight) {
            String kase = queries.name().toLowerCase(Locale.ROOT) + "_" + count + "_" + transactions;
            output.progress("fanout: " + kase);
            node.publish(program, FanoutLoad.accounts(count), FanoutLoad.OPENING_BALANCE);
            try (DriverProcess driver = DriverProcess.start(
                    node, FanoutLoad.KIND, warmupSeconds, seconds, queries.code(), count, transactions)) {
                driver.awaitBegin();
                AtomicLong commits = new AtomicLong();
                AtomicLong evaluations = new AtomicLong();
                try (RecordingStream events = new RecordingStream()) {
                    events.enable(EVENT);
                    events.onEvent(EVENT, event -> {
                        commits.incrementAndGet();
                        evaluations.addAndGet(event.getInt("evaluations"));
                    });
                    events.startAsync();
                    Measured measured = driver.awaitEnd();
                    events.stop();
                    report(kase, queries, measured, (double) evaluations.get() / Math.max(1, commits.get()), report);
                }
            }
        }
    }

    private static void report(
            String kase, Queries queries, Measured measured, double evaluations, BenchReport report) {
        double transactions = Math.max(1, measured.of("transactions"));
        report.add(kase, "tx_per_s", "1/s", measured.perSecond("transactions"));
        report.add(kase, "p50_us", "µs", measured.of("p50_us"));
        report.add(kase, "p99_us", "µs", measured.of("p99_us"));
        report.add(kase, "bytes_per_tx", "B", measured.of("bytes") / transactions);
        if (queries == Queries.DIFFERENT) {
            report.add(kase, "evaluations_per_tx", "", evaluations);
        } else {
            report.addWithMaximum(kase, "evaluations_per_tx", "", evaluations, EVALUATIONS_OF_ONE_MAX);
        }
        report.add(kase, "node_cpu_us_per_tx", "µs", measured.nodeCpuNanos() / 1e3 / transactions);
        report.add(kase, "driver_cpu_us_per_tx", "µs", measured.driverCpuNanos() / 1e3 / transactions);
    }
}
