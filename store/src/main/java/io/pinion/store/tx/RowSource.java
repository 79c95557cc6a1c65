package io.pinion.store.tx;

/**
 * Rows that can be asked for: what the open transaction sees, or a frozen view. Used by one thread at a time; nothing
 * here blocks.
 *
 * <p>Operations return {@link StoreCode}s: {@code 0} or a positive code where there is nothing else to return, a
 * non-negative count or the negated code where there is. A {@link RowSink} must not use the row source that calls it,
 * which throws {@link IllegalStateException} if it has: the rows that are still to come may be there no more.
 */
public interface RowSource {
    /** The table's id by canonical name, else by source name; negated code if there is none. */
    int tableId(String name);

    /** The index's id by canonical name, else by accessor name; negated code if there is none. */
    int indexId(String name);

    /** Number of rows, or a negated code. */
    long rowCount(int tableId);

    /** All rows, in no particular order. */
    int scanTable(int tableId, RowSink sink);

    /** Rows whose key equals {@code point}: BSATN of the index's columns back to back. */
    int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink);

    /** Rows of an ordered index inside a range; see {@link IndexRange}. */
    int scanRange(int indexId, IndexRange range, RowSink sink);

    /**
     * Another source of the same rows, which the sinks of this one may use while they are called. As long as they are,
     * nothing may be changed.
     */
    RowSource nested();

    /** For operations that are made of many short ones: throws {@link OperationStoppedException} if a stop was asked for. */
    void checkStop();
}
