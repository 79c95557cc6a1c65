package io.pinion.actors.database;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What operators have ordered for one database. It is in the journal and goes where the database goes, until it is ordered
 * otherwise or the database ends. Immutable.
 *
 * @param limits that replace the node's, by their key within {@code pinion.limits}
 * @param weight share of its core, empty for the node's default
 */
public record Orders(Optional<Pause> pause, Map<String, Duration> limits, OptionalInt weight) {
    public static final Orders NONE = new Orders(Optional.empty(), Map.of(), OptionalInt.empty());

    public static final int WEIGHT_MIN = 1;
    public static final int WEIGHT_MAX = 10_000;

    public Orders {
        limits = Map.copyOf(limits);
    }

    /** @param sinceMicros since the Unix epoch */
    public record Pause(String reason, long sinceMicros) {}

    /** One order. */
    public sealed interface Change {
        /** Answer calls, statements and publishes with that reason, and let schedules wait. What runs, goes on to its end. */
        record Paused(String reason) implements Change {}

        record Resumed() implements Change {}

        /**
         * Other limits for some kinds of calls, from their next call on.
         *
         * @param limits by key; zero for the node's own again
         */
        record Limited(Map<String, Duration> limits) implements Change {
            public Limited {
                limits = Map.copyOf(limits);
            }
        }

        /** @param weight from {@link Orders#WEIGHT_MIN} to {@link Orders#WEIGHT_MAX} */
        record Weighted(int weight) implements Change {}
    }

    boolean isNone() {
        return equals(NONE);
    }

    /** Why a change cannot be carried out, if so. */
    static Optional<String> problem(Change change) {
        return switch (change) {
            case Change.Paused _, Change.Resumed _ -> Optional.empty();
            case Change.Limited(Map<String, Duration> limits) -> CallLimits.problem(limits);
            case Change.Weighted(int weight) ->
                weight < WEIGHT_MIN || weight > WEIGHT_MAX
                        ? Optional.of(
                                "a weight lies between " + WEIGHT_MIN + " and " + WEIGHT_MAX + ", not at " + weight)
                        : Optional.empty();
        };
    }

    /** These with a change that has no problem. */
    Orders with(Change change, long nowMicros) {
        return switch (change) {
            case Change.Paused(String reason) -> new Orders(Optional.of(new Pause(reason, nowMicros)), limits, weight);
            case Change.Resumed _ -> new Orders(Optional.empty(), limits, weight);
            case Change.Limited(Map<String, Duration> changed) -> new Orders(pause, merged(changed), weight);
            case Change.Weighted(int given) -> new Orders(pause, limits, OptionalInt.of(given));
        };
    }

    private Map<String, Duration> merged(Map<String, Duration> changed) {
        Map<String, Duration> merged = new HashMap<>(limits);
        merged.putAll(changed);
        merged.values().removeIf(Duration::isZero);
        return merged;
    }
}
