package io.pinion.actors.durability;

import io.pinion.store.tx.RowList;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;

/** The bytes of a list of rows, as they stand in the entries of a log; see {@code EntryCodec}. */
public final class RowListCodec {
    private RowListCodec() {}

    public static void write(BsatnWriter out, RowList rows) {
        EntryCodec.writeRows(out, rows);
    }

    /** @throws CorruptEventException if the bytes are no list of rows, or more than that */
    public static RowList read(byte[] bytes, int offset, int length) {
        BsatnReader in = new BsatnReader(bytes, offset, length);
        try {
            RowList rows = EntryCodec.readRows(bytes, in);
            EventCodec.requireEnd(in);
            return rows;
        } catch (BsatnException e) {
            throw new CorruptEventException("a list of rows breaks off: " + e.getMessage(), e);
        }
    }
}
