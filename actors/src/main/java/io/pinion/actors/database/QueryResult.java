package io.pinion.actors.database;

import io.pinion.actors.database.Database.Rows;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.tx.RowSink;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.TypeCodec;

/** The rows of a query as a BSATN array that grows row by row. Used by one thread. */
final class QueryResult implements RowSink {
    private final BsatnWriter out = new BsatnWriter();
    private final int bytesMax;
    private int count;

    QueryResult(int bytesMax) {
        this.bytesMax = bytesMax;
        out.writeInt(0);
    }

    static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLargeException() {
            super("the result is too large", null, false, false);
        }
    }

    @Override
    public void row(byte[] bytes, int offset, int length) {
        if (length > bytesMax - out.length()) {
            throw new TooLargeException();
        }
        out.writeRaw(bytes, offset, length);
        count++;
    }

    /** @param offset of the commit that was read */
    Rows answer(SelectPlan plan, long offset, long executionNanos) {
        out.setInt(0, count);
        return new Rows(TypeCodec.toBsatn(plan.resultType()), out.toBytes(), offset, executionNanos);
    }
}
