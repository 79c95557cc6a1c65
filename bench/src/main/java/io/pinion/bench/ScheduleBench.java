package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.modules.js.JsEngine;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How late rows of a schedule table fire that are due at an even rate, one after the other in one database. */
@Command(
        name = "schedule",
        description = "Time from when a row of a schedule table is due to the beginning of its reducer.",
        mixinStandardHelpOptions = true)
final class ScheduleBench implements Callable<Integer> {
    private static final long LEAD_MICROS = TimeUnit.MILLISECONDS.toMicros(500);
    private static final int BATCH = 500;

    @Option(
            names = "--rates",
            split = ",",
            defaultValue = "10,1000,10000",
            description = "rows due per second (default: ${DEFAULT-VALUE})")
    private List<Integer> rates = List.of();

    @Option(names = "--seconds", defaultValue = "10", description = "of each rate (default: ${DEFAULT-VALUE})")
    private double seconds = 10;

    @Option(
            names = "--warm-up",
            defaultValue = "20000",
            description = "rows that fire before anything is measured (default: ${DEFAULT-VALUE})")
    private int warmUp = 20_000;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException {
        if (seconds <= 0 || warmUp < 0 || rates.stream().anyMatch(rate -> rate < 1)) {
            throw new IllegalArgumentException("rates of at least 1 and a time above 0 are needed");
        }
        BenchReport report = BenchReport.ofCheckout("schedule");
        JsEngine.warmUp();
        try (BenchSystem system = BenchSystem.start()) {
            BenchDatabase database = system.publish(program());
            fire(database, warmUp, 0);
            for (int rate : rates) {
                output.progress("schedule: " + rate + " per second");
                int count = (int) Math.max(1, rate * seconds);
                report(report, rate, count, fire(database, count, 1_000_000 / rate));
            }
        }
        output.print(report);
        return 0;
    }

    private static Bytes program() throws IOException {
        try (InputStream program = ScheduleBench.class.getResourceAsStream("schedule.js")) {
            if (program == null) {
                throw new IOException("the benchmark's own module schedule.js is not on the class path");
            }
            return Bytes.wrap(program.readAllBytes());
        }
    }

    /** @return how late each row was, in ns */
    private Histogram fire(BenchDatabase database, int count, long gapMicros) {
        long planMicros = TimeUnit.MILLISECONDS.toMicros(count / 10L); // a row in 0.1 ms at worst
        long start = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) + LEAD_MICROS + planMicros;
        for (int planned = 0; planned < count; planned += BATCH) {
            database.committed("plan", plan(start + planned * gapMicros, gapMicros, Math.min(BATCH, count - planned)));
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos((long) (10 * seconds) + 60);
        while (fired(database) < count) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(fired(database) + " of " + count + " rows have fired");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
        Histogram late = Latencies.histogram();
        BsatnReader rows =
                new BsatnReader(database.rows("SELECT micros FROM late").rows());
        for (long left = rows.readCount(); left > 0; left--) {
            late.recordValue(TimeUnit.MICROSECONDS.toNanos(Math.max(0, rows.readLong())));
        }
        database.committed("forget", new Arguments.Bsatn(Bytes.EMPTY));
        return late;
    }

    private static Arguments plan(long startMicros, long gapMicros, int count) {
        return new Arguments.Bsatn(new BsatnWriter()
                .writeLong(startMicros)
                .writeLong(gapMicros)
                .writeInt(count)
                .toBytes());
    }

    private static long fired(BenchDatabase database) {
        Database.Rows rows = database.rows("SELECT COUNT(*) AS n FROM late");
        BsatnReader reader = new BsatnReader(rows.rows());
        reader.readCount();
        return reader.readLong();
    }

    private static void report(BenchReport report, int rate, int count, Histogram late) {
        String kase = "rate_" + rate;
        report.addWithMinimum(kase, "fired", "", (double) late.getTotalCount(), count);
        report.add(kase, "p50_ms", "ms", Latencies.millis(late, 50));
        report.add(kase, "p99_ms", "ms", Latencies.millis(late, 99));
        report.add(kase, "max_ms", "ms", late.getMaxValue() / 1e6);
    }
}
