package io.pinion.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Values that carry their own checksum. The first four bytes are the CRC32C of the persistence id in UTF-8, the sequence
 * number, and every byte that follows; so a value found under another key than its own is damaged, too.
 */
final class Checksum {
    static final int BYTES = Integer.BYTES;

    private Checksum() {}

    /** Fills in the first four bytes of {@code value}. */
    static byte[] seal(byte[] value, String persistenceId, long sequenceNr) {
        ByteBuffer.wrap(value).putInt(0, of(value, persistenceId, sequenceNr));
        return value;
    }

    static boolean matches(byte[] value, String persistenceId, long sequenceNr) {
        return value.length >= BYTES && ByteBuffer.wrap(value).getInt(0) == of(value, persistenceId, sequenceNr);
    }

    private static int of(byte[] value, String persistenceId, long sequenceNr) {
        CRC32C checksum = new CRC32C();
        byte[] name = persistenceId.getBytes(StandardCharsets.UTF_8);
        checksum.update(name, 0, name.length);
        checksum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, sequenceNr));
        checksum.update(value, BYTES, value.length - BYTES);
        return (int) checksum.getValue();
    }
}
