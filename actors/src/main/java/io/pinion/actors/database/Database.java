package io.pinion.actors.database;

import io.pinion.actors.subscription.SetChanges;
import io.pinion.modules.HostType;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.store.schema.MigrationStyle;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.util.ByteString;

/**
 * What a database is told and what it answers. Every command with a {@code replyTo} is answered exactly once, unless its
 * node dies. Messages are immutable and have a binary form of their own for crossing nodes.
 */
public final class Database {
    private Database() {}

    /** Marks what may cross nodes, in the binary form of {@code actors.cluster}. */
    public interface Message {}

    /**
     * Who calls. A connection of {@link ConnectionId#NONE} stands for none.
     *
     * @param claims of a visitor, the JSON payload of the token that it authenticated with; empty for anybody else
     */
    public record Caller(Identity identity, ConnectionId connectionId, String claims) {
        public Caller(Identity identity, ConnectionId connectionId) {
            this(identity, connectionId, "");
        }

        /** Whether its connection is there for one request alone: the database opens it before and ends it after. */
        public boolean isVisitor() {
            return !claims.isEmpty();
        }

        /** Whose connection is open. */
        Caller arrived() {
            return new Caller(identity, connectionId);
        }
    }

    /**
     * Names one call of its caller, who may repeat it: a UUID of version 7, which begins with the time it was made at.
     * {@link #NONE} for calls that are never repeated.
     */
    public record RequestId(long high, long low) {
        public static final RequestId NONE = new RequestId(0, 0);

        private static final int TIME_SHIFT = 16;
        private static final int VERSION = 7;
        private static final int VARIANT = 2;
        private static final Pattern TEXT = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

        public RequestId {
            UUID uuid = new UUID(high, low);
            if ((high | low) != 0 && (uuid.version() != VERSION || uuid.variant() != VARIANT)) {
                throw new IllegalArgumentException("a request id is a UUID of version 7, not " + uuid);
            }
        }

        /** A new one, made now. */
        public static RequestId next() {
            return at(System.currentTimeMillis());
        }

        /** A new one of another time, milliseconds since the Unix epoch. */
        public static RequestId at(long epochMillis) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            long high = (epochMillis << TIME_SHIFT) | (VERSION << 12) | random.nextInt(1 << 12);
            return new RequestId(high, (random.nextLong() >>> 2) | ((long) VARIANT << 62));
        }

        /** @throws IllegalArgumentException if the text is no UUID of version 7 */
        public static RequestId parse(String text) {
            UUID uuid = TEXT.matcher(text).matches() ? UUID.fromString(text) : new UUID(0, 0);
            if (uuid.version() != VERSION) {
                throw new IllegalArgumentException("a request id is a UUID of version 7, not " + text);
            }
            return new RequestId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
        }

        public boolean isNone() {
            return (high | low) == 0;
        }

        /** When it was made, milliseconds since the Unix epoch. */
        public long epochMillis() {
            return high >>> TIME_SHIFT;
        }

        @Override
        public String toString() {
            return new UUID(high, low).toString();
        }
    }

    /** The arguments of a function, in one of two spellings. */
    public sealed interface Arguments {
        /** BSATN of the parameter product; passed to the guest as it is after it has been checked. */
        record Bsatn(Bytes bytes) implements Arguments {}

        /** A JSON array in parameter order, or an object keyed by parameter name. */
        record Json(String text) implements Arguments {}
    }

    /** No deadline, in {@link Command.CallReducer#deadlineNanos} and {@link Command.Query#deadlineNanos}. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** What an update may do to connected clients. */
    public sealed interface Policy {
        /** Nothing that they notice. */
        enum Compatible implements Policy {
            INSTANCE
        }

        /**
         * Whatever the plan with that token says.
         *
         * @param token see {@link MigrationToken}
         */
        record BreakClients(Bytes token) implements Policy {}
    }

    /**
     * Who asks for a copy of a database, or has one restored.
     *
     * @param isOperator whether the node has found that this identity may do so with everybody's databases
     */
    public record Requester(Identity identity, boolean isOperator) {
        public boolean mayActFor(Identity owner) {
            return isOperator || identity.equals(owner);
        }
    }

    /** What {@link Command.Download} is to bring. */
    public sealed interface Wanted {
        /**
         * An archive of the whole database, as {@code actors.backup} describes it.
         *
         * @param withLog what is kept of the log as well, so that earlier states can be restored from it
         * @param names that point at the database, for people
         * @param pinionVersion of whoever asks, for people
         */
        record Backup(boolean withLog, List<String> names, String pinionVersion) implements Wanted {
            public Backup {
                names = List.copyOf(names);
            }
        }

        /**
         * The rows of one table as text, in no particular order.
         *
         * @param table canonical name, else source name
         */
        record Table(String table, TextFormat format) implements Wanted {}
    }

    /** How rows are written as text, in UTF-8. */
    public enum TextFormat {
        /** A JSON object on each line. */
        JSON_LINES,
        /** RFC 4180, with a line of column names. */
        CSV
    }

    /** Which state of a backup is wanted. */
    public sealed interface RestorePoint {
        /** The newest there is. */
        enum Latest implements RestorePoint {
            INSTANCE
        }

        /** That after the commit of this offset. */
        record AtOffset(long offset) implements RestorePoint {}

        /**
         * That after the last commit at or before this time: before the first that is later.
         *
         * @param micros since the Unix epoch
         */
        record AtTime(long micros) implements RestorePoint {}
    }

    public sealed interface Command extends Message, DatabaseMessage {
        /**
         * Runs one reducer in a transaction of its own.
         *
         * @param reducer canonical name
         * @param requestId of a call that may be repeated: whoever sends the same caller and id again is told what became
         *     of the first, and it does not run again; {@link OutcomeUnknown} if that is not known any more
         * @param confirmed answer only when the journal is durable up to the answer's offset; else at commit
         * @param deadlineNanos {@link System#nanoTime()} of this JVM after which the call is not started any more, or
         *     {@link #NO_DEADLINE}; crosses nodes as the time that remains
         * @param clientNumber by which the caller's connection knows the call, for those who are told of its commit; or 0
         */
        record CallReducer(
                String reducer,
                Arguments arguments,
                Caller caller,
                RequestId requestId,
                boolean confirmed,
                long deadlineNanos,
                int clientNumber,
                ActorRef<? super CallOutcome> replyTo)
                implements Command {
            /** A call without such a number. */
            public CallReducer(
                    String reducer,
                    Arguments arguments,
                    Caller caller,
                    RequestId requestId,
                    boolean confirmed,
                    long deadlineNanos,
                    ActorRef<? super CallOutcome> replyTo) {
                this(reducer, arguments, caller, requestId, confirmed, deadlineNanos, 0, replyTo);
            }

            public CallReducer withRequestId(RequestId id) {
                return new CallReducer(reducer, arguments, caller, id, confirmed, deadlineNanos, clientNumber, replyTo);
            }
        }

        /**
         * Runs one procedure, on an instance of its own and beside everything else; what it writes it writes in
         * transactions of its own. So nothing is said by a bad end of what it has written before.
         *
         * @param procedure canonical name
         * @param requestId as in {@link CallReducer}: a repetition waits for the run that is under way, or is told what that
         *     came to; {@link OutcomeUnknown} if it had begun when its node died
         * @param confirmed answer only when the journal is durable up to the newest commit; else when it has returned
         * @param deadlineNanos as in {@link CallReducer}
         */
        record CallProcedure(
                String procedure,
                Arguments arguments,
                Caller caller,
                RequestId requestId,
                boolean confirmed,
                long deadlineNanos,
                ActorRef<? super ProcedureOutcome> replyTo)
                implements Command {}

        /**
         * Has the module answer an HTTP request, as a procedure. The answer comes when it is durable.
         *
         * @param path of the route, exactly; may be empty
         * @param deadlineNanos as in {@link CallReducer}
         */
        record HandleHttp(String path, HttpRequest request, long deadlineNanos, ActorRef<? super HttpOutcome> replyTo)
                implements Command {}

        /**
         * Runs one SQL statement.
         *
         * @param confirmed as in {@link CallReducer}
         * @param deadlineNanos as in {@link CallReducer}
         */
        record Query(
                String sql,
                Caller caller,
                boolean confirmed,
                long deadlineNanos,
                ActorRef<? super QueryOutcome> replyTo)
                implements Command {}

        /** What a client's open connection asks for; takes its turn with calls. */
        record ForClient(Client.Request request) implements Command {}

        record Describe(ActorRef<? super DescribeOutcome> replyTo) implements Command {}

        /**
         * Puts a program into the database: the first one creates it and runs {@code init}, later ones update it.
         *
         * @param publisher becomes the owner with the first program, and has to be the owner afterwards
         * @param clear drop all data first
         * @param policy what an update may do to clients; without a meaning for the first program and for a clearing one
         */
        record Publish(
                Bytes program,
                Identity publisher,
                boolean clear,
                Policy policy,
                ActorRef<? super PublishOutcome> replyTo)
                implements Command {
            /** With {@link Policy.Compatible}. */
            public Publish(Bytes program, Identity publisher, boolean clear, ActorRef<? super PublishOutcome> replyTo) {
                this(program, publisher, clear, Policy.Compatible.INSTANCE, replyTo);
            }
        }

        /**
         * Says what an update with a program would do, and changes nothing. Owner only.
         *
         * @param style of the text
         */
        record PlanPublish(Bytes program, Identity caller, MigrationStyle style, ActorRef<? super PlanOutcome> replyTo)
                implements Command {}

        /**
         * The newest lines of the module log, owner only, oldest first.
         *
         * @param lineCountMax negative for all there is
         */
        record ReadLog(Identity caller, int lineCountMax, ActorRef<? super LogOutcome> replyTo) implements Command {}

        /** As {@link ReadLog}, then every new line as a {@link LogLines} until the receiver stops. */
        record FollowLog(Identity caller, int lineCountMax, ActorRef<? super LogOutcome> replyTo) implements Command {}

        /** Ends the database for good: its data go, queued and later calls get {@link NoSuchModule}. Owner only. */
        record Delete(Identity caller, ActorRef<? super DeleteOutcome> replyTo) implements Command {}

        /**
         * Cuts a log that cannot be read to its end, so that the database recovers without what follows. Taken only while
         * it is in that state, see {@link DatabaseStatus#damage}; what is cut stays in the journal until the log is
         * deleted beyond it. Goes before what waits.
         *
         * @param offset up to which the log is intact, as the damage says: a caller who has not read it cuts nothing
         */
        record TruncateLog(long offset, ActorRef<? super TruncateOutcome> replyTo) implements Command {}

        /**
         * Copies the database, or one table, as a stream of bytes, of the state as it is when this is carried out. The
         * owner's and operators' alone, but for public tables of a module without row-level rules.
         */
        record Download(Wanted wanted, Requester requester, ActorRef<? super DownloadOutcome> replyTo)
                implements Command {}

        /**
         * Drops what is there for a state from an archive. Until that has been read to its end, checked and written, the
         * database goes on; then one entry of its log changes everything, and the database recovers from it.
         *
         * @param archive read once; not at all if the command is refused at once
         * @param replace whether there may be a database already, which only its owner and operators may replace
         * @param owner of what is restored
         */
        record Restore(
                SourceRef<ByteString> archive,
                RestorePoint point,
                boolean replace,
                Identity owner,
                Requester requester,
                ActorRef<? super RestoreOutcome> replyTo)
                implements Command {}

        /** Takes a snapshot now, or waits for the one that is being written. */
        record TakeSnapshot(ActorRef<? super SnapshotOutcome> replyTo) implements Command {}

        /** What an operator orders; carried out when it is in the journal. */
        record Order(Orders.Change change, ActorRef<? super OrderOutcome> replyTo) implements Command {}

        /**
         * Asks where the database is now: answered by its mailbox, whatever the database does meanwhile, with the actor to
         * which commands can go without sharding in between.
         */
        record Locate(ActorRef<? super LocateOutcome> replyTo) implements Command {}

        /** Moves the database to another core of its node. Goes before what waits; of several the newest counts. */
        record Rebind(int core) implements Command {}

        /**
         * Sets the database's share of its core beside others. Goes before what waits; of several the newest counts.
         *
         * @param weight 1 to 10,000; another one is ignored
         */
        record SetWeight(int weight) implements Command {}

        /**
         * Takes the database out of the memory of its node: it takes nothing new, which is answered {@link Moved}, writes
         * what is committed, releases what waits for that, and stops. Its entity starts again when it is asked. Sharding
         * sends it when an entity moves or its node stops. Goes before what waits.
         */
        enum Stop implements Command {
            INSTANCE
        }
    }

    public sealed interface CallOutcome extends Message {}

    public sealed interface ProcedureOutcome extends Message {}

    public sealed interface HttpOutcome extends Message {}

    public sealed interface QueryOutcome extends Message {}

    public sealed interface DescribeOutcome extends Message {}

    public sealed interface PublishOutcome extends Message {}

    public sealed interface PlanOutcome extends Message {}

    public sealed interface LogOutcome extends Message {}

    public sealed interface DeleteOutcome extends Message {}

    public sealed interface TruncateOutcome extends Message {}

    public sealed interface DownloadOutcome extends Message {}

    public sealed interface RestoreOutcome extends Message {}

    public sealed interface SnapshotOutcome extends Message {}

    public sealed interface OrderOutcome extends Message {}

    public sealed interface LocateOutcome extends Message {}

    /** Answers that say nothing about the command itself, only that it was not carried out. */
    public sealed interface Refusal
            extends CallOutcome,
                    ProcedureOutcome,
                    HttpOutcome,
                    QueryOutcome,
                    DescribeOutcome,
                    PublishOutcome,
                    PlanOutcome,
                    LogOutcome,
                    DeleteOutcome,
                    TruncateOutcome,
                    DownloadOutcome,
                    RestoreOutcome,
                    SnapshotOutcome,
                    OrderOutcome,
                    LocateOutcome {}

    /** The reducer's changes are committed, and durable if that was asked for. */
    public record Committed(long offset, long executionNanos) implements CallOutcome {}

    /**
     * As {@link Committed}, for a call made as an open connection; its rows come with the outcome and in no {@link
     * Client.Updated}.
     *
     * @param sets of the connection that the call has changed; may be empty
     */
    public record CommittedForClient(Committed committed, Client.Cause cause, List<SetChanges> sets)
            implements CallOutcome {
        public CommittedForClient {
            sets = List.copyOf(sets);
        }
    }

    /** The module's own error; nothing was changed. */
    public record Rejected(String message, long offset, long executionNanos) implements CallOutcome {}

    /** A trap or an uncaught exception; nothing was changed, but by transactions that a procedure had committed before. */
    public record Failed(String reason, long offset, long executionNanos)
            implements CallOutcome, ProcedureOutcome, HttpOutcome {}

    /** A limit ended the call; what was changed is as for {@link Failed}. */
    public record Stopped(Limit limit, long offset, long executionNanos)
            implements CallOutcome, ProcedureOutcome, HttpOutcome {}

    /**
     * A procedure returned.
     *
     * @param returnType BSATN of the value's type, references inlined
     * @param value BSATN
     * @param offset of the newest commit then, its own included
     * @param startMicros what it was told as the time of its start, since the Unix epoch
     */
    public record Returned(Bytes returnType, Bytes value, long offset, long startMicros, long executionNanos)
            implements ProcedureOutcome {}

    /**
     * A procedure has returned, when its call was sent before. What it returned was too large to be kept for a repetition.
     *
     * @param startMicros as in {@link Returned}
     */
    public record ResultNotKept(long offset, long startMicros) implements ProcedureOutcome {}

    /** What the module's handler answers to an HTTP request. */
    public record Answered(HttpResponse response) implements HttpOutcome {}

    /** No route of the module has that path and method. */
    public record NoSuchRoute() implements HttpOutcome {}

    public enum Limit {
        TIME_LIMIT,
        MEMORY_LIMIT
    }

    /** No reducer of that name, or none that this caller may call. */
    public record NoSuchReducer(String reducer, String message) implements CallOutcome {}

    /** No procedure of that name, or none that this caller may call. */
    public record NoSuchProcedure(String procedure, String message) implements ProcedureOutcome {}

    /** A life-cycle reducer was named by a client. */
    public record NotCallable(String message) implements CallOutcome {}

    /** @param message says which argument is wrong and why */
    public record BadArguments(String message) implements CallOutcome, ProcedureOutcome {}

    /**
     * Rows of a query.
     *
     * @param rowType BSATN of the row's product type, references inlined
     * @param rows BSATN of an array of rows
     */
    public record Rows(Bytes rowType, Bytes rows, long offset, long executionNanos) implements QueryOutcome {}

    /**
     * Rows were changed, and it is durable if that was asked for.
     *
     * @param inserted rows that were not there before
     * @param updated rows that an UPDATE chose; it counts no others
     */
    public record Changed(long inserted, long deleted, long updated, long offset, long executionNanos)
            implements QueryOutcome {}

    /** The statement was not run; the message says why and where. */
    public record BadQuery(String message) implements QueryOutcome {}

    /**
     * What a database is.
     *
     * @param programHash Keccak-256 of the program
     * @param definition the raw module description, with its version tag
     */
    public record Description(Identity owner, HostType hostType, Bytes programHash, Bytes definition)
            implements DescribeOutcome {}

    /** @param warnings for the author, one sentence each */
    public record Published(boolean created, List<String> warnings, long offset) implements PublishOutcome {
        public Published {
            warnings = List.copyOf(warnings);
        }
    }

    /** The program is no module, or its {@code init} failed; nothing was changed. */
    public record InvalidProgram(String message) implements PublishOutcome, PlanOutcome {}

    /** The new schema does not fit the old one, the data or the policy; nothing was changed. */
    public record UpdateRefused(List<String> reasons) implements PublishOutcome, PlanOutcome {
        public UpdateRefused {
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * An update as far as definitions tell; rows may still stand against it.
     *
     * @param plan several lines for people
     * @param token for {@link Policy.BreakClients}
     */
    public record Planned(String plan, boolean breaksClients, Bytes token) implements PlanOutcome {}

    /** The caller is not the owner. */
    public record NotOwner(Identity owner)
            implements PublishOutcome, PlanOutcome, LogOutcome, DeleteOutcome, DownloadOutcome, RestoreOutcome {}

    /** The owner has locked the database against its end and the loss of its data. */
    public record Locked() implements PublishOutcome, DeleteOutcome, RestoreOutcome {}

    /** Lines of the module log as JSON objects, oldest first, without line ends. */
    public record LogLines(List<String> lines) implements LogOutcome {
        public LogLines {
            lines = List.copyOf(lines);
        }
    }

    public record Deleted() implements DeleteOutcome {}

    /**
     * The log ends at the offset now, and the database recovers.
     *
     * @param eventsCut events of the journal that do not count any more
     */
    public record LogTruncated(long offset, long eventsCut) implements TruncateOutcome {}

    /** The log is as it was. */
    public record NotTruncated(String reason) implements TruncateOutcome {}

    /** @param bytes to be read once, soon; it fails if the copy cannot be completed */
    public record Downloading(SourceRef<ByteString> bytes) implements DownloadOutcome {}

    /** There is nothing to copy; the reason is for whoever asked. */
    public record NotDownloaded(String reason) implements DownloadOutcome {}

    /**
     * The state is in the log; the database recovers with it.
     *
     * @param offset of the database, where its log goes on
     * @param offsetOfBackup of the state in the database that the backup is of
     * @param timeMicros of the newest commit in the state, or later, since the Unix epoch
     */
    public record Restored(long offset, long offsetOfBackup, long timeMicros, long rows) implements RestoreOutcome {}

    /** Everything is as it was. */
    public record NotRestored(String reason) implements RestoreOutcome {}

    /** There is a database, and it was not to be replaced. */
    public record AlreadyExists() implements RestoreOutcome {}

    /** @param offset of the newest commit in it */
    public record SnapshotTaken(long offset, long rows) implements SnapshotOutcome {}

    public record NoSnapshot(String reason) implements SnapshotOutcome {}

    /** @param orders that hold now, all of them */
    public record Ordered(Orders orders) implements OrderOutcome {}

    /** Everything is as it was. */
    public record NotOrdered(String reason) implements OrderOutcome {}

    /** @param actor stops when the database leaves its node; what it has not taken up then is answered {@link Moved} */
    public record Located(ActorRef<Command> actor) implements LocateOutcome {}

    /** Nothing was ever published here, or the database has ended. */
    public record NoSuchModule() implements Refusal {}

    /** Too much is queued; worth another try after the given time. */
    public record Overloaded(Duration retryAfter) implements Refusal {}

    /** The module does not accept the connection that a visitor comes by, for the reason that it gives. */
    public record NotAdmitted(String reason) implements Refusal {}

    /** The deadline passed before it was started. */
    public record DeadlineExceeded() implements Refusal {}

    /** It was started, and whether it is durable is not known. */
    public record OutcomeUnknown() implements Refusal {}

    /** The database is on its way to another node; ask its entity again. */
    public record Moved() implements Refusal {}

    /** The database cannot serve now: it recovers, is stuck, or its journal does not answer. */
    public record Unavailable(String reason) implements Refusal {}
}
