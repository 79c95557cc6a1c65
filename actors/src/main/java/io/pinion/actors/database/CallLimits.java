package io.pinion.actors.database;

import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long what a database runs may take, by wall clock; what takes longer is stopped and rolled back. Looked up before
 * every call. Immutable.
 *
 * @param reducer more than 0, as all of them
 */
public record CallLimits(
        Duration reducer,
        Duration scheduledReducer,
        Duration view,
        Duration query,
        Duration init,
        Duration procedure,
        Duration procedureTransaction) {
    private static final Duration MIN = Duration.ofMillis(1);
    private static final Duration MAX = Duration.ofDays(1);

    /** @param limits {@code pinion.limits} */
    static CallLimits of(ConfigReader limits) {
        return new CallLimits(
                time(limits, CallType.REDUCER),
                time(limits, CallType.SCHEDULED_REDUCER),
                time(limits, CallType.VIEW),
                time(limits, CallType.QUERY),
                time(limits, CallType.INIT),
                time(limits, CallType.PROCEDURE),
                time(limits, CallType.PROCEDURE_TRANSACTION));
    }

    private static Duration time(ConfigReader limits, CallType type) {
        return limits.duration(type.key(), MIN, MAX);
    }

    /** Why they cannot replace limits, if so. */
    static Optional<String> problem(Map<String, Duration> limits) {
        for (Map.Entry<String, Duration> limit : limits.entrySet()) {
            Duration value = limit.getValue();
            if (!keys().contains(limit.getKey())) {
                return Optional.of("there is no limit " + limit.getKey() + "; there are " + String.join(", ", keys()));
            }
            if (!value.isZero() && (value.compareTo(MIN) < 0 || value.compareTo(MAX) > 0)) {
                return Optional.of(limit.getKey() + " has to lie between " + MIN + " and " + MAX + ", not at " + value);
            }
        }
        return Optional.empty();
    }

    /** What limits are called within {@code pinion.limits}, in the order of the components. */
    public static List<String> keys() {
        return Arrays.stream(CallType.values()).map(CallType::key).toList();
    }

    /** All of them by key. */
    public Map<String, Duration> byKey() {
        Map<String, Duration> limits = new LinkedHashMap<>();
        for (CallType type : CallType.values()) {
            limits.put(type.key(), of(type));
        }
        return limits;
    }

    /** These with others in place of some. */
    CallLimits with(Map<String, Duration> others) {
        return new CallLimits(
                other(others, CallType.REDUCER),
                other(others, CallType.SCHEDULED_REDUCER),
                other(others, CallType.VIEW),
                other(others, CallType.QUERY),
                other(others, CallType.INIT),
                other(others, CallType.PROCEDURE),
                other(others, CallType.PROCEDURE_TRANSACTION));
    }

    private Duration other(Map<String, Duration> others, CallType type) {
        return others.getOrDefault(type.key(), of(type));
    }

    Duration of(CallType type) {
        return switch (type) {
            case REDUCER -> reducer;
            case SCHEDULED_REDUCER -> scheduledReducer;
            case VIEW -> view;
            case QUERY -> query;
            case INIT -> init;
            case PROCEDURE -> procedure;
            case PROCEDURE_TRANSACTION -> procedureTransaction;
        };
    }
}
