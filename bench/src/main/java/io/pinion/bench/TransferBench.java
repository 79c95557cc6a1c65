package io.pinion.bench;

import com.sun.management.OperatingSystemMXBean;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Props;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Transfers between accounts in one database of one JVM, through the actor protocol, confirmed, with the embedded journal;
 * beside them what the disk takes of the same batches, and the same transfer as a function in a PostgreSQL server.
 */
@Command(
        name = "transfer",
        description = "Transfers between accounts of one database: calls per second and latency.",
        mixinStandardHelpOptions = true)
final class TransferBench implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final long OPENING_BALANCE = 1_000_000;
    private static final int RAW_IN_FLIGHT = 64;
    private static final double RATIO_TO_RAW_MIN = 0.6;
    private static final double RATIO_TO_POSTGRESQL_MIN = 20;

    @Option(names = "--engine", defaultValue = "js", description = "js, ts or wasm (default: ${DEFAULT-VALUE})")
    private String engine = "js";

    @Option(names = "--seconds", defaultValue = "10", description = "measured time (default: ${DEFAULT-VALUE})")
    private int seconds = 10;

    @Option(names = "--warmup", description = "seconds before it (default: 40 for js and ts, 10 for wasm)")
    private @Nullable Integer warmupSeconds;

    @Option(names = "--in-flight", defaultValue = "64", description = "calls at once (default: ${DEFAULT-VALUE})")
    private int inFlight = 64;

    @Option(names = "--accounts", defaultValue = "1000", description = "accounts (default: ${DEFAULT-VALUE})")
    private int accounts = 1000;

    @Mixin
    private BankOptions options = new BankOptions();

    @Option(
            names = "--baselines",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "measure what it is compared with, each for half the time (default: ${DEFAULT-VALUE})")
    private boolean baselines = true;

    @Option(
            names = "--postgresql",
            paramLabel = "URL",
            defaultValue = "",
            description = "database for the same transfer as a function, as jdbc:postgresql://HOST/DATABASE?user=USER"
                    + " (default: a server of its own, where PostgreSQL is installed)")
    private String postgresUrl = "";

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException, ExecutionException, TimeoutException {
        if (accounts < 2 || inFlight < 1 || seconds < 1) {
            throw new IllegalArgumentException("at least 2 accounts, 1 call in flight and 1 second are needed");
        }
        Bytes program = options.read(bank());
        try (BenchSystem system = BenchSystem.start()) {
            measure(system, program);
            return 0;
        }
    }

    private void measure(BenchSystem system, Bytes program)
            throws IOException, SQLException, InterruptedException, ExecutionException, TimeoutException {
        ActorRef<Database.Command> actor = system.startDatabase();
        BenchDatabase database = system.publish(program, actor);
        database.committed("seed", new Arguments.Json("[" + accounts + "," + OPENING_BALANCE + "]"));
        run(system, actor, warmup());
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        JournalWork workBefore = JournalWork.of(system);
        long cpuBefore = machine.getProcessCpuTime();
        TransferDriver.Result result = run(system, actor, Duration.ofSeconds(seconds));
        long cpuNanos = machine.getProcessCpuTime() - cpuBefore;
        JournalWork work = JournalWork.of(system).since(workBefore);
        BenchReport report = report(result, cpuNanos, sumOfBalances(database));
        if (baselines) {
            double callsPerSecond = result.calls() * 1e9 / result.elapsedNanos();
            compareWithRawLog(report, new RawLog(system.data()), work, result.calls(), callsPerSecond);
            compareWithPostgres(report, callsPerSecond);
        }
        output.print(report);
    }

    /** What a file takes, appended and forced, of batches as large as the journal's were. */
    private void compareWithRawLog(BenchReport report, RawLog raw, JournalWork work, long calls, double callsPerSecond)
            throws IOException {
        double perBatch = work.perBatch(calls);
        double rawPerSecond = perBatch * raw.appends(work.bytesPerBatch(), baselineNanos());
        report.add(kase(), "calls_per_batch", "", perBatch);
        report.add(kase(), "raw_append_per_s", "1/s", rawPerSecond);
        double ratio = callsPerSecond / rawPerSecond;
        if (inFlight == RAW_IN_FLIGHT && !engine.equals("ts")) {
            report.addWithMinimum(kase(), "ratio_to_raw_append", "", ratio, RATIO_TO_RAW_MIN);
        } else {
            report.add(kase(), "ratio_to_raw_append", "", ratio);
        }
    }

    private void compareWithPostgres(BenchReport report, double callsPerSecond)
            throws IOException, SQLException, InterruptedException {
        if (postgresUrl.isBlank() && !BenchPostgres.isInstalled()) {
            output.progress("not compared with PostgreSQL: " + PostgresServer.MISSING);
            return;
        }
        try (BenchPostgres server = BenchPostgres.open(postgresUrl)) {
            PostgresTransfers transfers = PostgresTransfers.create(server, accounts, OPENING_BALANCE);
            transfers.perSecond(inFlight, baselineNanos() / 2, options.seed());
            double perSecond = transfers.perSecond(inFlight, baselineNanos(), options.seed());
            report.add(kase(), "postgresql_per_s", "1/s", perSecond);
            report.addWithMinimum(
                    kase(), "ratio_to_postgresql", "", callsPerSecond / perSecond, RATIO_TO_POSTGRESQL_MIN);
        }
    }

    private long baselineNanos() {
        return TimeUnit.SECONDS.toNanos(seconds) / 2;
    }

    private String kase() {
        return engine + "_" + inFlight;
    }

    private Duration warmup() {
        return Duration.ofSeconds(warmupSeconds != null ? warmupSeconds : bank().warmupSeconds());
    }

    private BankPrograms bank() {
        return BankPrograms.ofEngine(engine);
    }

    private TransferDriver.Result run(BenchSystem system, ActorRef<Database.Command> database, Duration time)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<TransferDriver.Result> done = new CompletableFuture<>();
        var load = new TransferDriver.Load(
                database, BenchDatabase.CALLER, accounts, inFlight, time.toNanos(), options.seed());
        system.spawn(TransferDriver.create(load, done), Props.empty());
        return done.get(time.plus(TIMEOUT).toSeconds(), TimeUnit.SECONDS);
    }

    private static long sumOfBalances(BenchDatabase database) {
        Database.Rows rows = database.rows("SELECT balance FROM accounts");
        BsatnReader in = new BsatnReader(rows.rows());
        long count = in.readCount();
        long sum = 0;
        for (long i = 0; i < count; i++) {
            sum += in.readLong();
        }
        return sum;
    }

    private BenchReport report(TransferDriver.Result result, long cpuNanos, long sum) {
        Histogram latency = result.latency();
        boolean sumHolds = sum == accounts * OPENING_BALANCE;
        BenchReport report = BenchReport.ofCheckout("transfer");
        String kase = kase();
        double callsPerSecond = result.calls() * 1e9 / result.elapsedNanos();
        if (inFlight == 1024 && !engine.equals("ts")) {
            report.addWithMinimum(
                    kase, "calls_per_s", "1/s", callsPerSecond, engine.equals("wasm") ? 300_000 : 200_000);
        } else {
            report.add(kase, "calls_per_s", "1/s", callsPerSecond);
        }
        report.add(kase, "p50_us", "µs", (double) latency.getValueAtPercentile(50) / 1e3);
        report.add(kase, "p99_us", "µs", (double) latency.getValueAtPercentile(99) / 1e3);
        report.addWithMaximum(kase, "errors", "", (double) result.errors(), 0);
        report.add(kase, "cpu_us_per_call", "µs", cpuNanos / 1e3 / Math.max(1, result.calls()));
        report.addWithMinimum(kase, "sum_ok", "", sumHolds ? 1 : 0, 1);
        return report;
    }
}
