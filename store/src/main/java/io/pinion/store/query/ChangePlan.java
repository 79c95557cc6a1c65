package io.pinion.store.query;

import io.pinion.store.tx.RowList;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.SystemRecords;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A statement that changes rows, ready to run against the tables it was planned for; a schema change makes it worthless.
 * Immutable.
 */
public final class ChangePlan implements SqlPlan {
    /** Of the rows that one statement chooses: they are at hand all at once. */
    private static final int CHOSEN_BYTES_MAX = 256 << 20;

    private final Action action;

    ChangePlan(Action action) {
        this.action = action;
    }

    /**
     * What a statement did.
     *
     * @param inserted rows that were not there before
     * @param updated rows that an UPDATE chose; it has no others
     */
    public record Changes(long inserted, long deleted, long updated) {}

    sealed interface Action {
        record Insert(Catalog.Table table, List<NewRow> rows) implements Action {
            public Insert {
                rows = List.copyOf(rows);
            }
        }

        /** @param position in the text */
        record NewRow(Bytes bytes, int position) {}

        /**
         * @param values by column
         * @param position in the text
         */
        record Update(Catalog.Table table, SelectPlan rows, Map<Integer, Bytes> values, int position)
                implements Action {
            public Update {
                values = Map.copyOf(values);
            }
        }

        record Delete(Catalog.Table table, SelectPlan rows) implements Action {}

        record DeleteAll(Catalog.Table table) implements Action {}

        record SetRowLimit(Catalog.Table table, long limit, int position) implements Action {}

        record ClearRowLimit(SelectPlan rows) implements Action {}
    }

    /**
     * Runs the statement in the open transaction, which is the caller's to end.
     *
     * @param records of the same datastore
     * @throws SqlException if a row violates a constraint, or the statement chooses more rows than are to be held at once:
     *     the transaction must be rolled back
     */
    public Changes execute(Transaction transaction, SystemRecords records) {
        return switch (action) {
            case Action.Insert(Catalog.Table table, List<Action.NewRow> rows) -> insert(table, rows, transaction);
            case Action.Update update -> update(update, transaction);
            case Action.Delete(Catalog.Table table, SelectPlan rows) ->
                new Changes(0, delete(table, chosen(rows, transaction), transaction), 0);
            case Action.DeleteAll(Catalog.Table table) -> new Changes(0, clear(table, transaction), 0);
            case Action.SetRowLimit set -> setRowLimit(set, transaction, records);
            case Action.ClearRowLimit(SelectPlan rows) -> clearRowLimit(rows, transaction, records);
        };
    }

    private static Changes insert(Catalog.Table table, List<Action.NewRow> rows, Transaction transaction) {
        long before = count(table, transaction);
        for (Action.NewRow row : rows) {
            insert(table, row.bytes().unsafeArray(), 0, row.bytes().length(), row.position(), transaction);
        }
        return new Changes(count(table, transaction) - before, 0, 0);
    }

    private static long count(Catalog.Table table, Transaction transaction) {
        long count = transaction.rowCount(table.id());
        StepReads.requireOk((int) Math.min(0, count), "count of " + table.name());
        return count;
    }

    private static void insert(
            Catalog.Table table, byte[] bytes, int offset, int length, int position, Transaction transaction) {
        int code = transaction.insert(table.id(), bytes, offset, length, new BsatnWriter());
        switch (code) {
            case StoreCode.OK -> {}
            case StoreCode.UNIQUE_ALREADY_EXISTS ->
                throw new SqlException(violation(table, bytes, offset, length, transaction), position);
            case StoreCode.SCHEDULE_AT_DELAY_TOO_LONG ->
                throw new SqlException("the time in a row of " + table.name() + " is too far ahead", position);
            default ->
                throw new IllegalStateException("table " + table.name() + " refused a row with code " + code + ": "
                        + Bytes.copyOf(bytes, offset, length));
        }
    }

    /** Names the columns that another row has the same values in. */
    private static String violation(
            Catalog.Table table, byte[] bytes, int offset, int length, Transaction transaction) {
        RowCursor row = cursor(table);
        row.moveTo(bytes, offset, length);
        for (Catalog.Index index : table.indexes()) {
            BsatnWriter key = new BsatnWriter();
            for (int column : index.columns()) {
                key.writeRaw(bytes, row.start(column), row.length(column));
            }
            RowList found = new RowList();
            if (index.isUnique()) {
                StepReads.requireOk(
                        transaction.scanPoint(index.id(), key.buffer(), 0, key.length(), found), "point of an index");
            }
            if (found.count() > 0) {
                return "unique constraint violated: " + table.name() + " has a row with the same "
                        + index.columns().stream()
                                .map(column -> table.columns().get(column).name())
                                .collect(Collectors.joining(", "));
            }
        }
        return "unique constraint violated: " + table.name() + " has a row with the same key";
    }

    private static RowCursor cursor(Catalog.Table table) {
        return new RowCursor(table.columns().stream()
                .map(column -> BsatnLayout.of(column.type()))
                .toList());
    }

    private static RowList chosen(SelectPlan rows, Transaction transaction) {
        BoundedRows chosen = new BoundedRows(CHOSEN_BYTES_MAX);
        rows.execute(transaction, ScanLimit.none(), chosen);
        return chosen.rows();
    }

    private static long delete(Catalog.Table table, RowList rows, Transaction transaction) {
        BsatnWriter relation = new BsatnWriter(Integer.BYTES + rows.length()).writeInt(rows.count());
        relation.writeRaw(rows.unsafeArray(), 0, rows.length());
        long deleted = transaction.deleteAllByEq(table.id(), relation.buffer(), 0, relation.length());
        StepReads.requireOk((int) Math.min(0, deleted), "delete from " + table.name());
        return deleted;
    }

    private static long clear(Catalog.Table table, Transaction transaction) {
        long deleted = transaction.clear(table.id());
        StepReads.requireOk((int) Math.min(0, deleted), "delete from " + table.name());
        return deleted;
    }

    /** All of the old rows go before the first of the new ones comes: values may change places. */
    private static Changes update(Action.Update update, Transaction transaction) {
        RowList rows = chosen(update.rows(), transaction);
        delete(update.table(), rows, transaction);
        RowCursor old = cursor(update.table());
        BsatnWriter changed = new BsatnWriter();
        for (int i = 0; i < rows.count(); i++) {
            old.moveTo(rows.unsafeArray(), rows.start(i), rows.end(i) - rows.start(i));
            changed.reset();
            for (int column = 0; column < update.table().columns().size(); column++) {
                Bytes value = update.values().get(column);
                if (value != null) {
                    changed.writeRaw(value);
                } else {
                    changed.writeRaw(old.bytes(), old.start(column), old.length(column));
                }
            }
            insert(update.table(), changed.buffer(), 0, changed.length(), update.position(), transaction);
        }
        return new Changes(0, 0, rows.count());
    }

    private static Changes setRowLimit(Action.SetRowLimit set, Transaction transaction, SystemRecords records) {
        long before = count(set.table(), transaction);
        if (records.setRowLimit(set.limit()) != StoreCode.OK) {
            throw new SqlException(
                    "unique constraint violated: " + SystemRecords.ROW_LIMIT
                            + " is set already; DELETE FROM st_var WHERE name = '" + SystemRecords.ROW_LIMIT
                            + "' comes first",
                    set.position());
        }
        return new Changes(count(set.table(), transaction) - before, 0, 0);
    }

    /** There is one setting, so that any row that was chosen is it. */
    private static Changes clearRowLimit(SelectPlan rows, Transaction transaction, SystemRecords records) {
        boolean isChosen = chosen(rows, transaction).count() > 0;
        return new Changes(0, isChosen && records.clearRowLimit() ? 1 : 0, 0);
    }
}
