package io.pinion.modules.host;

import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a guest may ask of its host, written once for both engines; one per instance. Engines move bytes between the
 * guest's memory and the arrays given here, and turn the outcomes into those of their ABI.
 *
 * <p>Outcomes: a method that only succeeds or fails returns {@link Errno#OK} or a positive error number; one that returns
 * a handle, an id or a count returns it, or the negated error number. What ends the guest call instead of giving it an
 * error number is thrown as {@link HostTrap}.
 *
 * <p>Called by the thread that runs the guest, between {@link #begin} and {@link #end} or while the instance is
 * initialised; there is no transaction then. Nothing here blocks, but see {@link ProcedureCalls}. Hot path: no allocation per call once warm for scans of
 * up to a chunk, inserts, updates and deletes.
 */
public final class HostCalls {
    /** {@link #advance}: rows may have been copied, and there are no more; the handle is freed. */
    public static final int ITER_EXHAUSTED = -1;

    /** {@link #log}: the line number is not known. */
    public static final int NO_LINE_NUMBER = -1;

    private static final int LEVEL_INFO = 2;
    private static final String SYSTEM = "__spacetimedb__";

    private final InstanceHost host;
    private final RowIterator.StopCheck stopCheck;
    private final RowIterators iterators = new RowIterators();
    private final ConsoleTimers timers = new ConsoleTimers();
    private final BsatnWriter generated = new BsatnWriter(64);
    private final IndexRange range = new IndexRange();
    private final ProcedureCalls procedures = new ProcedureCalls(this);
    private @Nullable Transaction transaction;
    private @Nullable String functionName;
    private int advanceLength;

    /**
     * @param stopRequested asked from time to time in long scans, on the calling thread; when it says true the scan ends
     *     with an {@link OperationStoppedException}
     */
    public HostCalls(InstanceHost host, BooleanSupplier stopRequested) {
        this.host = host;
        this.stopCheck = () -> {
            if (stopRequested.getAsBoolean()) {
                throw new OperationStoppedException();
            }
        };
    }

    /** A guest function is about to run in this transaction. Followed by {@link #end}, whatever happens in between. */
    public void begin(FunctionCall call, Transaction openTransaction) {
        transaction = openTransaction;
        functionName = call.functionName();
    }

    /** The guest function has ended. Log lines keep its name until the next begins. */
    public void end() {
        transaction = null;
    }

    /** Closes row iterators and timers that the guest left open; how many there were. */
    public int closeHandles() {
        return iterators.closeAll() + timers.closeAll();
    }

    /** {@link Errno#OK} or {@link StoreCode#NOT_IN_TRANSACTION}. */
    public int checkTransaction() {
        return transaction == null ? StoreCode.NOT_IN_TRANSACTION : Errno.OK;
    }

    // Tables and indexes

    /** Id of a table, or a negated error number: 2, 4. */
    public int tableId(String name) {
        Transaction tx = transaction;
        return tx == null ? -StoreCode.NOT_IN_TRANSACTION : tx.tableId(name);
    }

    /** Id of an index, or a negated error number: 2, 5. */
    public int indexId(String name) {
        Transaction tx = transaction;
        return tx == null ? -StoreCode.NOT_IN_TRANSACTION : tx.indexId(name);
    }

    /** Number of rows, or a negated error number: 2, 4. */
    public long rowCount(int tableId) {
        Transaction tx = transaction;
        return tx == null ? -StoreCode.NOT_IN_TRANSACTION : tx.rowCount(tableId);
    }

    // Scans. They copy the rows at once, so that later changes do not show and the iterator may outlive the
    // transaction.

    /** Handle of an iterator over all rows, or a negated error number: 2, 4. */
    public int scanTable(int tableId) {
        Transaction tx = transaction;
        if (tx == null) {
            return -StoreCode.NOT_IN_TRANSACTION;
        }
        RowIterator rows = takeIterator();
        return openIterator(rows, tx.scanTable(tableId, rows));
    }

    /** Handle of an iterator over the rows with one key, or a negated error number: 2, 5, 3. */
    public int scanPoint(int indexId, byte[] bytes, int offset, int length) {
        Transaction tx = transaction;
        if (tx == null) {
            return -StoreCode.NOT_IN_TRANSACTION;
        }
        RowIterator rows = takeIterator();
        return openIterator(rows, tx.scanPoint(indexId, bytes, offset, length, rows));
    }

    /**
     * An {@link IndexRange} to fill and pass to {@link #scanRange} or {@link #deleteRange}; always the same one. With no
     * prefix elements the prefix must be given as empty.
     */
    public IndexRange range() {
        return range;
    }

    /** Handle of an iterator over the rows in a range, or a negated error number: 2, 5, 3. Traps without an order. */
    public int scanRange(int indexId, IndexRange wanted) {
        Transaction tx = transaction;
        if (tx == null) {
            return -StoreCode.NOT_IN_TRANSACTION;
        }
        RowIterator rows = takeIterator();
        int code = tx.scanRange(indexId, wanted, rows);
        if (code == StoreCode.WRONG_INDEX_ALGO) {
            iterators.discard(rows);
            throw noOrder(indexId);
        }
        return openIterator(rows, code);
    }

    private RowIterator takeIterator() {
        RowIterator rows = iterators.take();
        rows.stopCheck(stopCheck);
        return rows;
    }

    private int openIterator(RowIterator rows, int code) {
        if (code != StoreCode.OK) {
            iterators.discard(rows);
            return -code;
        }
        return iterators.open(rows);
    }

    /**
     * Copies as many whole chunks of rows as fit. {@link #advanceLength} then is the number of bytes copied.
     *
     * @return {@link #ITER_EXHAUSTED} when nothing is left (there may be bytes all the same), {@link Errno#OK} when there
     *     is more, {@link Errno#BUFFER_TOO_SMALL} when the next chunk does not fit ({@link #advanceLength} is its size),
     *     {@link Errno#NO_SUCH_ITER}
     */
    public int advance(int iterator, byte[] target, int offset, int capacity) {
        RowIterator rows = iterators.find(iterator);
        if (rows == null) {
            advanceLength = 0;
            return Errno.NO_SUCH_ITER;
        }
        int copied = rows.copyChunks(target, offset, capacity);
        if (rows.isExhausted()) {
            advanceLength = copied;
            iterators.close(iterator);
            return ITER_EXHAUSTED;
        }
        advanceLength = copied == 0 ? rows.nextChunkLength() : copied;
        return copied == 0 ? Errno.BUFFER_TOO_SMALL : Errno.OK;
    }

    /** Bytes that the last {@link #advance} copied, or would have needed. */
    public int advanceLength() {
        return advanceLength;
    }

    /** Bytes of the chunk that {@link #advance} would copy next: 0 if there is none, or a negated error number: 6. */
    public int nextChunkLength(int iterator) {
        RowIterator rows = iterators.find(iterator);
        return rows == null ? -Errno.NO_SUCH_ITER : rows.nextChunkLength();
    }

    /** Frees an iterator: {@link Errno#OK} or 6. */
    public int closeIterator(int iterator) {
        return iterators.close(iterator) ? Errno.OK : Errno.NO_SUCH_ITER;
    }

    // Changes

    /** Number of rows deleted, or a negated error number: 2, 5, 3. */
    public long deletePoint(int indexId, byte[] bytes, int offset, int length) {
        Transaction tx = transaction;
        return tx == null ? -StoreCode.NOT_IN_TRANSACTION : tx.deletePoint(indexId, bytes, offset, length);
    }

    /** Number of rows deleted, or a negated error number: 2, 5, 3. Traps on an index without an order. */
    public long deleteRange(int indexId, IndexRange wanted) {
        Transaction tx = transaction;
        if (tx == null) {
            return -StoreCode.NOT_IN_TRANSACTION;
        }
        long outcome = tx.deleteRange(indexId, wanted);
        if (outcome == -StoreCode.WRONG_INDEX_ALGO) {
            throw noOrder(indexId);
        }
        return outcome;
    }

    /** Deletes each row of a BSATN array of rows that exists; how many did, or a negated error number: 2, 4, 3. */
    public long deleteAllByEq(int tableId, byte[] bytes, int offset, int length) {
        Transaction tx = transaction;
        return tx == null ? -StoreCode.NOT_IN_TRANSACTION : tx.deleteAllByEq(tableId, bytes, offset, length);
    }

    /** Deletes every row; how many there were, or a negated error number: 2. Traps for an unknown table. */
    public long clear(int tableId) {
        Transaction tx = transaction;
        if (tx == null) {
            return -StoreCode.NOT_IN_TRANSACTION;
        }
        long outcome = tx.clear(tableId);
        if (outcome == -StoreCode.NO_SUCH_TABLE) {
            throw noTable("clear", tableId);
        }
        return outcome;
    }

    /**
     * Inserts one BSATN row; {@link #generated} then holds the values of its sequence columns that were zero.
     *
     * @return OK, 2, 12 or 13. Traps for an unknown table, bytes that are no row of it, and an exhausted sequence.
     */
    public int insert(int tableId, byte[] bytes, int offset, int length) {
        generated.reset();
        Transaction tx = transaction;
        if (tx == null) {
            return StoreCode.NOT_IN_TRANSACTION;
        }
        int code = tx.insert(tableId, bytes, offset, length, generated);
        return code == StoreCode.OK ? code : trapUnlessReturned("insert", code, tableId, length);
    }

    /**
     * Replaces the row that has this row's key in a unique index; {@link #generated} as for {@link #insert}.
     *
     * @return OK, 2, 5, 14, 15, 12 or 13. Traps as {@link #insert} does.
     */
    public int update(int tableId, int indexId, byte[] bytes, int offset, int length) {
        generated.reset();
        Transaction tx = transaction;
        if (tx == null) {
            return StoreCode.NOT_IN_TRANSACTION;
        }
        int code = tx.update(tableId, indexId, bytes, offset, length, generated);
        return code == StoreCode.OK ? code : trapUnlessReturned("update", code, tableId, length);
    }

    /** What the last successful {@link #insert} or {@link #update} generated; valid until the next. */
    public BsatnWriter generated() {
        return generated;
    }

    private static int trapUnlessReturned(String operation, int code, int tableId, int length) {
        return switch (code) {
            case StoreCode.NO_SUCH_TABLE -> throw noTable(operation, tableId);
            case StoreCode.BSATN_DECODE_ERROR ->
                throw new HostTrap(operation + ": these " + length + " bytes are not a row of table " + tableId);
            case StoreCode.AUTO_INC_OVERFLOW ->
                throw new HostTrap(operation + ": a sequence of table " + tableId + " has no value left");
            default -> code;
        };
    }

    private static HostTrap noTable(String operation, int tableId) {
        return new HostTrap(operation + ": there is no table " + tableId + " that a module may write");
    }

    private static HostTrap noOrder(int indexId) {
        return new HostTrap("index " + indexId + " has no order and cannot answer range scans");
    }

    // Log and timers

    /**
     * Appends a line to the module's log.
     *
     * @param level the ABI's number
     * @param lineNumber {@link #NO_LINE_NUMBER} if absent
     * @param trace the guest's call stack, innermost first; only looked at for level panic
     */
    public void log(
            int level,
            @Nullable String target,
            @Nullable String filename,
            int lineNumber,
            String message,
            List<Frame> trace) {
        Level named = Level.ofAbi(level);
        Integer line = lineNumber == NO_LINE_NUMBER ? null : lineNumber;
        List<Frame> frames = named == Level.PANIC ? trace : List.of();
        host.log().append(new LogRecord(named, nowMicros(), target, filename, line, functionName, message, frames));
    }

    /** Starts a timer; its handle. */
    public int startTimer(String name) {
        return timers.start(name);
    }

    /** Ends a timer and logs what it measured: {@link Errno#OK} or 7. */
    public int endTimer(int timer) {
        ConsoleTimers.Timer ended = timers.end(timer);
        if (ended == null) {
            return Errno.NO_SUCH_CONSOLE_TIMER;
        }
        String message = ConsoleTimers.message(ended, System.nanoTime());
        log(LEVEL_INFO, null, null, NO_LINE_NUMBER, message, List.of());
        return Errno.OK;
    }

    /**
     * Logs, for the module's owner, why a call failed: a line of the host's own under the name of the function.
     *
     * @param level {@link Level#ERROR}, or {@link Level#PANIC} with a trace
     */
    public void logFailure(Level level, String reason, List<Frame> trace) {
        host.log().append(new LogRecord(level, nowMicros(), SYSTEM, SYSTEM, null, functionName, reason, trace));
    }

    private static long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    // Identity, credentials, immediate calls

    /** The database's identity. */
    public Identity identity() {
        return host.databaseIdentity();
    }

    /** The JSON claims of a connection's token, empty if there are none. Needs {@link #checkTransaction} to be OK. */
    public Bytes jwtClaims(ConnectionId connectionId) {
        String claims = host.jwtClaims(connectionId);
        return claims == null ? Bytes.EMPTY : Bytes.ofUtf8(claims);
    }

    /** Queues a call at once, outside any transaction. */
    public void scheduleImmediate(String function, Bytes arguments) {
        host.scheduleImmediate(function, arguments);
    }

    // What only procedures may do

    /** The other half, for procedures and HTTP handlers. */
    public ProcedureCalls procedures() {
        return procedures;
    }

    /** A function without a transaction is about to run. */
    void begin(String function) {
        transaction = null;
        functionName = function;
    }

    /** The guest now reads and writes through this transaction, or none. */
    void use(@Nullable Transaction openTransaction) {
        transaction = openTransaction;
    }

    void logLeftOpen() {
        logFailure(Level.ERROR, functionName + " left a transaction open, which was undone", List.of());
    }
}
