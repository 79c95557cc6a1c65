package io.pinion.actors.durability;

import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;

/**
 * The bytes of an {@link IndexEntry}. Numbers are little endian.
 *
 * <pre>
 *   u8 version, u8 kind, body, u32 CRC-32C of everything before it
 *   kind 1 cut   i64 time, u64 first and u64 last sequence number, u64 offset, u64 epoch
 * </pre>
 */
public final class IndexCodec {
    private static final int VERSION = 1;
    private static final int CUT = 1;
    private static final int CHECKSUM_BYTES = 4;

    private IndexCodec() {}

    public static byte[] write(IndexEntry entry) {
        BsatnWriter out = new BsatnWriter(64);
        out.writeByte(VERSION);
        switch (entry) {
            case IndexEntry.Cut cut ->
                out.writeByte(CUT)
                        .writeLong(cut.timestampMicros())
                        .writeLong(cut.sequenceNrFirst())
                        .writeLong(cut.sequenceNrLast())
                        .writeLong(cut.offset())
                        .writeLong(cut.epoch());
        }
        return EventCodec.finish(out);
    }

    /** @throws CorruptEventException if the bytes are no entry, damaged, or of a newer version */
    public static IndexEntry read(byte[] event) {
        int end = event.length - CHECKSUM_BYTES;
        if (end < 2 || new BsatnReader(event, end, CHECKSUM_BYTES).readInt() != EventCodec.checksum(event, 0, end)) {
            throw new CorruptEventException("the checksum of an index entry of " + event.length + " bytes is wrong");
        }
        BsatnReader in = new BsatnReader(event, 0, end);
        int version = in.readU8();
        if (version != VERSION) {
            throw new CorruptEventException("an index entry has format version " + version);
        }
        try {
            IndexEntry entry = readBody(in, in.readU8());
            EventCodec.requireEnd(in);
            return entry;
        } catch (BsatnException e) {
            throw new CorruptEventException("an index entry breaks off: " + e.getMessage(), e);
        }
    }

    private static IndexEntry readBody(BsatnReader in, int kind) {
        return switch (kind) {
            case CUT -> new IndexEntry.Cut(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
            default -> throw new CorruptEventException("unknown kind of index entry: " + kind);
        };
    }
}
