package io.pinion.node.management;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/** Values of one name with different labels, until it is said what they are. */
final class Family {
    private final String name;
    private final String help;
    private final List<Value> values = new ArrayList<>();

    private record Value(Labels labels, double value) {}

    /** @param name without the suffix {@code _total} */
    Family(String name, String help) {
        this.name = name;
        this.help = help;
    }

    /** @param labels names and values by turns */
    Family add(double value, String... labels) {
        values.add(new Value(Labels.of(labels), value));
        return this;
    }

    /** The same with a whole number, which is exact up to 2^53. */
    Family add(long value, String... labels) {
        return add((double) value, labels);
    }

    /** What only grows. */
    MetricSnapshot counter() {
        CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
        values.forEach(value -> counter.dataPoint(CounterDataPointSnapshot.builder()
                .value(value.value())
                .labels(value.labels())
                .build()));
        return counter.build();
    }

    /** What is as it is now. */
    MetricSnapshot gauge() {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        values.forEach(value -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                .value(value.value())
                .labels(value.labels())
                .build()));
        return gauge.build();
    }
}
