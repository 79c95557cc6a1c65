package io.pinion.store.tx;

import io.pinion.store.table.Epochs;
import io.pinion.store.table.Table;
import io.pinion.store.table.TableRows;
import io.pinion.store.value.BsatnWriter;

/** Rows of one system table while they are put together. Used once. */
final class SystemRows {
    private final TableSchema schema;
    private final Epochs epochs = new Epochs();
    private final Table table;
    private final BsatnWriter row = new BsatnWriter();

    SystemRows(int tableId) {
        TableSchema known = SystemSchema.table(tableId);
        if (known == null) {
            throw new IllegalArgumentException("there is no system table " + tableId);
        }
        this.schema = known;
        this.table = known.newTable(epochs);
    }

    /** To be filled with the next row; what it held is added. */
    BsatnWriter next() {
        row.reset();
        return row;
    }

    /** @throws IllegalStateException if the row is none of the table, or collides with another */
    void add() {
        if (!addUnlessTaken()) {
            throw new IllegalStateException(
                    "two rows of " + schema.def().name() + " have the same key: " + row.toBytes());
        }
    }

    /** Leaves the row out, and says so, if a key of it is another's. */
    boolean addUnlessTaken() {
        if (table.check(row.buffer(), 0, row.length()) != row.length()) {
            throw new IllegalStateException(
                    "these are not the bytes of a row of " + schema.def().name() + ": " + row.toBytes());
        }
        table.aim(row.buffer(), 0);
        boolean isThere = table.findIdentical(row.buffer(), 0, row.length()) != 0;
        if (!isThere && table.collides()) {
            return false;
        }
        if (!isThere) {
            table.link(table.store(row.buffer(), 0, row.length()));
        }
        return true;
    }

    /** Never changed again: may be frozen by any thread. */
    TableRows end() {
        epochs.freeze();
        return table.frozen();
    }
}
