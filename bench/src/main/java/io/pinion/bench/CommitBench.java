package io.pinion.bench;

import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Confirmed transfers against what is in flight, on each journal, beside raw batches of the same size on the same disk. */
@Command(
        name = "commit",
        description = "Durable transactions per second and their latency, by journal, databases and calls in flight.",
        mixinStandardHelpOptions = true)
final class CommitBench implements Callable<Integer> {
    private static final int BANKS = 100;
    /** How much of a case's time the raw loops take, each. */
    private static final int RAW_PART = 2;

    @Option(
            names = "--seconds",
            defaultValue = "2",
            description = "measured time of a case (default: ${DEFAULT-VALUE})")
    private double seconds = 2;

    @Option(
            names = "--warmup",
            defaultValue = "10",
            description = "seconds before each journal (default: ${DEFAULT-VALUE})")
    private double warmupSeconds = 10;

    @Option(
            names = "--in-flight",
            split = ",",
            defaultValue = "1,16,64,1024",
            description = "calls at once, over all databases together (default: ${DEFAULT-VALUE})")
    private List<Integer> inFlight = List.of();

    @Option(
            names = "--databases",
            split = ",",
            defaultValue = "1,100",
            description = "databases; with fewer calls in flight some are idle (default: ${DEFAULT-VALUE})")
    private List<Integer> databases = List.of();

    @Mixin
    private BankOptions options = new BankOptions();

    @Mixin
    private JournalOptions journals = new JournalOptions();

    @Mixin
    private Output output = new Output();

    private final BenchReport report = BenchReport.ofCheckout("commit");
    private final Rounds rounds = new Rounds();

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        if (inFlight.stream().anyMatch(count -> count < 1)
                || databases.stream().anyMatch(count -> count < 1 || count > BANKS)) {
            throw new IllegalArgumentException("at least 1 call in flight and 1 to " + BANKS + " databases are needed");
        }
        Bytes program = options.read(BankPrograms.WASM);
        for (String journal : journals.names()) {
            try (BenchPostgres server = journals.openFor(journal);
                    BenchSystem system = JournalOptions.start(server)) {
                measure(journal, system, program);
            }
        }
        output.print(report);
        return 0;
    }

    private void measure(String journal, BenchSystem system, Bytes program)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        TransferLoad load = new TransferLoad(system, options.seed());
        output.progress("warming up, journal in " + journal);
        load.open(1, program);
        load.run(1, 64, nanos(warmupSeconds));
        for (int bankCount : databases) {
            load.open(bankCount, program);
            for (int count : inFlight) {
                String kase = journal + "_" + bankCount + "_" + count;
                output.progress(kase);
                measure(kase, journal, system, load, bankCount, count);
            }
        }
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    private void measure(String kase, String journal, BenchSystem system, TransferLoad load, int bankCount, int count)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        boolean isEmbedded = journal.equals(JournalOptions.ROCKSDB);
        @Nullable JournalWork before = isEmbedded ? JournalWork.of(system) : null;
        TransferLoad.Result result = load.run(bankCount, count, nanos(seconds));
        rounds.add(kase, "tx_per_s", result.perSecond());
        report.add(kase, "tx_per_s", "1/s", result.perSecond());
        report.add(kase, "p50_us", "µs", Latencies.micros(result.latency(), 50));
        report.add(kase, "p99_us", "µs", Latencies.micros(result.latency(), 99));
        if (before != null) {
            raw(kase, system, result, JournalWork.of(system).since(before));
        } else if (journals.names().contains(JournalOptions.ROCKSDB)) {
            String embedded = JournalOptions.ROCKSDB + "_" + bankCount + "_" + count;
            report.add(kase, "ratio_to_rocksdb", "", rounds.medianRatio(kase, embedded, "tx_per_s"));
        }
    }

    private void raw(String kase, BenchSystem system, TransferLoad.Result result, JournalWork work) throws IOException {
        RawLog raw = new RawLog(system.data());
        double perBatch = work.perBatch(result.calls());
        double appends = perBatch * raw.appends(work.bytesPerBatch(), nanos(seconds / RAW_PART));
        double rocks = perBatch * raw.rocksDbBatches(work.bytesPerBatch(), nanos(seconds / RAW_PART));
        report.add(kase, "tx_per_batch", "", perBatch);
        report.add(kase, "raw_append_tx_per_s", "1/s", appends);
        report.add(kase, "raw_rocksdb_tx_per_s", "1/s", rocks);
        report.add(kase, "ratio_to_append", "", result.perSecond() / appends);
        report.add(kase, "ratio_to_raw_rocksdb", "", result.perSecond() / rocks);
    }
}
