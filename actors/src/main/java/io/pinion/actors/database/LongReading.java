package io.pinion.actors.database;

import io.pinion.actors.subscription.NewSet;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.RowsReading;
import io.pinion.store.query.Catalog;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.SqlException;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows for a connection that are not read on the database's core, where they would delay calls: they are those of the
 * moment when their turn came, and calls go on. Made on the core, then {@link #run} or {@link #abandon} once, on any
 * thread.
 */
final class LongReading {
    private final DatabaseEnvironment environment;
    private final Client.Request request;
    private final RowsReading reading;
    private final @Nullable NewSet set;
    private final long ticket;
    private final FrozenView view;
    private final long offset;
    private final long startNanos;

    /**
     * @param set what is registered already and has these rows first, if it is a set
     * @param ticket by which the connection knows where the answer belongs
     * @param offset of the newest commit in the view
     */
    LongReading(
            DatabaseEnvironment environment,
            Client.Request request,
            RowsReading reading,
            @Nullable NewSet set,
            long ticket,
            FrozenView view,
            long offset,
            long startNanos) {
        this.environment = environment;
        this.request = request;
        this.reading = reading;
        this.set = set;
        this.ticket = ticket;
        this.view = view;
        this.offset = offset;
        this.startNanos = startNanos;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Read(List<ResultRows> rows) implements Outcome {
            public Read {
                rows = List.copyOf(rows);
            }
        }

        record Unread(String reason) implements Outcome {}
    }

    Client.Request request() {
        return request;
    }

    @Nullable
    NewSet set() {
        return set;
    }

    long ticket() {
        return ticket;
    }

    long offset() {
        return offset;
    }

    long startNanos() {
        return startNanos;
    }

    Outcome run() {
        CallSlot slot = environment.monitor().slot();
        try (view) {
            return new Outcome.Read(read(environment, slot, reading, view.reader(slot), new DatastoreCatalog(view)));
        } catch (BadQueryException e) {
            return new Outcome.Unread(String.valueOf(e.getMessage()));
        }
    }

    /** It will not be run. */
    void abandon() {
        view.close();
    }

    /**
     * Reads under the limits of queries.
     *
     * @param slot this thread's
     */
    static List<ResultRows> read(
            DatabaseEnvironment environment, CallSlot slot, RowsReading reading, RowSource rows, Catalog catalog)
            throws BadQueryException {
        List<ResultRows> found = new ArrayList<>();
        int bytesMax = environment.settings().queryBytesMax();
        try {
            new QueryLimits(environment).runStatement(slot, () -> found.addAll(reading.read(rows, catalog, bytesMax)));
        } catch (SqlException e) {
            throw new BadQueryException(String.valueOf(e.getMessage()));
        }
        return found;
    }
}
