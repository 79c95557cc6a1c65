package io.pinion.bench;

import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Messages of v3, as far as drivers send and read them. */
final class V3Messages {
    private static final int SUBSCRIBE = 0;
    private static final int CALL_REDUCER = 3;
    private static final int GREETING = 0;
    private static final int APPLIED = 1;
    private static final int SUBSCRIPTION_ERROR = 3;
    private static final int UPDATE = 4;
    private static final int RESULT = 6;
    private static final int FIXED_SIZE = 0;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private V3Messages() {}

    /** What a driver wants to know of what its connection hears. */
    interface Listener {
        default void greeted() {}

        default void applied() {}

        /** A row that came, by its first and its last eight bytes. */
        default void inserted(long first, long last) {}

        /** A call was carried out. */
        default void committed(int requestId) {}
    }

    static void writeSubscribe(String query, BsatnWriter out) {
        out.writeByte(SUBSCRIBE).writeInt(0).writeInt(0).writeInt(1).writeString(query);
    }

    /** @param arguments BSATN */
    static void writeCall(int requestId, String reducer, BsatnWriter arguments, BsatnWriter out) {
        out.writeByte(CALL_REDUCER)
                .writeInt(requestId)
                .writeByte(0)
                .writeString(reducer)
                .writeInt(arguments.length())
                .writeRaw(arguments.buffer(), 0, arguments.length());
    }

    /**
     * Reads the messages of a payload.
     *
     * @throws IOException if one of them says that something failed, or is none that a driver expects
     */
    static void read(byte[] buffer, int offset, int length, Listener listener) throws IOException {
        if (buffer[offset] != 0) {
            throw new IOException("the payload is compressed");
        }
        BsatnReader in = new BsatnReader(buffer, offset + 1, length - 1);
        while (in.remaining() > 0) {
            int tag = in.readU8();
            switch (tag) {
                case GREETING -> {
                    in.readIdentity();
                    in.readConnectionId();
                    in.readString();
                    listener.greeted();
                }
                case APPLIED -> {
                    in.readInt();
                    in.readInt();
                    for (long tables = in.readCount(); tables > 0; tables--) {
                        in.readString();
                        readRows(in, buffer, null);
                    }
                    listener.applied();
                }
                case UPDATE -> readSets(in, buffer, listener);
                case RESULT -> readResult(in, buffer, listener);
                case SUBSCRIPTION_ERROR -> throw new IOException("a subscription failed");
                default -> throw new IOException("an unexpected message of kind " + tag);
            }
        }
    }

    private static void readResult(BsatnReader in, byte[] buffer, Listener listener) throws IOException {
        int requestId = in.readInt();
        in.readLong();
        int outcome = in.readU8();
        if (outcome != 0) {
            throw new IOException("a call failed: outcome " + outcome);
        }
        in.readByteArray();
        readSets(in, buffer, listener);
        listener.committed(requestId);
    }

    private static void readSets(BsatnReader in, byte[] buffer, Listener listener) {
        for (long sets = in.readCount(); sets > 0; sets--) {
            in.readInt();
            for (long tables = in.readCount(); tables > 0; tables--) {
                in.readString();
                for (long parts = in.readCount(); parts > 0; parts--) {
                    in.readU8();
                    readRows(in, buffer, listener);
                    readRows(in, buffer, null);
                }
            }
        }
    }

    /** @param listener null for rows that are passed over */
    private static void readRows(BsatnReader in, byte[] buffer, @Nullable Listener listener) {
        int size = 0;
        int[] starts = {};
        if (in.readU8() == FIXED_SIZE) {
            size = in.readU16();
        } else {
            starts = new int[(int) in.readCount()];
            Arrays.setAll(starts, _ -> (int) in.readLong());
        }
        int length = (int) in.readU32();
        int begin = in.position();
        in.skip(length);
        if (listener != null) {
            int count = size > 0 ? length / size : starts.length;
            for (int row = 0; row < count; row++) {
                int start = size > 0 ? row * size : starts[row];
                int end = size > 0 ? start + size : row + 1 < count ? starts[row + 1] : length;
                listener.inserted(
                        (long) LONG.get(buffer, begin + start), (long) LONG.get(buffer, begin + end - Long.BYTES));
            }
        }
    }
}
