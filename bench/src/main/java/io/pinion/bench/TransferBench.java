package io.pinion.bench;

import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.DatabaseActor;
import io.pinion.actors.database.DatabaseServices;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SpawnProtocol;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Transfers between accounts in one database of one JVM, through the actor protocol, confirmed, with the embedded journal. */
@Command(
        name = "transfer",
        description = "Transfers between accounts of one database: calls per second and latency.",
        mixinStandardHelpOptions = true)
final class TransferBench implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Identity OWNER = new Identity(1, 0, 0, 0);
    private static final Caller CALLER = new Caller(OWNER, ConnectionId.NONE);
    private static final long OPENING_BALANCE = 1_000_000;

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

    @Option(names = "--seed", defaultValue = "42", description = "of the random accounts (default: ${DEFAULT-VALUE})")
    private long seed = 42;

    @Option(names = "--json", description = "one line of JSON instead of a table")
    private boolean json;

    @Option(names = "--examples", defaultValue = "examples", description = "folder of the sample modules")
    private Path examples = Path.of("examples");

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        if (accounts < 2 || inFlight < 1 || seconds < 1) {
            throw new IllegalArgumentException("at least 2 accounts, 1 call in flight and 1 second are needed");
        }
        Bytes program = bank().read(examples);
        Path data = Files.createTempDirectory("pinion-bench");
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), "bench", config(data));
        DatabaseServices services = DatabaseServices.start(system);
        try {
            measure(system, services, program);
            return 0;
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(1, TimeUnit.MINUTES);
            services.close();
            delete(data);
        }
    }

    private static Config config(Path data) {
        return ConfigFactory.parseString("pinion.data-directory = \"" + data + "\"\n"
                        + "pinion.journal.rocksdb.directory = \"" + data.resolve("journal") + "\"\n"
                        + "pekko.persistence.journal.plugin = pinion.journal\n"
                        + "pekko.persistence.snapshot-store.plugin = pinion.snapshot-store\n"
                        + "pekko.loggers = [\"org.apache.pekko.event.slf4j.Slf4jLogger\"]\n"
                        + "pekko.loglevel = WARNING\n")
                .withFallback(ConfigFactory.load());
    }

    private void measure(ActorSystem<SpawnProtocol.Command> system, DatabaseServices services, Bytes program)
            throws InterruptedException, ExecutionException, TimeoutException {
        ActorRef<Database.Command> database = await(AskPattern.ask(
                system,
                (ActorRef<ActorRef<Database.Command>> replyTo) -> new SpawnProtocol.Spawn<>(
                        DatabaseActor.create(new Identity(7, 7, 7, 7), services),
                        "database",
                        DispatcherSelector.fromConfig(Cores.DISPATCHER),
                        replyTo),
                TIMEOUT,
                system.scheduler()));
        expect(
                Database.Published.class,
                ask(
                        system,
                        database,
                        (ActorRef<Database.PublishOutcome> replyTo) ->
                                new Database.Command.Publish(program, OWNER, false, replyTo)));
        expect(
                Database.Committed.class,
                ask(
                        system,
                        database,
                        (ActorRef<Database.CallOutcome> replyTo) -> new Database.Command.CallReducer(
                                "seed",
                                new Arguments.Json("[" + accounts + "," + OPENING_BALANCE + "]"),
                                CALLER,
                                RequestId.NONE,
                                true,
                                Database.NO_DEADLINE,
                                replyTo)));
        run(system, database, warmup());
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long cpuBefore = machine.getProcessCpuTime();
        TransferDriver.Result result = run(system, database, Duration.ofSeconds(seconds));
        long cpuNanos = machine.getProcessCpuTime() - cpuBefore;
        report(result, cpuNanos, sumOfBalances(system, database));
    }

    private Duration warmup() {
        return Duration.ofSeconds(warmupSeconds != null ? warmupSeconds : bank().warmupSeconds());
    }

    private BankPrograms bank() {
        return BankPrograms.ofEngine(engine);
    }

    private TransferDriver.Result run(
            ActorSystem<SpawnProtocol.Command> system, ActorRef<Database.Command> database, Duration time)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<TransferDriver.Result> done = new CompletableFuture<>();
        var load = new TransferDriver.Load(database, CALLER, accounts, inFlight, time.toNanos(), seed);
        system.tell(
                new SpawnProtocol.Spawn<>(TransferDriver.create(load, done), "", Props.empty(), system.ignoreRef()));
        return done.get(time.plus(TIMEOUT).toSeconds(), TimeUnit.SECONDS);
    }

    private static long sumOfBalances(ActorSystem<SpawnProtocol.Command> system, ActorRef<Database.Command> database)
            throws InterruptedException, ExecutionException, TimeoutException {
        Database.Rows rows = expect(
                Database.Rows.class,
                ask(
                        system,
                        database,
                        (ActorRef<Database.QueryOutcome> replyTo) ->
                                new Database.Command.Query("SELECT balance FROM accounts", CALLER, true, Database.NO_DEADLINE, replyTo)));
        BsatnReader in = new BsatnReader(rows.rows());
        long count = in.readCount();
        long sum = 0;
        for (long i = 0; i < count; i++) {
            sum += in.readLong();
        }
        return sum;
    }

    private void report(TransferDriver.Result result, long cpuNanos, long sum) {
        Histogram latency = result.latency();
        boolean sumHolds = sum == accounts * OPENING_BALANCE;
        BenchReport report = BenchReport.ofCheckout("transfer");
        String kase = engine + "_" + inFlight;
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
        report.print(json, new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    private static <T> T expect(Class<T> type, Object answer) {
        if (!type.isInstance(answer)) {
            throw new IllegalStateException("expected " + type.getSimpleName() + ", got " + answer);
        }
        return type.cast(answer);
    }

    private static <A> A ask(
            ActorSystem<SpawnProtocol.Command> system,
            ActorRef<Database.Command> database,
            Function<ActorRef<A>, Database.Command> command)
            throws InterruptedException, ExecutionException, TimeoutException {
        return await(AskPattern.ask(database, command::apply, TIMEOUT, system.scheduler()));
    }

    private static <A> A await(CompletionStage<A> stage)
            throws InterruptedException, ExecutionException, TimeoutException {
        return stage.toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
