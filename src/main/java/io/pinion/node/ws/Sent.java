package io.pinion.node.ws;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.RequestId;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** A request of a client that its database has and has not answered. Used by one thread. */
final class Sent {
    private static final int UNKNOWN_MAX = 3;

    private final ClientMessage message;
    private final RequestId requestId;
    private final long deadlineNanos;
    private @Nullable ActorRef<Database.Command> database;
    private @Nullable Long ticket;
    private boolean hasNotBegun;
    private int unknownCount;

    /**
     * @param requestId by which the database knows a call that is sent again, {@link RequestId#NONE} if it cannot be
     * @param deadlineNanos of calls, {@link System#nanoTime()}
     */
    Sent(ClientMessage message, RequestId requestId, long deadlineNanos) {
        this.message = message;
        this.requestId = requestId;
        this.deadlineNanos = deadlineNanos;
    }

    ClientMessage message() {
        return message;
    }

    RequestId requestId() {
        return requestId;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    /** It is on its way there. */
    void sentTo(ActorRef<Database.Command> to) {
        database = to;
        hasNotBegun = false;
    }

    /** Whether it was sent there last. */
    boolean isAt(@Nullable ActorRef<?> other) {
        return database != null && database.equals(other);
    }

    /** Whoever had it last has not begun it, and will not. */
    void hasNotBegun() {
        hasNotBegun = true;
    }

    /** Whether the answer to a call has come that says that its outcome is not known, but may yet be found out. */
    boolean isAskedAgain() {
        return !requestId.isNone() && unknownCount++ < UNKNOWN_MAX;
    }

    /** Whether it can be sent again without being carried out twice. */
    boolean mayBeSentAgain() {
        return switch (message) {
            case ClientMessage.Subscribe _, ClientMessage.Unsubscribe _, ClientMessage.OneOffQuery _ -> true;
            case ClientMessage.CallReducer _, ClientMessage.CallProcedure _ -> hasNotBegun || !requestId.isNone();
        };
    }

    /** Its answer has its place among the deliveries and comes later; null if it has none yet. */
    @Nullable
    Long ticket() {
        return ticket;
    }

    void awaits(@Nullable Long newTicket) {
        ticket = newTicket;
    }
}
