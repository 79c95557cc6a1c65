package io.pinion.bench;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.Arrays;

/**
 * A row of a benchmark as an object. Rows of 12 bytes have the first two columns only.
 *
 * @param name a text of 40 or 200 bytes in UTF-8, kept as such, so that no object has to encode what a row has encoded
 * @param payload as many bytes as it takes
 */
record StoreRow(int id, long balance, Bytes name, Bytes payload) {
    static final int NARROW = 12;

    /** The columns of a table whose rows take that many bytes. */
    static AlgebraicType[] columns(int width) {
        return width == NARROW
                ? new AlgebraicType[] {Primitive.U32, Primitive.I64}
                : new AlgebraicType[] {
                    Primitive.U32, Primitive.I64, Primitive.STRING, new AlgebraicType.Array(Primitive.U8)
                };
    }

    static Bytes name(int width) {
        return width == NARROW ? Bytes.EMPTY : Bytes.ofUtf8("n".repeat(width < 1000 ? 40 : 200));
    }

    static Bytes payload(int width) {
        if (width == NARROW) {
            return Bytes.EMPTY;
        }
        byte[] bytes = new byte[width - NARROW - name(width).length() - 2 * Integer.BYTES];
        Arrays.fill(bytes, (byte) 7);
        return Bytes.wrap(bytes);
    }

    /** A row with a text and bytes of its own. */
    static StoreRow owning(int id, long balance, Bytes name, Bytes payload) {
        return payload.isEmpty()
                ? new StoreRow(id, balance, Bytes.EMPTY, Bytes.EMPTY)
                : new StoreRow(id, balance, Bytes.wrap(name.toArray()), Bytes.wrap(payload.toArray()));
    }

    void write(BsatnWriter target) {
        write(target, id, balance, name, payload);
    }

    static void write(BsatnWriter target, int id, long balance, Bytes name, Bytes payload) {
        target.reset();
        target.writeInt(id).writeLong(balance);
        if (!payload.isEmpty()) {
            // As a string is written.
            target.writeByteArray(name).writeByteArray(payload);
        }
    }
}
