package io.pinion.actors.database;

import io.pinion.actors.database.Database.BadQuery;
import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.Rows;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.query.Caller;
import io.pinion.store.query.ChangePlan;
import io.pinion.store.query.ScanLimit;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SqlPlanner;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One SQL statement against the tables as they are now, in a transaction of its own. Used once. */
final class QueryRun {
    private static final int ROWS_TAG = 0;
    private static final String MODULE_TABLE = "st_module";
    /** What stands for a function where one is named. */
    private static final String QUERY = "query";

    private final DatabaseEnvironment environment;
    private final GuestRun guest;
    private final Program program;
    private final Datastore store;
    private final Database.Command.Query query;
    private final long startNanos;
    private final CallLimits limits;
    private boolean hasGuestRun;

    QueryRun(
            DatabaseEnvironment environment,
            GuestRun guest,
            Program program,
            Datastore store,
            Database.Command.Query query) {
        this.environment = environment;
        this.guest = guest;
        this.program = program;
        this.store = store;
        this.query = query;
        this.startNanos = environment.clock().nanoTime();
        this.limits = environment.vitals().limits();
    }

    /** A statement that cannot be answered; the message is for the caller. */
    private static final class BadQueryException extends Exception {
        private static final long serialVersionUID = 1L;

        BadQueryException(String message) {
            super(message, null, false, false);
        }
    }

    /** What came of it. */
    sealed interface Ran {
        record Answered(QueryOutcome outcome) implements Ran {}

        /** The transaction is committed, and nobody has been told. */
        record Changed(Delta delta, ChangePlan.Changes changes, long executionNanos) implements Ran {}
    }

    /** Whether a view was called. */
    boolean hasGuestRun() {
        return hasGuestRun;
    }

    /**
     * Runs it.
     *
     * @param instance runs views, if the statement names some
     * @param offset of the newest commit
     * @return empty if there is no instance and the statement names a view, or shows the program while it is not loaded
     */
    Optional<Ran> run(@Nullable Instance instance, long offset) {
        try {
            StoreCatalog catalog = new StoreCatalog(store, program.definition());
            return switch (SqlPlanner.plan(query.sql(), catalog, caller())) {
                case SelectPlan plan -> select(plan, catalog, instance, offset).map(Ran.Answered::new);
                case ChangePlan plan -> Optional.of(change(plan));
            };
        } catch (SqlException | BadQueryException e) {
            return Optional.of(new Ran.Answered(new BadQuery(String.valueOf(e.getMessage()))));
        }
    }

    private Caller caller() {
        Database.Caller caller = query.caller();
        return new Caller(caller.identity(), program.isOwner(caller.identity()));
    }

    private Optional<QueryOutcome> select(
            SelectPlan plan, StoreCatalog catalog, @Nullable Instance instance, long offset) throws BadQueryException {
        if (instance == null && (!catalog.views().isEmpty() || lacksProgram(plan))) {
            return Optional.empty();
        }
        Map<Integer, RowList> views = new HashMap<>();
        if (instance != null) {
            for (Map.Entry<Integer, ViewDef> view : catalog.views().entrySet()) {
                views.put(view.getKey(), viewRows(view.getValue(), instance));
            }
        }
        Result result = new Result(environment.settings().queryBytesMax());
        read(plan, catalog, caller(), views, result);
        return Optional.of(rows(plan, result, offset));
    }

    /** Whether the result shows the program, which is at hand where the module is loaded: as it is to make an instance. */
    private boolean lacksProgram(SelectPlan plan) {
        return plan.tableNames().contains(MODULE_TABLE)
                && program.isOwner(query.caller().identity())
                && environment.programs().apply(program.hash()).isEmpty();
    }

    private Rows rows(SelectPlan plan, Result result, long offset) {
        long nanos = environment.clock().nanoTime() - startNanos;
        return new Rows(TypeCodec.toBsatn(plan.resultType()), result.rows().toBytes(), offset, nanos);
    }

    /** Reads tables and views; nothing is left of it, whatever happens. */
    private void read(SelectPlan plan, StoreCatalog catalog, Caller caller, Map<Integer, RowList> views, RowSink sink)
            throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        try {
            ViewedRows rows = new ViewedRows(transaction, views);
            limited(slot, () -> plan.execute(rows, ScanLimit.of(caller, catalog, rows), sink));
        } finally {
            transaction.rollback();
        }
    }

    /** Changes tables, or leaves them as they were. */
    private Ran change(ChangePlan plan) throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        try {
            ChangePlan.Changes changes = limited(slot, () -> plan.execute(transaction, store.records()));
            Delta delta = commit(transaction);
            return new Ran.Changed(delta, changes, environment.clock().nanoTime() - startNanos);
        } finally {
            if (transaction.isOpen()) {
                transaction.rollback();
            }
        }
    }

    private static Delta commit(Transaction transaction) throws BadQueryException {
        try {
            return transaction.commit();
        } catch (StackOverflowError | OutOfMemoryError e) {
            if (!transaction.isOpen()) {
                throw e;
            }
            throw tooMuch(e);
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T run();
    }

    /** Does something with the tables under the limit of queries. */
    private <T> T limited(CallSlot slot, Work<T> work) throws BadQueryException {
        boolean isStopped = false;
        @Nullable T done = null;
        Limit limit;
        long limitNanos = limits.query().toNanos();
        slot.begin(environment.vitals(), QUERY, null, environment.clock().nanoTime(), limitNanos);
        try {
            done = work.run();
        } catch (OperationStoppedException e) {
            isStopped = true;
        } catch (ResultTooLargeException e) {
            throw new BadQueryException("the result is larger than "
                    + environment.settings().queryBytesMax() + " bytes; use LIMIT or a narrower condition");
        } catch (StackOverflowError | OutOfMemoryError e) { // whatever was changed is rolled back
            throw tooMuch(e);
        } finally {
            limit = slot.end();
        }
        if (isStopped || done == null) {
            throw stopped(limit);
        }
        return done;
    }

    private static BadQueryException tooMuch(VirtualMachineError error) {
        return new BadQueryException("the statement takes more memory than this node can spare: " + error);
    }

    private BadQueryException stopped(@Nullable Limit limit) {
        String reason = "stopped: " + GuestRun.stopReason(limit, CallType.QUERY, limits);
        environment.vitals().noteStop();
        environment.say(Level.ERROR, QUERY, environment.clock().epochMicros(), reason);
        return new BadQueryException("the query was " + reason);
    }

    private RowList viewRows(ViewDef view, Instance instance) throws BadQueryException {
        Bytes result = callView(view, instance);
        BsatnReader reader = new BsatnReader(result);
        try {
            if (reader.readU8() == ROWS_TAG) {
                return decode(view, result.unsafeArray(), reader.position());
            }
            return select(view, reader.readString());
        } catch (BsatnException | SqlException e) {
            throw failed(view, String.valueOf(e.getMessage()));
        }
    }

    private Bytes callView(ViewDef view, Instance instance) throws BadQueryException {
        Database.Caller caller = query.caller();
        FunctionCall call = new FunctionCall(
                view.index(),
                view.name(),
                caller.identity(),
                caller.connectionId(),
                environment.clock().epochMicros(),
                Bytes.EMPTY);
        hasGuestRun = true;
        return switch (guest.view(instance, view, call, store)) {
            case GuestResult.Returned(Bytes bytes) -> bytes;
            case GuestResult.UserError(String message) -> throw failed(view, message);
            case GuestResult.Failed(String reason) -> throw failed(view, reason);
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ ->
                throw failed(view, guest.stopReason(CallType.VIEW));
        };
    }

    private static BadQueryException failed(ViewDef view, String cause) {
        return new BadQueryException("the view " + view.name() + " failed: " + cause);
    }

    private static RowList decode(ViewDef view, byte[] bytes, int start) {
        BsatnReader reader = new BsatnReader(bytes, start, bytes.length - start);
        long count = reader.readCount();
        BsatnLayout layout = BsatnLayout.of(rowType(view));
        RowList rows = new RowList();
        int at = reader.position();
        for (long row = 0; row < count; row++) {
            int end = layout.check(bytes, at, bytes.length);
            rows.row(bytes, at, end - at);
            at = end;
        }
        return rows;
    }

    private static AlgebraicType.Product rowType(ViewDef view) {
        return new AlgebraicType.Product(view.columns().stream()
                .map(column -> new AlgebraicType.Element(column.name(), column.type()))
                .toList());
    }

    /** A view may answer with a query: it runs with the owner's rights. */
    private RowList select(ViewDef view, String sql) throws BadQueryException {
        RowList rows = new RowList();
        if (sql.isBlank()) {
            return rows;
        }
        StoreCatalog catalog = new StoreCatalog(store, program.definition());
        Caller owner = new Caller(program.owner(), true);
        SelectPlan plan = SqlPlanner.planWholeRows(sql, catalog, owner);
        if (!catalog.views().isEmpty()) {
            throw failed(view, "its query reads another view");
        }
        if (!plan.resultType().equals(rowType(view))) {
            throw failed(view, "its query does not yield rows of the declared type");
        }
        read(plan, catalog, owner, Map.of(), rows);
        return rows;
    }

    private static final class ResultTooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ResultTooLargeException() {
            super("the result is too large", null, false, false);
        }
    }

    /** A BSATN array that grows row by row. */
    private static final class Result implements RowSink {
        private final BsatnWriter out = new BsatnWriter();
        private final int bytesMax;
        private int count;

        Result(int bytesMax) {
            this.bytesMax = bytesMax;
            out.writeInt(0);
        }

        @Override
        public void row(byte[] bytes, int offset, int length) {
            if (length > bytesMax - out.length()) {
                throw new ResultTooLargeException();
            }
            out.writeRaw(bytes, offset, length);
            count++;
        }

        BsatnWriter rows() {
            out.setInt(0, count);
            return out;
        }
    }
}
