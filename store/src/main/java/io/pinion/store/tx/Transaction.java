package io.pinion.store.tx;

import io.pinion.store.value.BsatnWriter;

/**
 * The one open write transaction of a {@link Datastore}. Changes are made in place and recorded for undo, so that reads
 * see them at once. Called by one thread at a time; nothing here blocks.
 *
 * <p>Operations return codes as those of {@link RowSource}. An operation that does not return {@code OK} has changed
 * nothing, {@link StoreCode#SCHEDULE_AT_DELAY_TOO_LONG} excepted; a sequence may have moved on all the same.
 *
 * <p>Tables of the system and those behind views can be read here and not written: to operations that would, there is no
 * such table or index.
 *
 * <p>If an operation throws (the stack or the memory ended, or {@link OperationStoppedException}), the transaction can
 * be rolled back. Where it was interrupted in the middle of a change, that is all that can be done with it: everything
 * else throws {@link IllegalStateException}.
 */
public interface Transaction extends RowSource {
    /** Deletes what {@link #scanPoint} would yield; the number of rows, or a negated code. */
    long deletePoint(int indexId, byte[] bytes, int pointOffset, int pointLength);

    /** Deletes what {@link #scanRange} would yield; the number of rows, or a negated code. */
    long deleteRange(int indexId, IndexRange range);

    /** Deletes the rows of a BSATN array that exist as identical rows; the number of rows, or a negated code. */
    long deleteAllByEq(int tableId, byte[] bytes, int offset, int length);

    /** Deletes every row; the number of rows, or a negated code. */
    long clear(int tableId);

    /**
     * Inserts one BSATN row. An identical row that exists already is no error and no change.
     *
     * @param generated receives the values of the sequence columns that were zero in the row, in column order
     */
    int insert(int tableId, byte[] bytes, int offset, int length, BsatnWriter generated);

    /**
     * Replaces the row that has the new row's key in a unique index of the table.
     *
     * @param generated as in {@link #insert}
     */
    int update(int tableId, int indexId, byte[] bytes, int offset, int length, BsatnWriter generated);

    /**
     * Ends the transaction and keeps its changes; inserts and deletes of one row cancel out in the result.
     *
     * <p>If it throws for lack of stack or memory, the transaction can be rolled back, or the datastore says at every
     * further use that it is of no use any more: its contents must be read from the log again.
     */
    Delta commit();

    /**
     * Ends the transaction and leaves the store as it was before it began. If it throws for lack of stack or memory, the
     * transaction is still open, and this can be repeated.
     */
    void rollback();

    /** False once it has been committed or rolled back. */
    boolean isOpen();
}
