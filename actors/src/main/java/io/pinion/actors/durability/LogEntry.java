package io.pinion.actors.durability;

import io.pinion.modules.HostType;
import io.pinion.store.tx.Delta;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Optional;

/** What a database's log holds, one per offset. Immutable. */
public sealed interface LogEntry {
    /** What it was given for its time, microseconds since the Unix epoch. */
    long timestampMicros();

    /** How many rows it inserts and deletes, those of a restored state included. */
    default long rowCount() {
        return switch (this) {
            case Transaction transaction -> rowCount(transaction.delta());
            case Published published -> rowCount(published.delta());
            case Restored restored -> restored.state().chunks().rowCount();
            case Answered _, ProcedureBegun _, ProcedureReturned _, Deleted _ -> 0;
        };
    }

    private static long rowCount(Delta delta) {
        long rows = 0;
        for (int i = 0; i < delta.tables().size(); i++) {
            Delta.TableDelta table = delta.tables().get(i);
            rows += table.inserts().count() + table.deletes().count();
        }
        return rows;
    }

    /** What made a transaction; the ordinal is the number in the log. */
    enum CallKind {
        REDUCER,
        SCHEDULED_REDUCER,
        /** Removes the row of a one-shot schedule after its reducer ran. */
        SCHEDULE_CLEANUP,
        /** A statement of the owner's that changes rows. */
        SQL,
        /** One of the transactions of a procedure. */
        PROCEDURE,
        /** A connection was opened. */
        CLIENT_CONNECTED,
        /** A connection has ended. */
        CLIENT_DISCONNECTED
    }

    /** How a call ended, for callers that repeat it; the ordinal is the number in the log. */
    enum CallResult {
        COMMITTED,
        /** The module's own error. */
        REJECTED,
        FAILED,
        STOPPED_BY_TIME,
        STOPPED_BY_MEMORY
    }

    /**
     * One committed transaction.
     *
     * @param timestampMicros what the call was given, since the Unix epoch
     * @param requestHigh with {@code requestLow} names the call; both zero for none
     * @param call name of the function
     */
    record Transaction(
            long timestampMicros,
            Identity caller,
            ConnectionId connectionId,
            long requestHigh,
            long requestLow,
            CallKind kind,
            CallResult result,
            String call,
            Delta delta)
            implements LogEntry {}

    /**
     * A call that its caller may repeat was answered and has changed nothing. One without a request id leaves no entry.
     *
     * @param timestampMicros as in {@link Transaction}, and so are the others
     * @param message what the answer said, or its beginning; empty if nothing
     */
    record Answered(
            long timestampMicros,
            Identity caller,
            ConnectionId connectionId,
            long requestHigh,
            long requestLow,
            CallKind kind,
            CallResult result,
            String call,
            String message)
            implements LogEntry {}

    /**
     * A procedure whose caller may repeat the call is about to run. One without a request id leaves no entry.
     *
     * @param timestampMicros as in {@link Transaction}, and so are the others
     */
    record ProcedureBegun(
            long timestampMicros,
            Identity caller,
            ConnectionId connectionId,
            long requestHigh,
            long requestLow,
            String call)
            implements LogEntry {}

    /**
     * Such a procedure has returned; one that ended badly is {@link Answered}.
     *
     * @param timestampMicros of its end
     * @param startMicros what it was told as the time of its start, since the Unix epoch
     * @param value empty if it was too large to be kept
     */
    record ProcedureReturned(
            long timestampMicros,
            Identity caller,
            ConnectionId connectionId,
            long requestHigh,
            long requestLow,
            String call,
            long startMicros,
            Optional<ReturnValue> value)
            implements LogEntry {}

    /**
     * What a procedure returned.
     *
     * @param type BSATN of the value's type, references inlined
     * @param value BSATN
     */
    record ReturnValue(Bytes type, Bytes value) {
        /** About what it takes in the log and in memory. */
        public int bytes() {
            return type.length() + value.length();
        }
    }

    /**
     * A program was put into the database.
     *
     * @param programHash Keccak-256; the program itself is stored under it
     * @param definition raw, with its version tag
     * @param guestLibrary hash of the build of the built-in guest library that it was published with, if it imports one
     * @param isFresh whether everything that was there before is dropped; else its tables are carried over
     * @param migration what the update came to, as {@code ResolvedMigration} writes it; empty if it is fresh
     * @param tables what the publish made of the tables: a replay has to come to the same
     * @param delta rows of {@code init}
     */
    record Published(
            long timestampMicros,
            Identity owner,
            HostType hostType,
            Bytes programHash,
            Bytes definition,
            Optional<Bytes> guestLibrary,
            boolean isFresh,
            Bytes migration,
            List<TableId> tables,
            Delta delta)
            implements LogEntry {
        public Published {
            tables = List.copyOf(tables);
        }
    }

    /** @param name canonical */
    record TableId(int id, String name) {}

    /**
     * Everything that was there before is dropped for the state of a backup.
     *
     * @param state where its rows are; its offset is that of the backup, its place in the log means nothing
     */
    record Restored(long timestampMicros, Identity caller, IndexEntry.Snapshot state) implements LogEntry {}

    /** The database has ended; nothing follows. */
    record Deleted(long timestampMicros, Identity caller) implements LogEntry {}
}
