package io.pinion.bench;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.Arrays;

/**
 * A row of a benchmark as an object. Rows of 12 bytes have the first two columns only.
 *
 * @param name 40 or 200 bytes in UTF-8
 * @param payload as many bytes as it takes
 */
record StoreRow(int id, long balance, String name, Bytes payload) {
    static final int NARROW = 12;

    /** The columns of a table whose rows take that many bytes. */
    static AlgebraicType[] columns(int width) {
        return width == NARROW
                ? new AlgebraicType[] {Primitive.U32, Primitive.I64}
                : new AlgebraicType[] {
                    Primitive.U32, Primitive.I64, Primitive.STRING, new AlgebraicType.Array(Primitive.U8)
                };
    }

    static String name(int width) {
        return width == NARROW ? "" : "n".repeat(width < 1000 ? 40 : 200);
    }

    static Bytes payload(int width) {
        if (width == NARROW) {
            return Bytes.EMPTY;
        }
        byte[] bytes = new byte[width - NARROW - name(width).length() - 2 * Integer.BYTES];
        Arrays.fill(bytes, (byte) 7);
        return Bytes.wrap(bytes);
    }

    static BsatnWriter write(BsatnWriter target, int id, long balance, String name, Bytes payload) {
        target.reset();
        target.writeInt(id).writeLong(balance);
        return payload.isEmpty() ? target : target.writeString(name).writeByteArray(payload);
    }
}
