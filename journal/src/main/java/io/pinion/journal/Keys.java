package io.pinion.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys in RocksDB. All integers are big endian, so that the order of the keys is the order of the numbers.
 *
 * <pre>
 *   next number      0x01
 *   number of an id  0x02 | persistence id in UTF-8
 *   writer state     0x03 | number i64
 *   event            0x04 | number i64 | sequence number i64
 *   snapshot index   0x05 | number i64 | sequence number i64
 *   snapshot         0x06 | number i64 | sequence number i64
 * </pre>
 *
 * A persistence id has one number for ever; numbers are given out from 1 upwards.
 */
final class Keys {
    private static final byte NEXT_NUMBER = 1;
    private static final byte NUMBER = 2;
    private static final byte STATE = 3;
    private static final byte EVENT = 4;
    private static final byte SNAPSHOT_INDEX = 5;
    private static final byte SNAPSHOT = 6;

    private static final int NUMBERED_BYTES = 1 + Long.BYTES;
    private static final int SEQUENCED_BYTES = NUMBERED_BYTES + Long.BYTES;

    private Keys() {}

    static byte[] nextNumber() {
        return new byte[] {NEXT_NUMBER};
    }

    static byte[] number(String persistenceId) {
        byte[] name = persistenceId.getBytes(StandardCharsets.UTF_8);
        byte[] key = new byte[1 + name.length];
        key[0] = NUMBER;
        System.arraycopy(name, 0, key, 1, name.length);
        return key;
    }

    /** The persistence id whose number stands under the key, or null if it is a key of another kind. */
    static @Nullable String persistenceId(byte[] key) {
        return key[0] == NUMBER ? new String(key, 1, key.length - 1, StandardCharsets.UTF_8) : null;
    }

    static byte[] state(long number) {
        return ByteBuffer.allocate(NUMBERED_BYTES).put(STATE).putLong(number).array();
    }

    static byte[] event(long number, long sequenceNr) {
        return sequenced(EVENT, number, sequenceNr);
    }

    static byte[] snapshotIndex(long number, long sequenceNr) {
        return sequenced(SNAPSHOT_INDEX, number, sequenceNr);
    }

    static byte[] snapshot(long number, long sequenceNr) {
        return sequenced(SNAPSHOT, number, sequenceNr);
    }

    /** The sequence number of {@code key}, or -1 if it is not of the same kind and number as {@code sibling}. */
    static long sequenceNrBeside(byte[] sibling, byte[] key) {
        if (key.length != SEQUENCED_BYTES || !Arrays.equals(sibling, 0, NUMBERED_BYTES, key, 0, NUMBERED_BYTES)) {
            return -1;
        }
        return ByteBuffer.wrap(key).getLong(NUMBERED_BYTES);
    }

    private static byte[] sequenced(byte kind, long number, long sequenceNr) {
        return ByteBuffer.allocate(SEQUENCED_BYTES)
                .put(kind)
                .putLong(number)
                .putLong(sequenceNr)
                .array();
    }
}
