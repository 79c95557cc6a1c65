package io.pinion.journal;

import java.nio.ByteBuffer;

/**
 * What is stored for a persistence id beside its events; written in the same batch as they are and never deleted.
 *
 * <pre>
 *    0        4                    12                   20
 *   +--------+--------------------+--------------------+
 *   | crc32c | highest i64        | deleted to i64     |
 *   +--------+--------------------+--------------------+
 * </pre>
 *
 * @param highest the highest sequence number ever given out, 0 if none
 * @param deletedTo events up to and including this number were deleted, 0 if none; every number above it up to
 *     {@code highest} has a record
 */
record WriterState(long highest, long deletedTo) {
    static final WriterState EMPTY = new WriterState(0, 0);

    private static final int BYTES = Checksum.BYTES + 2 * Long.BYTES;

    WriterState {
        if (deletedTo < 0 || highest < deletedTo) {
            throw new IllegalArgumentException("deleted to " + deletedTo + " of " + highest);
        }
    }

    byte[] encode(String persistenceId) {
        byte[] value = ByteBuffer.allocate(BYTES)
                .putInt(0)
                .putLong(highest)
                .putLong(deletedTo)
                .array();
        return Checksum.seal(value, persistenceId, 0);
    }

    static WriterState decode(String persistenceId, byte[] value) {
        if (value.length != BYTES || !Checksum.matches(value, persistenceId, 0)) {
            throw new CorruptRecordException(
                    "the record of the highest sequence number of persistence id " + persistenceId + " is damaged");
        }
        ByteBuffer fields = ByteBuffer.wrap(value, Checksum.BYTES, 2 * Long.BYTES);
        return new WriterState(fields.getLong(), fields.getLong());
    }
}
