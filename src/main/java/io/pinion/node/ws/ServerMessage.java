package io.pinion.node.ws;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the node says to a client, whichever protocol that speaks. Times are microseconds since the Unix epoch. */
sealed interface ServerMessage {
    /** The first message. */
    record Greeting(Identity identity, ConnectionId connectionId, String token) implements ServerMessage {}

    /** @param rows those of one table side by side */
    record SubscribeApplied(int requestId, int setId, SetKind kind, List<ResultRows> rows, long durationMicros)
            implements ServerMessage {
        public SubscribeApplied {
            rows = List.copyOf(rows);
        }
    }

    /** @param rows null if they were not asked for */
    record UnsubscribeApplied(
            int requestId,
            int setId,
            SetKind kind,
            @Nullable List<ResultRows> rows,
            long durationMicros) implements ServerMessage {}

    /** @param requestId null if it answers no request */
    record SubscriptionError(
            @Nullable Integer requestId, @Nullable Integer setId, String error, long durationMicros)
            implements ServerMessage {}

    /**
     * A commit of somebody else.
     *
     * @param isLight whether the call stays hidden, where the protocol can tell it
     */
    record TransactionUpdate(Call call, boolean isLight, List<SetChanges> sets) implements ServerMessage {
        public TransactionUpdate {
            sets = List.copyOf(sets);
        }
    }

    /** @param error null if there are rows */
    record OneOffResult(
            int requestId, Bytes messageId, @Nullable String error, List<ResultRows> rows, long durationMicros)
            implements ServerMessage {
        public OneOffResult {
            rows = List.copyOf(rows);
        }
    }

    record ReducerResult(Call call, Outcome outcome) implements ServerMessage {}

    record ProcedureResult(int requestId, Status status, long timestampMicros, long durationMicros)
            implements ServerMessage {}

    /**
     * What made a transaction.
     *
     * @param reducerId {@link #UNKNOWN_REDUCER} if there is none or it is not known
     * @param requestId of the caller, 0 if there is none
     */
    record Call(
            Identity caller,
            ConnectionId connectionId,
            String reducer,
            int reducerId,
            Arguments arguments,
            int requestId,
            long timestampMicros,
            long durationMicros) {
        static final int UNKNOWN_REDUCER = -1;
    }

    /** How a reducer call of the receiver ended. */
    sealed interface Outcome {
        record Committed(List<SetChanges> sets) implements Outcome {
            public Committed {
                sets = List.copyOf(sets);
            }
        }

        /** The module's own error. */
        record Rejected(String message) implements Outcome {}

        /** It failed otherwise, or was never started. */
        record Failed(String message) implements Outcome {}
    }

    /** How a procedure call ended. */
    sealed interface Status {
        /**
         * @param type BSATN of the value's type, references inlined
         * @param value BSATN
         */
        record Returned(Bytes type, Bytes value) implements Status {}

        record Failed(String message) implements Status {}
    }
}
