package io.pinion.actors.database;

import io.pinion.actors.database.Database.BadQuery;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.modules.Instance;
import io.pinion.store.query.Caller;
import io.pinion.store.query.ChangePlan;
import io.pinion.store.query.QueryPlans;
import io.pinion.store.query.ScanLimit;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SqlException;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.Identity;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One SQL statement against the tables as they are now, in a transaction of its own. Used once. */
final class QueryRun {
    private static final String MODULE_TABLE = "st_module";
    /** A query that looks at more rows than about that many is not run on the core. */
    private static final double ROWS_ON_CORE_MAX = 10_000;

    private final DatabaseEnvironment environment;
    private final GuestRun guest;
    private final Program program;
    private final Datastore store;
    private final QueryPlans plans;
    private final Database.Command.Query query;
    private final Views views;
    private final long startNanos;
    private boolean hasGuestRun;

    QueryRun(
            DatabaseEnvironment environment,
            GuestRun guest,
            Program program,
            Datastore store,
            QueryPlans plans,
            Views views,
            Database.Command.Query query) {
        this.environment = environment;
        this.guest = guest;
        this.program = program;
        this.store = store;
        this.plans = plans;
        this.views = views;
        this.query = query;
        this.startNanos = environment.clock().nanoTime();
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
     * @param instance runs views, if the statement names some that are not kept or changes what kept ones have read
     * @param offset of the newest commit
     * @return empty if there is no instance and it takes one, or the statement shows the program while it is not loaded
     */
    Optional<Ran> run(@Nullable Instance instance, long offset) {
        try {
            StoreCatalog catalog = new StoreCatalog(plans.tables(), program.definition());
            return switch (plans.plan(query.sql(), catalog, caller())) {
                case SelectPlan plan -> select(plan, catalog, instance, offset);
                case ChangePlan plan ->
                    instance == null && !views.isEmpty() ? Optional.empty() : Optional.of(change(plan, instance));
            };
        } catch (SqlException | BadQueryException e) {
            return Optional.of(new Ran.Answered(new BadQuery(String.valueOf(e.getMessage()))));
        } catch (ViewFailedException e) {
            return Optional.of(new Ran.Answered(new BadQuery(e.text())));
        }
    }

    private Caller caller() {
        Database.Caller caller = query.caller();
        return new Caller(caller.identity(), program.isOwner(caller.identity()));
    }

    private Optional<Ran> select(SelectPlan plan, StoreCatalog catalog, @Nullable Instance instance, long offset)
            throws BadQueryException, ViewFailedException {
        if (instance == null && lacksProgram(plan)) {
            return Optional.empty();
        }
        for (ViewDef view : catalog.views()) {
            if (!isKept(view, instance)) {
                return Optional.empty();
            }
        }
        if (plan.cost() > ROWS_ON_CORE_MAX) {
            return Optional.of(new Ran.Begun(
                    new LongQuery(environment, query, plan, caller(), store.freeze("a query"), offset, startNanos)));
        }
        QueryResult result = new QueryResult(environment.settings().queryBytesMax());
        read(plan, catalog, result);
        long nanos = environment.clock().nanoTime() - startNanos;
        return Optional.of(new Ran.Answered(result.answer(plan, offset, nanos)));
    }

    /** Whether a view's rows are there for the caller, made so if there is an instance. */
    private boolean isKept(ViewDef view, @Nullable Instance instance) throws ViewFailedException {
        Identity caller = query.caller().identity();
        boolean isKept = views.find(store, view, caller, environment.clock().nanoTime()) != null;
        if (!isKept && instance != null) {
            hasGuestRun = true;
            guest.materialise(instance, view, caller, program, store, views);
        }
        return isKept || instance != null;
    }

    /** Whether the result shows the program, which is at hand where the module is loaded: as it is to make an instance. */
    private boolean lacksProgram(SelectPlan plan) {
        return plan.tableNames().contains(MODULE_TABLE)
                && program.isOwner(query.caller().identity())
                && environment.programs().apply(program.hash()).isEmpty();
    }

    /** Reads tables and views; nothing is left of it, whatever happens. */
    private void read(SelectPlan plan, StoreCatalog catalog, RowSink sink) throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        try {
            new QueryLimits(environment)
                    .runStatement(
                            slot, () -> plan.execute(transaction, ScanLimit.of(caller(), catalog, transaction), sink));
        } finally {
            transaction.rollback();
        }
    }

    /**
     * Changes tables, or leaves them as they were. Views that it makes stale are evaluated again, and it fails if one does.
     *
     * @param instance null only if no views are kept
     */
    private Ran change(ChangePlan plan, @Nullable Instance instance) throws BadQueryException, ViewFailedException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        try {
            AtomicReference<ChangePlan.@Nullable Changes> changes = new AtomicReference<>();
            new QueryLimits(environment)
                    .runStatement(slot, () -> changes.set(plan.execute(transaction, store.records())));
            if (instance != null && !views.isEmpty()) {
                hasGuestRun = true;
                guest.refresh(instance, program, store, views, transaction);
            }
            Delta delta = commit(transaction);
            views.keep();
            long nanos = environment.clock().nanoTime() - startNanos;
            return new Ran.Changed(delta, Objects.requireNonNull(changes.get()), nanos);
        } finally {
            if (transaction.isOpen()) {
                transaction.rollback();
                views.forget();
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
}
