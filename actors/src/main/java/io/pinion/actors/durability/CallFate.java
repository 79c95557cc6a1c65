package io.pinion.actors.durability;

import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.actors.durability.LogEntry.ReturnValue;
import java.util.Optional;

/** What is known of a call that has a request id. Immutable. */
public sealed interface CallFate {
    /** About what it takes in memory beside the call itself. */
    int bytes();

    /**
     * A reducer has run to its end.
     *
     * @param message empty unless the result has one
     */
    record Reducer(CallResult result, String message) implements CallFate {
        @Override
        public int bytes() {
            return 2 * message.length();
        }
    }

    /** A procedure was begun. Unless it still runs, nobody knows what it has done and whether it has ended. */
    enum Begun implements CallFate {
        INSTANCE;

        @Override
        public int bytes() {
            return 0;
        }
    }

    /**
     * A procedure has ended badly; what it had committed before stays.
     *
     * @param message as in {@link Reducer}
     */
    record ProcedureFailed(CallResult result, String message) implements CallFate {
        @Override
        public int bytes() {
            return 2 * message.length();
        }
    }

    /**
     * A procedure has returned.
     *
     * @param startMicros what it was told as the time of its start, since the Unix epoch
     * @param value empty if it was too large to be kept
     */
    record ProcedureReturned(long startMicros, Optional<ReturnValue> value) implements CallFate {
        @Override
        public int bytes() {
            return value.map(ReturnValue::bytes).orElse(0);
        }
    }
}
