package io.pinion.node.ws;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.Bytes;
import java.util.List;

/** What a client says, whichever protocol it speaks. Ids are unsigned and opaque. */
sealed interface ClientMessage {
    int requestId();

    record Subscribe(int requestId, int setId, SetKind kind, List<String> queries) implements ClientMessage {
        public Subscribe {
            queries = List.copyOf(queries);
        }
    }

    /** @param wantsRows whether the answer shall hold the rows that go */
    record Unsubscribe(int requestId, int setId, SetKind kind, boolean wantsRows) implements ClientMessage {}

    /** @param messageId what v1 names a query by; empty otherwise */
    record OneOffQuery(int requestId, Bytes messageId, String query) implements ClientMessage {}

    /** @param isQuiet the caller wants no result, only rows as everybody else */
    record CallReducer(int requestId, String reducer, Arguments arguments, boolean isQuiet) implements ClientMessage {}

    record CallProcedure(int requestId, String procedure, Arguments arguments) implements ClientMessage {}
}
