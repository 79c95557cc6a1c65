package io.pinion.node.ws;

import io.pinion.store.tx.RowList;
import io.pinion.store.value.BsatnWriter;

/**
 * Row lists in BSATN (websocket.md 6):
 *
 * <pre>
 *   0  u16 size of each row            │ u32 byte count, rows     all rows have that size, and it is not 0
 *   1  u32 count, u64 start offsets    │ u32 byte count, rows     otherwise
 * </pre>
 */
final class RowLists {
    private static final int FIXED_SIZE = 0;
    private static final int ROW_OFFSETS = 1;
    private static final int FIXED_SIZE_MAX = 0xffff;
    private static final RowList NONE = new RowList(0, 0);

    private RowLists() {}

    static void write(RowList rows, BsatnWriter out) {
        int size = commonSize(rows);
        if (size > 0) {
            out.writeByte(FIXED_SIZE).writeShort(size);
        } else {
            out.writeByte(ROW_OFFSETS).writeInt(rows.count());
            for (int row = 0; row < rows.count(); row++) {
                out.writeLong(rows.start(row));
            }
        }
        out.writeInt(rows.length()).writeRaw(rows.unsafeArray(), 0, rows.length());
    }

    static void writeNone(BsatnWriter out) {
        write(NONE, out);
    }

    /** 0 if the rows differ in size, have none, or one too large to tell, or there are no rows. */
    private static int commonSize(RowList rows) {
        int size = rows.count() == 0 ? 0 : rows.end(0);
        for (int row = 1; row < rows.count(); row++) {
            if (rows.end(row) - rows.start(row) != size) {
                return 0;
            }
        }
        return size <= FIXED_SIZE_MAX ? size : 0;
    }
}
