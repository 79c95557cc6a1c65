package io.pinion.store.query;

import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;

/** A list of rows that a query fails with rather than let it grow beyond a bound. Used by one thread. */
final class BoundedRows implements RowSink {
    private final RowList rows = new RowList();
    private final int bytesMax;

    BoundedRows(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public void row(byte[] bytes, int offset, int length) {
        if (rows.length() > bytesMax - length) {
            throw new SqlException("the rows of the query take more than " + bytesMax + " bytes", 0);
        }
        rows.row(bytes, offset, length);
    }

    RowList rows() {
        return rows;
    }
}
