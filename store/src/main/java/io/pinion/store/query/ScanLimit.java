package io.pinion.store.query;

import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.SystemRecords;
import io.pinion.store.value.BsatnReader;

/**
 * How many rows may be looked at in all by what shares it: one query, or the queries of one set. First it is asked with
 * what is known beforehand, then it counts. Used by one thread at a time.
 */
public final class ScanLimit {
    /** The table of settings. */
    static final String VARIABLES = "st_var";

    private static final long NONE = Long.MAX_VALUE;
    private static final int U64_TAG = 8;

    private final long rowsMax;
    private long estimated;
    private long scanned;

    private ScanLimit(long rowsMax) {
        this.rowsMax = rowsMax;
    }

    /** Nothing is refused. */
    public static ScanLimit none() {
        return new ScanLimit(NONE);
    }

    /** @param rows unsigned */
    public static ScanLimit of(long rows) {
        return new ScanLimit(rows < 0 ? NONE : rows);
    }

    /** What the owner has set for everybody else, in {@code st_var}. */
    public static ScanLimit of(Caller caller, Catalog catalog, RowSource rows) {
        if (caller.isOwner()) {
            return none();
        }
        long[] limit = {NONE};
        catalog.table(VARIABLES).ifPresent(table -> {
            int code = rows.scanTable(table.id(), (bytes, offset, length) -> {
                BsatnReader row = new BsatnReader(bytes, offset, length);
                if (row.readString().equals(SystemRecords.ROW_LIMIT) && row.readU8() == U64_TAG) {
                    limit[0] = row.readLong();
                }
            });
            StepReads.requireOk(code, "scan of " + VARIABLES);
        });
        return of(limit[0]);
    }

    boolean isSet() {
        return rowsMax != NONE;
    }

    /** @throws SqlException if that is too many, with those before */
    void estimate(long rows) {
        estimated = rows > Long.MAX_VALUE - estimated ? Long.MAX_VALUE : estimated + rows;
        if (estimated > rowsMax) {
            throw new SqlException(
                    "row limit exceeded: the query would look at about " + estimated + " rows, and " + rowsMax
                            + " are allowed",
                    0);
        }
    }

    /** Counts one row; how many there were. */
    long count() {
        if (++scanned > rowsMax) {
            throw new SqlException(
                    "row limit exceeded: the query looks at more than the " + rowsMax + " rows that are allowed", 0);
        }
        return scanned;
    }
}
