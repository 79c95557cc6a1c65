package io.pinion.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What was measured round by round. Rounds of different cases alternate, so that the machine's moods hit all alike. */
final class Rounds {
    private record Key(String kase, String metric) {}

    private final Map<Key, List<Double>> values = new HashMap<>();

    void add(String kase, String metric, double value) {
        values.computeIfAbsent(new Key(kase, metric), _ -> new ArrayList<>()).add(value);
    }

    double median(String kase, String metric) {
        return median(of(kase, metric));
    }

    /** The median of what the case was to the base in the same round. */
    double medianRatio(String kase, String base, String metric) {
        List<Double> values = of(kase, metric);
        List<Double> bases = of(base, metric);
        return median(IntStream.range(0, values.size())
                .mapToObj(round -> values.get(round) / bases.get(round))
                .toList());
    }

    private List<Double> of(String kase, String metric) {
        List<Double> found = values.get(new Key(kase, metric));
        if (found == null) {
            throw new IllegalArgumentException("no round measured " + metric + " of " + kase);
        }
        return found;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
