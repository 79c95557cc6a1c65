package io.pinion.bench;

import com.sun.management.ThreadMXBean;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.tx.FrozenView;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What rows cost in memory, what the collector's pauses are with many of them in the heap, and what frozen views cost.
 * Memory is what is used after a collection; times are CPU time of the calling thread.
 */
@Command(
        name = "store-memory",
        description = "Memory per row, pauses of the collector with many rows, and the cost of frozen views.",
        mixinStandardHelpOptions = true)
final class StoreMemoryBench implements Callable<Integer> {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final double MB_MAX = 600;
    private static final int ROWS_OF_TARGET = 10_000_000;
    private static final int WIDE = 100;
    private static final int SMALL_TABLE = 1000;
    private static final int PER_TRANSACTION = 10_000;
    private static final int GARBAGE_BYTES = 4096;
    private static final double PAUSE_RATIO_MAX = 2;
    private static final int FREEZES = 500;
    private static final int ROUNDS = 15;

    @Option(names = "--rows", defaultValue = "10000000", description = "in the large table (default: ${DEFAULT-VALUE})")
    private int rows = ROWS_OF_TARGET;

    @Option(
            names = "--seconds",
            defaultValue = "8",
            description = "of transactions while pauses are recorded, per table (default: ${DEFAULT-VALUE})")
    private double seconds = 8;

    @Option(names = "--part", split = ",", description = "of rows, pauses, freeze; all if none is named")
    private List<String> parts = List.of("rows", "pauses", "freeze");

    @Mixin
    private Output output = new Output();

    private final SplittableRandom random = new SplittableRandom(42);

    /** Written for the collector's sake, and read by nobody. */
    @SuppressWarnings("UnusedVariable")
    private volatile byte[] garbage = {};

    @Override
    public Integer call() throws SQLException {
        if (rows < 2 * SMALL_TABLE || seconds <= 0) {
            throw new IllegalArgumentException("at least " + 2 * SMALL_TABLE + " rows and some time are needed");
        }
        if (!List.of("rows", "pauses", "freeze").containsAll(parts)) {
            throw new IllegalArgumentException("parts are rows, pauses and freeze, not " + parts);
        }
        BenchReport report = BenchReport.ofCheckout("store-memory");
        if (parts.contains("rows")) {
            measureRows(report);
        }
        if (parts.contains("pauses")) {
            measurePauses(report);
        }
        if (parts.contains("freeze")) {
            for (int count : new int[] {SMALL_TABLE, Math.min(100_000, rows), rows}) {
                measureFreeze(count, report);
            }
        }
        output.print(report);
        return 0;
    }

    // Rows

    private void measureRows(BenchReport report) throws SQLException {
        measureRows("unindexed_12", new PinionSubject(Optional.empty(), StoreRow.NARROW), report);
        for (IndexAlgorithm algorithm : IndexAlgorithm.values()) {
            String kase = algorithm.name().toLowerCase(Locale.ROOT) + "_12";
            measureRows(kase, new PinionSubject(Optional.of(algorithm), StoreRow.NARROW), report);
        }
        measureRows("unindexed_100", new PinionSubject(Optional.empty(), WIDE), report);
        measureRows("hash_100", new PinionSubject(Optional.of(IndexAlgorithm.HASH), WIDE), report);
        measureRows("hashmap_12", new MapSubject(new HashMap<>(), StoreRow.NARROW), report);
    }

    private void measureRows(String kase, StoreSubject subject, BenchReport report) throws SQLException {
        output.progress("store-memory: " + rows + " rows, " + kase);
        long before = usedBytes();
        long taken;
        try {
            fill(subject, rows);
            taken = usedBytes() - before;
        } finally {
            Reference.reachabilityFence(subject);
        }
        report.add(kase, "bytes_per_row", "B", (double) taken / rows);
        if (rows == ROWS_OF_TARGET && kase.endsWith("_12") && !kase.startsWith("hashmap")) {
            report.addWithMaximum(kase, "mb", "MB", taken / 1e6, MB_MAX);
        } else {
            report.add(kase, "mb", "MB", taken / 1e6);
        }
        subject.close();
    }

    /** Ids come in random order. */
    private void fill(StoreSubject subject, int count) throws SQLException {
        int[] ids = new int[PER_TRANSACTION];
        int step = coprimeStep(count);
        long id = 0;
        for (int from = 0; from < count; from += PER_TRANSACTION) {
            int some = Math.min(PER_TRANSACTION, count - from);
            for (int i = 0; i < some; i++) {
                ids[i] = (int) id;
                id = (id + step) % count;
            }
            subject.begin();
            subject.insert(ids, 0, some);
            subject.commit();
        }
    }

    /** Steps of that length reach every number below the count. */
    private static int coprimeStep(int count) {
        int step = (int) (count * 0.618);
        while (greatestCommonDivisor(step, count) != 1) {
            step++;
        }
        return step;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    // Pauses

    private void measurePauses(BenchReport report) throws SQLException {
        Optional<IndexAlgorithm> hash = Optional.of(IndexAlgorithm.HASH);
        double small = measurePauses("small", new PinionSubject(hash, StoreRow.NARROW), SMALL_TABLE, report);
        double large = measurePauses("large", new PinionSubject(hash, StoreRow.NARROW), rows, report);
        measurePauses("hashmap_large", new MapSubject(new HashMap<>(), StoreRow.NARROW), rows, report);
        if (small > 0) {
            report.addWithMaximum("gc_large", "max_to_small", "x", large / small, PAUSE_RATIO_MAX);
        }
    }

    /** The longest pause in milliseconds. */
    private double measurePauses(String name, StoreSubject subject, int count, BenchReport report) throws SQLException {
        output.progress("store-memory: pauses with " + count + " rows, " + name);
        fill(subject, count);
        System.gc();
        GcPauses pauses = GcPauses.start();
        long transactions = transfers(subject, count);
        Histogram nanos = pauses.stop();
        subject.close();
        String kase = "gc_" + name;
        report.add(kase, "pauses", "", (double) nanos.getTotalCount());
        report.add(kase, "p50_ms", "ms", Latencies.millis(nanos, 50));
        report.add(kase, "max_ms", "ms", Latencies.millis(nanos, 100));
        report.add(kase, "transactions", "", (double) transactions);
        return Latencies.millis(nanos, 100);
    }

    /** Transactions of two updates, each with as much garbage as a call of a guest may leave. */
    private long transfers(StoreSubject subject, int count) throws SQLException {
        int[] ids = new int[2];
        long transactions = 0;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            for (int i = 0; i < 100; i++) {
                ids[0] = random.nextInt(count / 2);
                ids[1] = ids[0] + count / 2;
                garbage = new byte[GARBAGE_BYTES];
                subject.begin();
                subject.update(ids, 0, 2, transactions);
                subject.commit();
                transactions++;
            }
        }
        return transactions;
    }

    // Frozen views

    private void measureFreeze(int count, BenchReport report) throws SQLException {
        output.progress("store-memory: frozen views of " + count + " rows");
        PinionSubject subject = new PinionSubject(Optional.of(IndexAlgorithm.HASH), StoreRow.NARROW);
        fill(subject, count);
        String kase = "freeze_" + count;
        report.add(kase, "freeze_us", "us", freezeMicros(subject));
        for (int touched = 1; touched <= Math.min(1000, count / 2); touched *= 10) {
            Cost without = medianCost(subject, count, touched, false);
            Cost with = medianCost(subject, count, touched, true);
            report.add(kase, "kb_extra_" + touched, "kB", (with.bytes - without.bytes) / 1e3);
            report.add(kase, "us_extra_" + touched, "us", (with.nanos - without.nanos) / 1e3);
        }
        measureRelease(subject, count, kase, report);
    }

    private static double freezeMicros(PinionSubject subject) {
        long[] nanos = new long[FREEZES];
        for (int i = 0; i < FREEZES; i++) {
            long started = THREADS.getCurrentThreadCpuTime();
            FrozenView view = subject.store().freeze("bench");
            nanos[i] = THREADS.getCurrentThreadCpuTime() - started;
            view.close();
        }
        Arrays.sort(nanos);
        return nanos[FREEZES / 2] / 1e3;
    }

    private record Cost(double nanos, double bytes) {}

    /** Of a transaction that updates so many rows all over the table, the first after a freeze or after none. */
    private Cost medianCost(PinionSubject subject, int count, int touched, boolean isFrozen) {
        double[] nanos = new double[ROUNDS];
        double[] bytes = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            int[] ids = spreadIds(count, touched);
            FrozenView view = subject.store().freeze("bench");
            if (!isFrozen) {
                view.close();
            }
            long nanosBefore = THREADS.getCurrentThreadCpuTime();
            long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
            subject.begin();
            subject.update(ids, 0, touched, round + 1_000_000L * touched);
            subject.commit();
            bytes[round] = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
            nanos[round] = THREADS.getCurrentThreadCpuTime() - nanosBefore;
            view.close();
        }
        Arrays.sort(nanos);
        Arrays.sort(bytes);
        return new Cost(nanos[ROUNDS / 2], bytes[ROUNDS / 2]);
    }

    private int[] spreadIds(int count, int touched) {
        int[] ids = new int[touched];
        int slice = count / touched;
        for (int i = 0; i < touched; i++) {
            ids[i] = i * slice + random.nextInt(slice);
        }
        return ids;
    }

    /** A view that everything has changed under, before and after it is closed. */
    private static void measureRelease(PinionSubject subject, int count, String kase, BenchReport report) {
        long before = usedBytes();
        FrozenView view = subject.store().freeze("bench");
        int[] ids = new int[PER_TRANSACTION];
        for (int from = 0; from < count; from += PER_TRANSACTION) {
            int some = Math.min(PER_TRANSACTION, count - from);
            for (int i = 0; i < some; i++) {
                ids[i] = from + i;
            }
            subject.begin();
            subject.update(ids, 0, some, -1);
            subject.commit();
        }
        long held;
        long after;
        try {
            held = usedBytes();
            view.close();
            after = usedBytes();
        } finally {
            Reference.reachabilityFence(subject);
        }
        report.add(kase, "mb_held", "MB", (held - before) / 1e6);
        report.add(kase, "mb_after_close", "MB", (after - before) / 1e6);
    }
}
