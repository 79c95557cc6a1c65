package io.pinion.actors.durability;

import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The bytes of an event. Numbers are little endian.
 *
 * <pre>
 *   0         1       2      10        …          length − 4
 *   ┌─────────┬───────┬──────┬─────────┬──────────┐
 *   │ version │ kind  │ epoch│ body    │ checksum │
 *   │ u8      │ u8    │ u64  │         │ u32      │
 *   └─────────┴───────┴──────┴─────────┴──────────┘
 *   kind 1 opened   i64 time, string writer
 *   kind 2 batch    u64 first offset, u32 count, entries (see EntryCodec)
 *   kind 3 chunk    u64 train, u32 index, u32 count, u32 checksum of the train, the rest is the part
 * </pre>
 *
 * The checksum is the CRC-32C of everything before it. The parts of a train, put together, are the body of a batch.
 */
final class EventCodec {
    static final int VERSION = 1;
    /** Everything of a chunk that is not its part. */
    static final int CHUNK_OVERHEAD_BYTES = 10 + 8 + 4 + 4 + 4 + 4;

    private static final int HEADER_BYTES = 10;
    private static final int CHECKSUM_BYTES = 4;
    private static final int OPENED = 1;
    private static final int BATCH = 2;
    private static final int CHUNK = 3;
    /** A count field of a batch that is known only at its end: after the header and the offset. */
    private static final int BATCH_COUNT_AT = HEADER_BYTES + 8;
    /** No entry is shorter, so a count is never a reason to reserve more than the bytes allow. */
    private static final int ENTRY_BYTES_MIN = 5;

    private EventCodec() {}

    static byte[] opened(Event.Opened opened) {
        BsatnWriter out = header(new BsatnWriter(64), OPENED, opened.epoch());
        out.writeLong(opened.timestampMicros()).writeString(opened.writer());
        return finish(out);
    }

    /** Begins a batch in a writer that may have been used before. */
    static void beginBatch(BsatnWriter out, long epoch, long offsetFirst) {
        out.reset();
        header(out, BATCH, epoch).writeLong(offsetFirst).writeInt(0);
    }

    /** Appends an entry to a batch that was begun. */
    static void addEntry(BsatnWriter out, LogEntry entry) {
        EntryCodec.write(out, entry);
    }

    /** The batch as one event, or as a train of chunks if it is longer than allowed. */
    static List<byte[]> finishBatch(BsatnWriter out, long epoch, long offsetFirst, int count, int eventBytesMax) {
        out.setInt(BATCH_COUNT_AT, count);
        if (out.length() + CHECKSUM_BYTES <= eventBytesMax) {
            return List.of(finish(out));
        }
        return train(out, epoch, offsetFirst, eventBytesMax);
    }

    private static List<byte[]> train(BsatnWriter out, long epoch, long offsetFirst, int eventBytesMax) {
        int length = out.length() - HEADER_BYTES;
        int partBytesMax = eventBytesMax - CHUNK_OVERHEAD_BYTES;
        int count = Math.ceilDiv(length, partBytesMax);
        int checksum = checksum(out.buffer(), HEADER_BYTES, length);
        List<byte[]> events = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            int start = index * partBytesMax;
            int partBytes = Math.min(partBytesMax, length - start);
            BsatnWriter chunk = header(new BsatnWriter(partBytes + CHUNK_OVERHEAD_BYTES), CHUNK, epoch);
            chunk.writeLong(offsetFirst).writeInt(index).writeInt(count).writeInt(checksum);
            chunk.writeRaw(out.buffer(), HEADER_BYTES + start, partBytes);
            events.add(finish(chunk));
        }
        return events;
    }

    /** @throws CorruptEventException if the bytes are no event, damaged, or of a newer version */
    static Event read(byte[] event) {
        if (event.length < HEADER_BYTES + CHECKSUM_BYTES) {
            throw new CorruptEventException("an event of " + event.length + " bytes is too short");
        }
        int end = event.length - CHECKSUM_BYTES;
        int stored = new BsatnReader(event, end, CHECKSUM_BYTES).readInt();
        if (stored != checksum(event, 0, end)) {
            throw new CorruptEventException("the checksum of an event of " + event.length + " bytes does not match");
        }
        BsatnReader in = new BsatnReader(event, 0, end);
        int version = in.readU8();
        if (version != VERSION) {
            throw new CorruptEventException("an event has format version " + version + ", this host reads " + VERSION);
        }
        try {
            return readBody(event, in, in.readU8(), in.readLong());
        } catch (BsatnException e) {
            throw new CorruptEventException("an event breaks off or holds nonsense: " + e.getMessage(), e);
        }
    }

    private static Event readBody(byte[] bytes, BsatnReader in, int kind, long epoch) {
        Event event = switch (kind) {
            case OPENED -> new Event.Opened(epoch, in.readLong(), in.readString());
            case BATCH -> readBatch(bytes, in, epoch);
            case CHUNK -> readChunk(bytes, in, epoch);
            default -> throw new CorruptEventException("unknown kind of event: " + kind);
        };
        requireEnd(in);
        return event;
    }

    /** Reads the body of a batch: of one event, or of the parts of a train put together. */
    static Event.Batch readBatch(byte[] bytes, BsatnReader in, long epoch) {
        long offsetFirst = in.readLong();
        long count = in.readCount();
        if (offsetFirst <= 0 || count > in.remaining() / ENTRY_BYTES_MIN) {
            throw new CorruptEventException("a batch at offset " + offsetFirst + " cannot hold " + count
                    + " entries in " + in.remaining() + " bytes");
        }
        List<LogEntry> entries = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            entries.add(EntryCodec.read(bytes, in));
        }
        return new Event.Batch(epoch, offsetFirst, entries);
    }

    private static Event.Chunk readChunk(byte[] event, BsatnReader in, long epoch) {
        long train = in.readLong();
        int index = in.readInt();
        int count = in.readInt();
        int trainChecksum = in.readInt();
        if (train <= 0 || count <= 0 || index < 0 || index >= count) {
            throw new CorruptEventException("chunk " + index + " of " + count + " at offset " + train + " cannot be");
        }
        int partBytes = in.remaining();
        int at = in.position();
        in.skip(partBytes);
        return new Event.Chunk(epoch, train, index, count, trainChecksum, Bytes.copyOf(event, at, partBytes));
    }

    static void requireEnd(BsatnReader in) {
        if (in.remaining() != 0) {
            throw new CorruptEventException(in.remaining() + " bytes are left over at the end of an event");
        }
    }

    static int checksum(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    private static BsatnWriter header(BsatnWriter out, int kind, long epoch) {
        return out.writeByte(VERSION).writeByte(kind).writeLong(epoch);
    }

    /** Appends the checksum. */
    static byte[] finish(BsatnWriter out) {
        out.writeInt(checksum(out.buffer(), 0, out.length()));
        byte[] event = new byte[out.length()];
        System.arraycopy(out.buffer(), 0, event, 0, event.length);
        return event;
    }
}
