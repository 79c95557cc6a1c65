package io.pinion.store.table;

import java.util.Arrays;

/**
 * The rows of a table and its indexes, to be read.
 *
 * <p>One that {@link #frozen} returns never changes as long as its view lives in {@link Epochs}. Row pointers of a frozen
 * one mean nothing elsewhere. Used by one thread at a time, as indexes keep their place; but any thread may freeze a
 * frozen one again, and so get one of its own.
 */
public class TableRows {
    final RowPages rows;
    final TableIndex[] indexes;
    private final RowLayout layout;

    TableRows(RowLayout layout, RowPages rows, TableIndex[] indexes) {
        this.layout = layout;
        this.rows = rows;
        this.indexes = indexes;
    }

    /**
     * These rows as they are now. Costs a few hundred bytes for the table and each index, whatever their size. Only for a
     * view that has been announced to {@link Epochs}, or of rows that are frozen already.
     */
    public final TableRows frozen() {
        RowPages pages = rows.frozen();
        TableIndex[] frozen =
                Arrays.stream(indexes).map(index -> index.frozen(pages)).toArray(TableIndex[]::new);
        return new TableRows(layout, pages, frozen);
    }

    public final RowLayout layout() {
        return layout;
    }

    /** By position in the table's definition. */
    public final TableIndex index(int position) {
        return indexes[position];
    }

    public final long rowCount() {
        return rows.liveCount();
    }

    /** BSATN bytes of all live rows. */
    public final long rowBytes() {
        return rows.liveBytes();
    }

    /** The array that holds a row; see {@link #offset}. Only valid until the table changes. */
    public final byte[] page(int pointer) {
        return rows.page(pointer);
    }

    public final int offset(int pointer) {
        return rows.offset(pointer);
    }

    public final int length(int pointer) {
        return rows.length(pointer);
    }

    public final boolean isLive(int pointer) {
        return rows.isLive(pointer);
    }

    /** The first live row at or after the pointer, 0 if there is none. A full scan starts at 1. */
    public final int nextLive(int from) {
        return rows.nextLive(from);
    }
}
