package io.pinion.balancer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Spreads weights over cores that are all full. How busy a full core is says nothing of what is asked of it, and what its
 * databases get depends on their weights: one that shares its core with less weight gets more. So where the weights of
 * those that use up their share are uneven, one of them moves.
 *
 * <p>Among databases of a full core those use up their share whose use, divided by their weight, is about the core's
 * highest, and for which calls wait: the core gives others what they ask for.
 */
final class WeightEvener {
    /** From here on a core is full. */
    private static final double FULL = 0.95;
    /** Of the core's highest use by weight. */
    private static final double USES_UP = 0.7;
    /** The heavier core has to become lighter at least down to this part. */
    private static final double LIGHTER = 0.9;

    private final List<DatabaseUse> databases;
    private final Evener.Items items;
    private final Map<Integer, List<Integer>> byCore = new HashMap<>();
    private final Map<Integer, Long> weights = new HashMap<>();

    /** @param items the same databases; who may not move is said there */
    WeightEvener(List<CoreUse> cores, List<DatabaseUse> databases, Evener.Items items) {
        this.databases = databases;
        this.items = items;
        IntStream.range(0, cores.size())
                .filter(core -> cores.get(core).busy() >= FULL)
                .forEach(core -> byCore.put(core, new ArrayList<>()));
        if (byCore.size() > 1) {
            collect();
        }
    }

    private void collect() {
        Map<Integer, Double> highest = new HashMap<>();
        for (DatabaseUse database : databases) {
            if (byCore.containsKey(database.core())) {
                highest.merge(database.core(), useByWeight(database), Math::max);
            }
        }
        for (int item = 0; item < databases.size(); item++) {
            DatabaseUse database = databases.get(item);
            Double most = highest.get(database.core());
            if (most != null && database.queue() > 0 && useByWeight(database) >= USES_UP * most) {
                Objects.requireNonNull(byCore.get(database.core())).add(item);
                weights.merge(database.core(), (long) database.weight(), Long::sum);
            }
        }
    }

    private static double useByWeight(DatabaseUse database) {
        return (double) database.busyNanos() / database.weight();
    }

    /** So many moves at most; each lightens the heaviest of the full cores. */
    List<Evener.Move> run(int budget) {
        List<Evener.Move> moves = new ArrayList<>();
        while (moves.size() < budget) {
            Optional<Evener.Move> move = next(moves);
            if (move.isEmpty()) {
                break;
            }
            moves.add(move.get());
            apply(move.get());
        }
        return moves;
    }

    private Optional<Evener.Move> next(List<Evener.Move> before) {
        if (weights.size() < 2) {
            return Optional.empty();
        }
        Comparator<Map.Entry<Integer, Long>> byWeight =
                Map.Entry.<Integer, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey());
        var heavy = weights.entrySet().stream().max(byWeight).orElseThrow();
        var light = weights.entrySet().stream().min(byWeight).orElseThrow();
        return Objects.requireNonNull(byCore.get(heavy.getKey())).stream()
                .filter(item -> items.hold(item) == Evener.Hold.NONE)
                .filter(item -> before.stream().noneMatch(move -> move.item() == item))
                .filter(item -> heavier(heavy.getValue(), light.getValue(), item) <= LIGHTER * heavy.getValue())
                .min(Comparator.<Integer>comparingLong(item -> heavier(heavy.getValue(), light.getValue(), item))
                        .thenComparingInt(item -> databases.get(item).weight())
                        .thenComparing(Comparator.naturalOrder()))
                .map(item -> new Evener.Move(item, heavy.getKey(), light.getKey(), false, false));
    }

    /** The weight of the heavier of the two cores once the database has moved. */
    private long heavier(long heavy, long light, int item) {
        int weight = databases.get(item).weight();
        return Math.max(heavy - weight, light + weight);
    }

    private void apply(Evener.Move move) {
        long weight = databases.get(move.item()).weight();
        weights.merge(move.from(), -weight, Long::sum);
        weights.merge(move.to(), weight, Long::sum);
        Objects.requireNonNull(byCore.get(move.from())).remove(Integer.valueOf(move.item()));
        Objects.requireNonNull(byCore.get(move.to())).add(move.item());
    }
}
