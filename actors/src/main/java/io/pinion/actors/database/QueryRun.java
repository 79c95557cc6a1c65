package io.pinion.actors.database;

import io.pinion.actors.database.Database.BadQuery;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.query.Caller;
import io.pinion.store.query.ChangePlan;
import io.pinion.store.query.ScanLimit;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SqlPlanner;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One SQL statement against the tables as they are now, in a transaction of its own. Used once. */
final class QueryRun {
    private static final int ROWS_TAG = 0;
    private static final String MODULE_TABLE = "st_module";
    /** A query that looks at more rows than about that many is not run on the core. */
    private static final double ROWS_ON_CORE_MAX = 10_000;

    private final DatabaseEnvironment environment;
    private final GuestRun guest;
    private final Program program;
    private final Datastore store;
    private final Database.Command.Query query;
    private final long startNanos;
    private final QueryLimits limits;
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
        this.limits = new QueryLimits(environment);
    }

    /** What came of it. */
    sealed interface Ran {
        record Answered(QueryOutcome outcome) implements Ran {}

        /** The transaction is committed, and nobody has been told. */
        record Changed(Delta delta, ChangePlan.Changes changes, long executionNanos) implements Ran {}

        /** It has not begun, and is to be run elsewhere. */
        record Begun(LongQuery query) implements Ran {}
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
                case SelectPlan plan -> select(plan, catalog, instance, offset);
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

    private Optional<Ran> select(SelectPlan plan, StoreCatalog catalog, @Nullable Instance instance, long offset)
            throws BadQueryException {
        boolean hasViews = !catalog.views().isEmpty();
        if (instance == null && (hasViews || lacksProgram(plan))) {
            return Optional.empty();
        }
        if (!hasViews && plan.cost() > ROWS_ON_CORE_MAX) {
            return Optional.of(new Ran.Begun(
                    new LongQuery(environment, query, plan, caller(), store.freeze("a query"), offset, startNanos)));
        }
        Map<Integer, RowList> views = new HashMap<>();
        if (instance != null) {
            for (Map.Entry<Integer, ViewDef> view : catalog.views().entrySet()) {
                views.put(view.getKey(), viewRows(view.getValue(), instance));
            }
        }
        QueryResult result = new QueryResult(environment.settings().queryBytesMax());
        read(plan, catalog, caller(), views, result);
        return Optional.of(
                new Ran.Answered(result.answer(plan, offset, environment.clock().nanoTime() - startNanos)));
    }

    /** Whether the result shows the program, which is at hand where the module is loaded: as it is to make an instance. */
    private boolean lacksProgram(SelectPlan plan) {
        return plan.tableNames().contains(MODULE_TABLE)
                && program.isOwner(query.caller().identity())
                && environment.programs().apply(program.hash()).isEmpty();
    }

    /** Reads tables and views; nothing is left of it, whatever happens. */
    private void read(SelectPlan plan, StoreCatalog catalog, Caller caller, Map<Integer, RowList> views, RowSink sink)
            throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        try {
            ViewedRows rows = new ViewedRows(transaction, views);
            var _ = limits.run(slot, () -> plan.execute(rows, ScanLimit.of(caller, catalog, rows), sink));
        } finally {
            transaction.rollback();
        }
    }

    /** Changes tables, or leaves them as they were. */
    private Ran change(ChangePlan plan) throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        try {
            ChangePlan.Changes changes = limits.run(slot, () -> plan.execute(transaction, store.records()));
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
            throw QueryLimits.tooMuch(e);
        }
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
}
