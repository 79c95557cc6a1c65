package io.pinion.actors.snapshot;

import io.pinion.actors.durability.CorruptEventException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.zip.CRC32C;

/**
 * The bytes of a {@link Chunk}. Numbers are little endian.
 *
 * <pre>
 *   0         1        9       13         17     21           25     length − 4
 *   ┌─────────┬────────┬───────┬──────────┬──────┬────────────┬──────┬──────────┐
 *   │ version │ offset │ index │ table id │ part │ part count │ part │ checksum │
 *   │ u8      │ u64    │ u32   │ u32      │ u32  │ u32        │      │ u32      │
 *   └─────────┴────────┴───────┴──────────┴──────┴────────────┴──────┴──────────┘
 * </pre>
 *
 * The checksum is the CRC-32C of everything before it. The parts of a block, put together, are a list of rows.
 */
final class ChunkCodec {
    /** Everything of a chunk that is not its part. */
    static final int OVERHEAD_BYTES = 29;

    private static final int VERSION = 1;
    private static final int CHECKSUM_BYTES = 4;

    private ChunkCodec() {}

    static byte[] write(
            long offset, int index, int tableId, int part, int partCount, byte[] block, int at, int length) {
        BsatnWriter out = new BsatnWriter(length + OVERHEAD_BYTES);
        out.writeByte(VERSION).writeLong(offset).writeInt(index).writeInt(tableId);
        out.writeInt(part).writeInt(partCount).writeRaw(block, at, length);
        out.writeInt(checksum(out.buffer(), out.length()));
        return out.toBytes().unsafeArray();
    }

    /** The checksum of an event that {@link #write} made. */
    static int checksum(byte[] event) {
        return new BsatnReader(event, event.length - CHECKSUM_BYTES, CHECKSUM_BYTES).readInt();
    }

    /** @throws CorruptEventException if the bytes are no chunk, damaged, or of a newer version */
    static Chunk read(byte[] event) {
        int end = event.length - CHECKSUM_BYTES;
        if (event.length < OVERHEAD_BYTES || checksum(event) != checksum(event, end)) {
            throw new CorruptEventException("the checksum of a chunk of " + event.length + " bytes does not match");
        }
        BsatnReader in = new BsatnReader(event, 0, end);
        int version = in.readU8();
        if (version != VERSION) {
            throw new CorruptEventException("a chunk has format version " + version);
        }
        long offset = in.readLong();
        int index = in.readInt();
        int tableId = in.readInt();
        int part = in.readInt();
        int partCount = in.readInt();
        if (part < 0 || part >= partCount) {
            throw new CorruptEventException("part " + part + " of " + partCount + " cannot be");
        }
        Bytes bytes = Bytes.copyOf(event, in.position(), in.remaining());
        return new Chunk(offset, index, tableId, part, partCount, bytes, checksum(event));
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
