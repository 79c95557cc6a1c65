package io.pinion.actors.database;

import io.pinion.actors.database.Database.BadQuery;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.store.query.Caller;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.ScanLimit;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SqlException;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSource;

/**
 * A query that is not run on the database's core, where it would delay calls: it reads the tables as they were when its
 * turn came, and calls go on. Made on the core, then {@link #run} or {@link #abandon} once, on any thread.
 */
final class LongQuery {
    private final DatabaseEnvironment environment;
    private final Database.Command.Query command;
    private final SelectPlan plan;
    private final Caller caller;
    private final FrozenView view;
    private final long offset;
    private final long startNanos;

    /** @param offset of the newest commit in the view */
    LongQuery(
            DatabaseEnvironment environment,
            Database.Command.Query command,
            SelectPlan plan,
            Caller caller,
            FrozenView view,
            long offset,
            long startNanos) {
        this.environment = environment;
        this.command = command;
        this.plan = plan;
        this.caller = caller;
        this.view = view;
        this.offset = offset;
        this.startNanos = startNanos;
    }

    Database.Command.Query command() {
        return command;
    }

    QueryOutcome run() {
        CallSlot slot = environment.monitor().slot();
        QueryResult result = new QueryResult(environment.settings().queryBytesMax());
        try (view) {
            RowSource rows = view.reader(slot);
            ScanLimit limit = ScanLimit.of(caller, new DatastoreCatalog(view), rows);
            new QueryLimits(environment).runStatement(slot, () -> plan.execute(rows, limit, result));
        } catch (SqlException | BadQueryException e) {
            return new BadQuery(String.valueOf(e.getMessage()));
        }
        return result.answer(plan, offset, environment.clock().nanoTime() - startNanos);
    }

    /** It will not be run. */
    void abandon() {
        view.close();
    }
}
