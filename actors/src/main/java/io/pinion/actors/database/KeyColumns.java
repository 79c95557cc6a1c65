package io.pinion.actors.database;

import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.List;

/** The columns of an index within the rows of its table. Immutable, but for a buffer: used by one thread at a time. */
final class KeyColumns {
    private final int tableId;
    private final int[] columns;
    /** Of the table's columns, as far as the index needs them. */
    private final BsatnLayout[] layouts;

    private final int[] starts;
    private final BsatnWriter key = new BsatnWriter(32);

    private KeyColumns(int tableId, List<Integer> columns, AlgebraicType.Product rowType) {
        this.tableId = tableId;
        this.columns = columns.stream().mapToInt(Integer::intValue).toArray();
        int last = columns.stream().mapToInt(Integer::intValue).max().orElse(-1);
        this.layouts = rowType.elements().stream()
                .limit(last + 1L)
                .map(element -> BsatnLayout.of(element.type()))
                .toArray(BsatnLayout[]::new);
        this.starts = new int[layouts.length + 1];
    }

    /** @throws IllegalArgumentException if the table has no such index */
    static KeyColumns of(Datastore store, int tableId, int indexId) {
        TableInfo table =
                store.table(tableId).orElseThrow(() -> new IllegalArgumentException("there is no table " + tableId));
        TableInfo.IndexInfo index = table.indexes().stream()
                .filter(candidate -> candidate.id() == indexId)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("table " + tableId + " has no index " + indexId));
        return new KeyColumns(tableId, index.columns(), table.rowType());
    }

    int tableId() {
        return tableId;
    }

    /** Whether these bytes are one key and nothing else. */
    boolean isKey(byte[] bytes, int offset, int length) {
        int at = offset;
        try {
            for (int column : columns) {
                at = layouts[column].check(bytes, at, offset + length);
            }
        } catch (BsatnException e) {
            return false;
        }
        return at == offset + length;
    }

    /** The key of a row. */
    Bytes keyOf(byte[] row, int offset, int length) {
        starts[0] = offset;
        for (int i = 0; i < layouts.length; i++) {
            starts[i + 1] = layouts[i].skip(row, starts[i], offset + length);
        }
        key.reset();
        for (int column : columns) {
            key.writeRaw(row, starts[column], starts[column + 1] - starts[column]);
        }
        return key.toBytes();
    }
}
