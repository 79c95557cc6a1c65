package io.pinion.bench;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Histograms of nanoseconds. */
final class Latencies {
    private static final long MAX_NANOS = TimeUnit.HOURS.toNanos(1);

    private Latencies() {}

    static Histogram histogram() {
        return new Histogram(MAX_NANOS, 3);
    }

    static double micros(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e6;
    }
}
