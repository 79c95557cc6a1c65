package io.pinion.actors.database;

import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.query.Caller;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.ScanLimit;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SqlException;
import io.pinion.store.query.SqlPlanner;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;

/** From a view to its rows: calls the guest and understands each form of result. Used by whoever may write the tables. */
final class ViewRun {
    private static final int ROWS_TAG = 0;
    private static final int QUERY_TAG = 1;

    private final Program program;
    private final Datastore store;
    private final Guest guest;

    /** Calls the guest. */
    interface Guest {
        /** Runs a view in the transaction, under a limit. */
        GuestResult call(ViewDef view, FunctionCall call, Transaction transaction);

        /** Runs what the store does for a query, under a limit. */
        void query(Runnable query) throws QueryStoppedException;

        /** Why the last call was stopped, in words. */
        String stopReason();
    }

    ViewRun(Program program, Datastore store, Guest guest) {
        this.program = program;
        this.store = store;
        this.guest = guest;
    }

    /**
     * Evaluates a view. It is given no time and no connection, so that it can only depend on rows and its caller.
     *
     * @param transaction what it reads
     */
    RowList rows(ViewDef view, Identity sender, Transaction transaction) throws ViewFailedException {
        Bytes result = call(view, sender, transaction);
        BsatnReader reader = new BsatnReader(result);
        try {
            return switch (reader.readTag(2, "results of a view")) {
                case ROWS_TAG -> decode(view, result.unsafeArray(), reader.position());
                case QUERY_TAG -> select(view, reader.readString(), transaction);
                default -> throw new IllegalStateException("a tag beyond the last");
            };
        } catch (BsatnException | SqlException e) {
            throw new ViewFailedException(view.name(), String.valueOf(e.getMessage()));
        } catch (StackOverflowError | OutOfMemoryError e) { // nothing but rows of views has changed, and can be undone
            throw new ViewFailedException(view.name(), "its query takes more memory than this node can spare: " + e);
        }
    }

    private Bytes call(ViewDef view, Identity sender, Transaction transaction) throws ViewFailedException {
        Identity caller = view.isAnonymous() ? Identity.ZERO : sender;
        FunctionCall call = new FunctionCall(view.index(), view.name(), caller, ConnectionId.NONE, 0, Bytes.EMPTY);
        return switch (guest.call(view, call, transaction)) {
            case GuestResult.Returned(Bytes bytes) -> bytes;
            case GuestResult.UserError(String message) -> throw new ViewFailedException(view.name(), message);
            case GuestResult.Failed(String reason) -> throw new ViewFailedException(view.name(), reason);
            case GuestResult.Stopped _, GuestResult.OutOfMemory _ ->
                throw new ViewFailedException(view.name(), guest.stopReason());
        };
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

    static AlgebraicType.Product rowType(ViewDef view) {
        return new AlgebraicType.Product(view.columns().stream()
                .map(column -> new AlgebraicType.Element(column.name(), column.type()))
                .toList());
    }

    /** A view may answer with a query: it runs with the owner's rights, and no text at all yields no rows. */
    private RowList select(ViewDef view, String sql, Transaction transaction) throws ViewFailedException {
        RowList rows = new RowList();
        if (sql.isBlank()) {
            return rows;
        }
        StoreCatalog catalog = new StoreCatalog(new DatastoreCatalog(store), program.definition());
        SelectPlan plan = SqlPlanner.planWholeRows(sql, catalog, new Caller(program.owner(), true));
        if (!catalog.views().isEmpty()) {
            throw new ViewFailedException(view.name(), "its query reads another view");
        }
        if (plan.usesCaller()) {
            throw new ViewFailedException(view.name(), "its query depends on the caller");
        }
        if (!plan.resultType().equals(rowType(view))) {
            throw new ViewFailedException(view.name(), "its query does not yield rows of the declared type");
        }
        try {
            guest.query(() -> plan.execute(transaction, ScanLimit.none(), rows));
        } catch (QueryStoppedException e) {
            throw new ViewFailedException(view.name(), "its query was " + e.getMessage());
        }
        return rows;
    }
}
