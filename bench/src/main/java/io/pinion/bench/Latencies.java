package io.pinion.bench;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Histograms of nanoseconds. */
final class Latencies {
    private static final long MAX_NANOS = TimeUnit.HOURS.toNanos(1);

    private Latencies() {}

    static Histogram histogram() {
        return new Histogram(MAX_NANOS, 3);
    }

    /** What a driver says of what it did and how long each took, by the names that benchmarks read. */
    static Map<String, Double> figures(String what, long count, Histogram nanos) {
        return Map.of(what, (double) count, "p50_us", micros(nanos, 50), "p99_us", micros(nanos, 99));
    }

    static double micros(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e6;
    }
}
