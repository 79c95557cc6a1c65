package io.pinion.bench;

import java.sql.SQLException;

/**
 * A table of {@link StoreRow}s in one way of keeping them. Driven in batches, so that no call through this interface is
 * measured. Used by one thread.
 *
 * <p>A row that is read is handed over whole, as a guest gets it: all its bytes in a buffer, or all its columns.
 *
 * <p>Changes belong to an open transaction, which {@link #rollback} undoes. Every operation fails unless it does what it
 * is asked for with each row.
 */
interface StoreSubject extends AutoCloseable {
    void begin() throws SQLException;

    void commit() throws SQLException;

    void rollback() throws SQLException;

    /** Inserts rows that are not there. */
    void insert(int[] ids, int from, int to) throws SQLException;

    /** Replaces whole rows that are there, by key. */
    void update(int[] ids, int from, int to, long balance) throws SQLException;

    /** Deletes rows that are there, by key. */
    void delete(int[] ids, int from, int to) throws SQLException;

    /** Reads rows that are there, by key; the sum of their balances. */
    long find(int[] ids, int from, int to) throws SQLException;

    /** Reads the rows from one key on up to another, which does not belong to it; the sum of their balances. */
    long range(int fromId, int toId) throws SQLException;

    /** Reads every row; the sum of their balances. */
    long scan() throws SQLException;

    @Override
    void close() throws SQLException;

    static void require(boolean isDone, String what) {
        if (!isDone) {
            throw new IllegalStateException("not done as it should: " + what);
        }
    }
}
