package io.pinion.actors.database;

import io.pinion.actors.database.Database.BadQuery;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.Rows;
import io.pinion.modules.Instance;
import io.pinion.store.query.Caller;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SelectPlanner;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SqlParser;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import io.pinion.store.value.TypeCodec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One SQL statement against the tables as they are now; nothing is changed, but that rows of a view that it names are kept
 * from then on. Used once.
 */
final class QueryRun {
    private static final String MODULE_TABLE = "st_module";

    private final DatabaseEnvironment environment;
    private final GuestRun guest;
    private final Program program;
    private final Datastore store;
    private final Database.Command.Query query;
    private final Views views;
    private final long startNanos;
    private boolean hasGuestRun;

    QueryRun(
            DatabaseEnvironment environment,
            GuestRun guest,
            Program program,
            Datastore store,
            Views views,
            Database.Command.Query query) {
        this.environment = environment;
        this.guest = guest;
        this.program = program;
        this.store = store;
        this.views = views;
        this.query = query;
        this.startNanos = environment.clock().nanoTime();
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
     * @param instance runs a view, if the statement names one that is not kept
     * @param offset of the newest commit
     * @return empty if there is no instance and the statement names such a view, or shows the program while it is not loaded
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
            Views.Materialised rows = view == null ? null : rows(view, instance);
            if (view == null ? instance == null && lacksProgram(plan) : rows == null) {
                return Optional.empty();
            }
            Result result = new Result(environment.settings().queryBytesMax());
            read(plan, rows, result);
            return Optional.of(rows(plan, result, offset));
        } catch (SqlException | BadQueryException e) {
            return Optional.of(new BadQuery(String.valueOf(e.getMessage())));
        } catch (ViewFailedException e) {
            return Optional.of(new BadQuery(e.text()));
        }
    }

    /** Where a view's rows are kept for the caller; null if they are not and there is no instance. */
    private Views.@Nullable Materialised rows(ViewDef view, @Nullable Instance instance) throws ViewFailedException {
        Identity caller = query.caller().identity();
        Views.Materialised kept =
                views.find(store, view, caller, environment.clock().nanoTime());
        if (kept != null || instance == null) {
            return kept;
        }
        hasGuestRun = true;
        return guest.materialise(instance, view, caller, program, store, views);
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

    /**
     * Reads the tables, under the limit of queries; nothing is left of it, whatever happens.
     *
     * @param view where the rows of the view are that the statement names
     */
    private void read(SelectPlan plan, Views.@Nullable Materialised view, RowSink sink) throws BadQueryException {
        CallSlot slot = environment.monitor().slot();
        Transaction transaction = store.begin(environment.clock().epochMicros(), slot);
        try {
            RowSource rows = view == null ? transaction : new ViewInstanceRows(store, transaction, view);
            guest.runQuery(slot, () -> plan.execute(rows, sink));
        } catch (QueryStoppedException e) {
            throw new BadQueryException("the query was " + e.getMessage());
        } catch (ResultTooLargeException e) {
            throw new BadQueryException("the result is larger than "
                    + environment.settings().queryBytesMax() + " bytes; use LIMIT or a narrower condition");
        } catch (StackOverflowError | OutOfMemoryError e) { // nothing was changed
            throw new BadQueryException("the statement takes more memory than this node can spare: " + e);
        } finally {
            transaction.rollback();
        }
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
