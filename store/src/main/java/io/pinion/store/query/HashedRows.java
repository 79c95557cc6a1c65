package io.pinion.store.query;

import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of one table by some of their columns, for a join without an index. They are read when they are first asked
 * for and remembered; beyond {@value #BYTES_MAX} bytes the query fails. Used by one thread.
 */
final class HashedRows {
    private static final int BYTES_MAX = 64 << 20;
    private static final int NONE = -1;

    private final RowSource reads;
    private final Catalog.Table table;
    private final int[] columns;
    private final RowCursor cursor;
    private final RowList rows = new RowList();
    /** The last row with a key. */
    private final Map<Bytes, Integer> last = new HashMap<>();
    /** By row: the one before it with the same key. */
    private int[] before = new int[16];

    private boolean isRead;

    HashedRows(RowSource reads, Catalog.Table table, List<Integer> columns) {
        this.reads = reads;
        this.table = table;
        this.columns = columns.stream().mapToInt(Integer::intValue).toArray();
        int count = 1 + Arrays.stream(this.columns).max().orElse(NONE);
        this.cursor = new RowCursor(table.columns().stream()
                .limit(count)
                .map(column -> BsatnLayout.of(column.type()))
                .toList());
    }

    void scan(BsatnWriter key, RowSink sink) {
        if (!isRead) {
            StepReads.requireOk(reads.scanTable(table.id(), this::remember), "scan of " + table.name());
            isRead = true;
        }
        Integer row = last.get(key.toBytes());
        for (int at = row == null ? NONE : row; at != NONE; at = before[at]) {
            sink.row(rows.unsafeArray(), rows.start(at), rows.end(at) - rows.start(at));
        }
    }

    private void remember(byte[] bytes, int offset, int length) {
        if (rows.length() > BYTES_MAX - length) {
            throw new SqlException(
                    "the join needs an index: the rows of " + table.name() + " are too many to be remembered", 0);
        }
        cursor.moveTo(bytes, offset, length);
        BsatnWriter key = new BsatnWriter();
        for (int column : columns) {
            key.writeRaw(bytes, cursor.start(column), cursor.length(column));
        }
        int row = rows.count();
        rows.row(bytes, offset, length);
        if (row == before.length) {
            before = Arrays.copyOf(before, 2 * row);
        }
        Integer earlier = last.put(key.toBytes(), row);
        before[row] = earlier == null ? NONE : earlier;
    }
}
