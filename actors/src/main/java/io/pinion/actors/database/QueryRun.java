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
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SelectPlanner;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SqlParser;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One SQL statement against the tables as they are now; nothing is changed. Used once. */
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

    /** Whether a view was called. */
    boolean hasGuestRun() {
        return hasGuestRun;
    }

    /**
     * Runs it.
     *
     * @param instance runs a view, if the statement names one
     * @param offset of the newest commit
     * @return empty if there is no instance and the statement names a view, or shows the program while it is not loaded
     */
    Optional<QueryOutcome> run(@Nullable Instance instance, long offset) {
        try {
            StoreCatalog catalog = new StoreCatalog(store, program.definition());
            Database.Caller caller = query.caller();
            SelectPlan plan = SelectPlanner.plan(
                    SqlParser.parse(query.sql()),
                    catalog,
                    new Caller(caller.identity(), program.isOwner(caller.identity())));
            ViewDef view = catalog.view();
            if (view == null && instance == null && lacksProgram(plan)) {
                return Optional.empty();
            }
            if (view == null) {
                Result result = new Result(environment.settings().queryBytesMax());
                read(plan, result);
                return Optional.of(rows(plan, result, offset));
            }
            if (instance == null) {
                return Optional.empty();
            }
            Result result = new Result(environment.settings().queryBytesMax());
            execute(plan, new ViewTransaction(viewRows(view, instance)), result);
            return Optional.of(rows(plan, result, offset));
        } catch (SqlException | BadQueryException e) {
            return Optional.of(new BadQuery(String.valueOf(e.getMessage())));
        }
    }

    /** Whether the result shows the program, which is at hand where the module is loaded: as it is to make an instance. */
    private boolean lacksProgram(SelectPlan plan) {
        return plan.tableName().equals(MODULE_TABLE)
                && program.isOwner(query.caller().identity())
                && environment.programs().apply(program.hash()).isEmpty();
    }

    private Rows rows(SelectPlan plan, Result result, long offset) {
        long nanos = environment.clock().nanoTime() - startNanos;
        return new Rows(TypeCodec.toBsatn(plan.resultType()), result.rows().toBytes(), offset, nanos);
    }

    /** Reads the tables, under the limit of queries; nothing is left of it, whatever happens. */
    private void read(SelectPlan plan, RowSink sink) throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        boolean isStopped = false;
        Limit limit;
        long limitNanos = limits.query().toNanos();
        slot.begin(environment.vitals(), QUERY, null, environment.clock().nanoTime(), limitNanos);
        try {
            execute(plan, transaction, sink);
        } catch (OperationStoppedException e) {
            isStopped = true;
        } finally {
            limit = slot.end();
            transaction.rollback();
        }
        if (isStopped) {
            throw stopped(limit);
        }
    }

    private void execute(SelectPlan plan, Transaction transaction, RowSink sink) throws BadQueryException {
        try {
            plan.execute(transaction, sink);
        } catch (ResultTooLargeException e) {
            throw new BadQueryException("the result is larger than "
                    + environment.settings().queryBytesMax() + " bytes; use LIMIT or a narrower condition");
        } catch (StackOverflowError | OutOfMemoryError e) { // nothing was changed
            throw new BadQueryException("the statement takes more memory than this node can spare: " + e);
        }
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
        SelectPlan plan = SelectPlanner.plan(SqlParser.parse(sql), catalog, new Caller(program.owner(), true));
        if (catalog.view() != null) {
            throw failed(view, "its query reads another view");
        }
        if (!plan.resultType().equals(rowType(view))) {
            throw failed(view, "its query does not yield rows of the declared type");
        }
        read(plan, rows);
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
