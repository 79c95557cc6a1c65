package io.pinion.bench;

import com.sun.management.ThreadMXBean;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.ModuleLog;
import io.pinion.modules.js.JsEngine;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What the engines cost by themselves: the bank called in a loop on one thread, on a datastore in memory, with neither
 * actor nor journal. Times of calls are CPU time of the calling thread, transaction included.
 */
@Command(
        name = "engine",
        description = "Cost of loading the bank and of its calls on each engine, without actors and journal.",
        mixinStandardHelpOptions = true)
final class EngineBench implements Callable<Integer> {
    private static final Identity CALLER = new Identity(1, 0, 0, 0);
    private static final ConnectionId CONNECTION = new ConnectionId(5, 6);
    private static final long NOW_MICROS = 1_700_000_000_000_000L;
    private static final long OPENING_BALANCE = 1_000_000_000;
    private static final int CALLS_BETWEEN_CLOCKS = 1_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Option(
            names = "--engine",
            split = ",",
            defaultValue = "js,ts,wasm",
            description = "one or more of js, ts and wasm, in this order in one JVM (default: ${DEFAULT-VALUE})")
    private List<String> engines = List.of();

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description = "measured time of each kind of call (default: ${DEFAULT-VALUE})")
    private int seconds = 5;

    @Option(names = "--warmup", defaultValue = "10", description = "seconds before it (default: ${DEFAULT-VALUE})")
    private int warmupSeconds = 10;

    @Option(names = "--accounts", defaultValue = "1000", description = "accounts (default: ${DEFAULT-VALUE})")
    private int accounts = 1000;

    @Mixin
    private BankOptions options = new BankOptions();

    @Mixin
    private Output output = new Output();

    /** One call again and again. */
    private record Load(
            Instance instance, Datastore store, List<FunctionCall> calls, Class<? extends GuestResult> expected) {
        void once(int number) {
            Transaction transaction = store.begin();
            GuestResult result = instance.callReducer(calls.get(number % calls.size()), transaction);
            if (result instanceof GuestResult.Returned) {
                transaction.commit();
            } else {
                transaction.rollback();
            }
            if (!expected.isInstance(result)) {
                throw new IllegalStateException("expected " + expected.getSimpleName() + ", got " + result);
            }
        }
    }

    private record Cost(double nanosPerCall, double bytesPerCall) {}

    @Override
    public Integer call() throws IOException, InterruptedException, InvalidModuleException {
        if (accounts < 2 || seconds < 1) {
            throw new IllegalArgumentException("at least 2 accounts and 1 second are needed");
        }
        BenchReport report = BenchReport.ofCheckout("engine");
        for (String engine : engines) {
            Bytes program = options.read(BankPrograms.ofEngine(engine));
            measure(engine, program, report);
        }
        output.print(report);
        return 0;
    }

    private void measure(String engine, Bytes program, BenchReport report) throws InvalidModuleException {
        if (!engine.equals("wasm")) {
            warmUp(engine, report);
            output.progress(engine + " on " + JsEngine.description());
        }
        long begin = System.nanoTime();
        Module module = ModuleLoader.load(program, ModuleLimits.DEFAULT);
        long loaded = System.nanoTime();
        try (Instance instance = module.instantiate(new SilentHost())) {
            long instantiated = System.nanoTime();
            Datastore store = Datastore.create(module.definition());
            Load empty = load(module, instance, store, "empty", GuestResult.Returned.class, Bytes.EMPTY);
            empty.once(0);
            long called = System.nanoTime();
            addMillis(report, engine, "ms_first_load", loaded - begin);
            addMillis(report, engine, "ms_instantiate", instantiated - loaded);
            addMillis(report, engine, "ms_first_call", called - instantiated);
            Bytes seedArguments = new BsatnWriter()
                    .writeInt(accounts)
                    .writeLong(OPENING_BALANCE)
                    .toBytes();
            load(module, instance, store, "seed", GuestResult.Returned.class, seedArguments)
                    .once(0);
            add(report, engine, "empty", run(empty));
            add(
                    report,
                    engine,
                    "transfer",
                    run(load(module, instance, store, "transfer", GuestResult.Returned.class, transfers())));
            add(
                    report,
                    engine,
                    "refusal",
                    run(load(module, instance, store, "transfer", GuestResult.UserError.class, transfer(1, 1))));
        }
    }

    /** As a node does when it starts. */
    private static void warmUp(String engine, BenchReport report) {
        long begin = System.nanoTime();
        JsEngine.warmUp();
        addMillis(report, engine, "ms_warm_up", System.nanoTime() - begin);
    }

    private static Load load(
            Module module,
            Instance instance,
            Datastore store,
            String reducer,
            Class<? extends GuestResult> expected,
            Bytes... arguments) {
        int id = module.definition().reducer(reducer).orElseThrow().id();
        List<FunctionCall> calls = Stream.of(arguments)
                .map(bytes -> new FunctionCall(id, reducer, CALLER, CONNECTION, NOW_MICROS, bytes))
                .toList();
        return new Load(instance, store, calls, expected);
    }

    private Bytes[] transfers() {
        SplittableRandom random = new SplittableRandom(options.seed());
        Bytes[] arguments = new Bytes[1 << 14];
        for (int i = 0; i < arguments.length; i++) {
            long from = 1L + random.nextInt(accounts);
            arguments[i] = transfer(from, 1 + (from + random.nextInt(accounts - 1)) % accounts);
        }
        return arguments;
    }

    private static Bytes transfer(long from, long to) {
        return new BsatnWriter(24).writeLong(from).writeLong(to).writeLong(1).toBytes();
    }

    private Cost run(Load load) {
        loop(load, Duration.ofSeconds(warmupSeconds));
        return loop(load, Duration.ofSeconds(seconds));
    }

    private static Cost loop(Load load, Duration time) {
        long begin = System.nanoTime();
        long cpuBegin = THREADS.getCurrentThreadCpuTime();
        long bytesBegin = THREADS.getCurrentThreadAllocatedBytes();
        int calls = 0;
        do {
            for (int i = 0; i < CALLS_BETWEEN_CLOCKS; i++) {
                load.once(calls + i);
            }
            calls += CALLS_BETWEEN_CLOCKS;
        } while (System.nanoTime() - begin < time.toNanos());
        double nanos = THREADS.getCurrentThreadCpuTime() - cpuBegin;
        double bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBegin;
        return new Cost(nanos / calls, bytes / calls);
    }

    private static void add(BenchReport report, String engine, String call, Cost cost) {
        report.add(engine, "ns_per_" + call, "ns", cost.nanosPerCall());
        report.add(engine, "bytes_per_" + call, "B", cost.bytesPerCall());
    }

    private static void addMillis(BenchReport report, String engine, String metric, long nanos) {
        report.add(engine, metric, "ms", nanos / (double) TimeUnit.MILLISECONDS.toNanos(1));
    }

    /** A host that hears nothing. */
    private static final class SilentHost implements InstanceHost {
        @Override
        public Identity databaseIdentity() {
            return CALLER;
        }

        @Override
        public ModuleLog log() {
            return line -> {};
        }

        @Override
        public void scheduleImmediate(String functionName, Bytes arguments) {
            throw new IllegalStateException("the bank schedules nothing at once, but " + functionName);
        }

        @Override
        public @Nullable String jwtClaims(ConnectionId connectionId) {
            return null;
        }
    }
}
