package io.pinion.store.table;

import org.jspecify.annotations.Nullable;

/**
 * Finds rows by key. Holds pointers to live rows only, one entry for each. Used by one thread at a time.
 *
 * <p>Made of parts that are copied before they are changed where a frozen view shares them. What {@link #frozen} returns
 * never changes; it can be asked, by one thread at a time as it keeps its place, and be frozen again by any.
 *
 * <p>Probes given to a method must be aimed by this index's shape.
 */
abstract class Index {
    final KeyShape shape;
    final RowPages rows;
    /** Aimed at the key of the row that is being inserted. */
    final Probe probe = new Probe();
    /** Aimed at the key of a row that is being removed, or at the key of a scan. */
    final Probe other = new Probe();

    Epochs epochs;

    Index(KeyShape shape, RowPages rows, Epochs epochs) {
        this.shape = shape;
        this.rows = rows;
        this.epochs = epochs;
    }

    /** The row with that key, or 0. Only of a unique index. */
    abstract int find(Probe key);

    /** As {@link #find}, for somebody who then changes the entry, or inserts one if there is none. */
    int locate(Probe key) {
        return find(key);
    }

    abstract void insert(Probe key, int pointer);

    /** Removes the entry, which exists. */
    abstract void remove(Probe key, int pointer);

    /** Makes the entry of one row that of another with an equal key. */
    abstract void replace(Probe key, int from, int to);

    /** Appends every row with that key. */
    abstract void collect(Probe key, PointerList target);

    /**
     * Appends the rows between two bounds in key order; a missing bound is none. Ties are {@link OrderedIndex#BEFORE} or
     * {@link OrderedIndex#AFTER} all rows that have the bound's key.
     */
    abstract void collect(@Nullable Probe lower, int lowerTie, @Nullable Probe upper, int upperTie, PointerList target);

    abstract void clear();

    /**
     * This index as it is now, for ever, if a view lives in {@link Epochs} that began now.
     *
     * @param pages the table's rows as they are now
     */
    abstract Index frozen(RowPages pages);

    /** See {@link Table#join}. */
    void join(Epochs other) {
        epochs = other;
    }

    final int compareRow(Probe key, int pointer) {
        return shape.compareRow(key, rows.page(pointer), rows.offset(pointer));
    }

    final boolean equalsRow(Probe key, int pointer) {
        return shape.equalsRow(key, rows.page(pointer), rows.offset(pointer));
    }

    final void aimAt(Probe target, int pointer) {
        shape.probeRow(target, rows.page(pointer), rows.offset(pointer));
    }
}
