package io.pinion.actors.database;

import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.subscription.HeldSet;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * What a client's open connection and its database say to each other. A connection is opened by {@link Open} and ends when
 * the actor behind {@link Request#client} stops. What the database delivers to it comes in the order of commits, and with
 * it, in the same order, the answers of the calls that the connection makes with {@link Database.Command.CallReducer}. To a
 * confirmed connection nothing is delivered before the journal is durable up to what it shows.
 *
 * <p>A database that leaves its node or recovers says {@link Moving}. The connection stays and goes on by {@link Resume} where
 * the database serves next, with another actor behind it: what is still said to the one before does not count.
 */
public final class Client {
    private Client() {}

    public sealed interface Request extends Database.Message {
        Caller caller();

        ActorRef<? super Delivery> client();
    }

    /**
     * Opens the connection, if the module accepts it; answered {@link Opened} or {@link Refused}.
     *
     * @param claims the JSON payload of the token that the client authenticated with
     * @param countsTogether whether a query counts once for the whole connection, in however many sets it is
     */
    public record Open(
            Caller caller, String claims, boolean confirmed, boolean countsTogether, ActorRef<? super Delivery> client)
            implements Request {}

    /**
     * Goes on with a connection that has heard {@link Moving}, or whose database was lost. Answered by what it has missed, as
     * {@link Missed} and {@link NotSubscribed}, and then {@link Resumed}; by {@link Refused} if it cannot go on; or by {@link
     * Moving}: it is to be tried again.
     *
     * @param claims as in {@link Open}
     * @param position up to where the connection was told everything that it subscribes to
     * @param sets what it was told the first rows of
     */
    public record Resume(
            Caller caller,
            String claims,
            boolean confirmed,
            boolean countsTogether,
            Position position,
            List<HeldSet> sets,
            ActorRef<? super Delivery> client)
            implements Request {
        public Resume {
            sets = List.copyOf(sets);
        }
    }

    /**
     * A place in the log of a database.
     *
     * @param epoch of the database that named the offset; {@link #DURABLE} if the journal is known to be durable up to there,
     *     so that it is the same place in whatever epoch
     */
    public record Position(long epoch, long offset) {
        public static final long DURABLE = 0;

        public boolean isDurable() {
            return epoch == DURABLE;
        }
    }

    /** Answered {@link Applied}, and from then on by {@link Updated}; or {@link NotSubscribed}. */
    public record Subscribe(
            Caller caller,
            int requestId,
            int setId,
            SetKind kind,
            List<String> queries,
            ActorRef<? super Delivery> client)
            implements Request {
        public Subscribe {
            queries = List.copyOf(queries);
        }
    }

    /** Answered {@link Dropped} or {@link NotSubscribed}. */
    public record Unsubscribe(
            Caller caller, int requestId, int setId, SetKind kind, boolean wantsRows, ActorRef<? super Delivery> client)
            implements Request {}

    /** Runs a query of the kind that can be subscribed to, once; answered {@link Result}. */
    public record Ask(Caller caller, int requestId, Bytes messageId, String query, ActorRef<? super Delivery> client)
            implements Request {}

    public sealed interface Delivery extends Database.Message {}

    /**
     * The first delivery.
     *
     * @param hidesCalls whether the module is of a kind that does not show its calls to others
     * @param epoch of the database until it moves or recovers
     * @param offset of the newest commit
     */
    public record Opened(boolean hidesCalls, long epoch, long offset) implements Delivery {}

    /** The connection goes on, and has been told everything up to an offset; the parameters as in {@link Opened}. */
    public record Resumed(boolean hidesCalls, long epoch, long offset) implements Delivery {}

    /**
     * The connection was told everything up to an offset.
     *
     * @param offset negative for the contrary: rows of views are still to follow commits of which it is told, and until it has
     *     reached an offset again it cannot go on where the database is lost
     */
    public record Reached(long offset) implements Delivery {
        static final Reached NOT_ALL = new Reached(-1);

        public boolean isAll() {
            return offset >= 0;
        }
    }

    /**
     * What the connection has missed.
     *
     * @param requestId of the call that made the commit, which may be one of this connection
     */
    public record Missed(Database.RequestId requestId, Updated update) implements Delivery {}

    /**
     * The last delivery before the database goes on elsewhere, or here after a recovery.
     *
     * @param offset up to which the connection was told everything and the journal is durable; negative if that is not known
     */
    public record Moving(long offset) implements Delivery {
        static final Moving UNSETTLED = new Moving(-1);

        public boolean isSettled() {
            return offset >= 0;
        }
    }

    /** The connection is not opened; the reason is for the log of the node. */
    public record Refused(String reason) implements Delivery {}

    /**
     * @param rows of the whole set as of the last commit that was delivered; those of one table side by side
     * @param offset of that commit, or of a later one that does not concern the connection
     */
    public record Applied(
            int requestId, int setId, SetKind kind, List<ResultRows> rows, long offset, long executionNanos)
            implements Delivery {
        public Applied {
            rows = List.copyOf(rows);
        }
    }

    /** @param rows of the set until now; null if they were not asked for */
    public record Dropped(
            int requestId,
            int setId,
            SetKind kind,
            @Nullable List<ResultRows> rows,
            long executionNanos) implements Delivery {}

    /**
     * A set is not subscribed to, or not any more.
     *
     * @param requestId null if it was until now
     * @param setId null if it goes for all sets of the connection
     */
    public record NotSubscribed(
            @Nullable Integer requestId, @Nullable Integer setId, String reason) implements Delivery {}

    /** @param error null if there are rows; exactly one entry then */
    public record Result(
            int requestId, Bytes messageId, @Nullable String error, List<ResultRows> rows, long executionNanos)
            implements Delivery {
        public Result {
            rows = List.copyOf(rows);
        }
    }

    /**
     * The answer to a request belongs here, and comes later as {@link Late}; what is delivered meanwhile shows later
     * commits.
     */
    public record Awaited(long ticket, int requestId) implements Delivery {}

    /**
     * The answer to a request, which belongs where {@link Awaited} with its ticket was delivered. If it is a
     * {@link NotSubscribed}, what was delivered since for its set, or for all sets if it names none, is void.
     */
    public record Late(long ticket, Delivery answer) implements Delivery {}

    /**
     * A commit has changed results of the connection.
     *
     * @param offset of the commit
     * @param sets by ascending id, unsigned; not empty
     */
    public record Updated(long offset, Cause cause, List<SetChanges> sets) implements Delivery {
        public Updated {
            sets = List.copyOf(sets);
        }
    }

    /** The last delivery: the database forgets the connection, which has to be closed. */
    public record Ended(String reason) implements Delivery {}

    /**
     * The call that made a commit.
     *
     * @param timestampMicros what the call was given, since the Unix epoch
     * @param function empty if no function of the module made it
     * @param clientNumber by which the caller's connection knows the call, 0 if there is none
     * @param details null if no reducer made it, or the module does not show its calls to others
     */
    public record Cause(
            long timestampMicros,
            Identity caller,
            ConnectionId connectionId,
            String function,
            int clientNumber,
            @Nullable Details details) {}

    /**
     * What a reducer was called with.
     *
     * @param arguments BSATN, one after another
     * @param parameters BSATN of the product of their types, without references
     */
    public record Details(int reducerId, Bytes arguments, Bytes parameters, long executionNanos) {}
}
