package io.pinion.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The file {@code MARK}: the RocksDB sequence number up to which writes were synced. RocksDB itself cannot tell a log
 * that ended here from one that lost its end; with the mark beside it, it can.
 *
 * <pre>
 *   two slots, at 0 and 512, written in turn; the valid one with the larger turn counts
 *    0             8            16             24       28
 *   +-------------+------------+--------------+--------+
 *   | "PNJLMARK"  | turn i64   | sequence i64 | crc32c |
 *   +-------------+------------+--------------+--------+
 * </pre>
 *
 * The mark is written after each synced batch, so it is never ahead of the log. The file itself is synced at intervals:
 * it survives the end of the process at once, and the loss of power up to the last interval. Used by one thread.
 */
final class HighWaterMark implements AutoCloseable {
    static final String NAME = "MARK";

    private static final long MAGIC = 0x504E4A4C4D41524BL;
    private static final int SLOT_BYTES = 28;
    private static final int SLOT_DISTANCE_BYTES = 512;
    private static final int CHECKED_BYTES = 24;

    private final FileChannel channel;
    private final ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
    private long turn;
    private long sequence = -1;
    private boolean synced = true;

    private HighWaterMark(FileChannel channel) {
        this.channel = channel;
    }

    static HighWaterMark open(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        HighWaterMark mark = new HighWaterMark(channel);
        try {
            mark.read(0);
            mark.read(1);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return mark;
    }

    /** @return the sequence number last marked, -1 if the file holds no valid mark */
    long sequence() {
        return sequence;
    }

    void advance(long to) throws IOException {
        turn++;
        slot.clear().putLong(MAGIC).putLong(turn).putLong(to).putInt(checksum());
        slot.flip();
        long offset = (turn & 1) * SLOT_DISTANCE_BYTES;
        while (slot.hasRemaining()) {
            offset += channel.write(slot, offset);
        }
        sequence = to;
        synced = false;
    }

    boolean synced() {
        return synced;
    }

    void sync() throws IOException {
        channel.force(false);
        synced = true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void read(int index) throws IOException {
        slot.clear();
        long offset = (long) index * SLOT_DISTANCE_BYTES;
        while (slot.hasRemaining()) {
            int count = channel.read(slot, offset + slot.position());
            if (count < 0) {
                return;
            }
        }
        slot.flip();
        boolean valid = slot.getLong(0) == MAGIC && slot.getInt(CHECKED_BYTES) == checksum();
        if (valid && slot.getLong(Long.BYTES) > turn) {
            turn = slot.getLong(Long.BYTES);
            sequence = slot.getLong(2 * Long.BYTES);
        }
    }

    private int checksum() {
        CRC32C checksum = new CRC32C();
        checksum.update(slot.array(), 0, CHECKED_BYTES);
        return (int) checksum.getValue();
    }
}
