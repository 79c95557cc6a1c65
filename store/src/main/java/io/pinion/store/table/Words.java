package io.pinion.store.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/** Reading numbers out of byte arrays, and hashing. Hot path: nothing here allocates. */
final class Words {
    /** Differs from run to run, so that nobody can prepare keys that collide. */
    static final long SEED = ThreadLocalRandom.current().nextLong();

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BIG_LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;

    private Words() {}

    static int getShort(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at);
    }

    static int getInt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long getLong(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void setInt(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    /** Up to eight bytes, the first most significant, missing ones zero. */
    static long leadingBytes(byte[] bytes, int at, int length) {
        if (length >= 8) {
            return (long) BIG_LONG.get(bytes, at);
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (bytes[at + i] & 0xffL) << (56 - 8 * i);
        }
        return value;
    }

    /** Long ones in two chains side by side, as a multiplication has hardly begun when the next could. */
    static long hash(byte[] bytes, int at, int length, long seed) {
        long hash = seed ^ length;
        int position = at;
        int pairsEnd = at + (length & ~15);
        if (position < pairsEnd) {
            long other = mix(hash);
            for (; position < pairsEnd; position += 16) {
                hash = mix(hash ^ getLong(bytes, position));
                other = mix(other ^ getLong(bytes, position + 8));
            }
            hash = mix(hash ^ other);
        }
        if ((length & 8) != 0) {
            hash = mix(hash ^ getLong(bytes, position));
            position += 8;
        }
        int rest = length & 7;
        if (rest != 0) {
            hash = mix(hash ^ leadingBytes(bytes, position, rest));
        }
        return hash;
    }

    static long mix(long value) {
        return Math.unsignedMultiplyHigh(value, MULTIPLIER) ^ (value * MULTIPLIER);
    }
}
