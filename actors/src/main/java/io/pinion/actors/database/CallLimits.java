package io.pinion.actors.database;

import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

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
