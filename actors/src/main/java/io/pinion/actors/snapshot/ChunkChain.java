package io.pinion.actors.snapshot;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksum of the checksums of a snapshot's chunks, in order. */
final class ChunkChain {
    private final CRC32C crc = new CRC32C();
    private int count;

    void add(int checksum) {
        crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, checksum));
        count++;
    }

    int count() {
        return count;
    }

    int checksum() {
        return (int) crc.getValue();
    }
}
