package io.pinion.actors.durability;

import io.pinion.modules.HostType;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.Optional;

/**
 * The bytes of an {@link IndexEntry}. Numbers are little endian.
 *
 * <pre>
 *   u8 version, u8 kind, body, u32 CRC-32C of everything before it
 *   kind 1 cut       i64 time, u64 first and u64 last sequence number, u64 offset, u64 epoch
 *   kind 2 snapshot  i64 time, u64 offset,
 *                    log: u64 sequence number, u64 epoch, u64 offset,
 *                    chunks: u64 first and u64 last sequence number, u32 checksum, u64 rows,
 *                    identity owner, u8 host type, bytes hash, bytes definition, bytes guest library (empty for none),
 *                    ids as in {@link SchemaIdsCodec},
 *                    u32 sequences, each: u32 table, u32 column, u8 length, the next value in two's complement
 * </pre>
 */
public final class IndexCodec {
    private static final int VERSION = 1;
    private static final int CUT = 1;
    private static final int SNAPSHOT = 2;
    private static final HostType[] HOST_TYPES = HostType.values();
    private static final int CHECKSUM_BYTES = 4;

    private IndexCodec() {}

    public static byte[] write(IndexEntry entry) {
        BsatnWriter out = new BsatnWriter(256);
        out.writeByte(VERSION);
        switch (entry) {
            case IndexEntry.Cut cut ->
                out.writeByte(CUT)
                        .writeLong(cut.timestampMicros())
                        .writeLong(cut.sequenceNrFirst())
                        .writeLong(cut.sequenceNrLast())
                        .writeLong(cut.offset())
                        .writeLong(cut.epoch());
            case IndexEntry.Snapshot snapshot -> writeSnapshot(out.writeByte(SNAPSHOT), snapshot);
        }
        return EventCodec.finish(out);
    }

    @SuppressWarnings("EnumOrdinal") // the ordinal is the number in the log, as in EntryCodec
    private static void writeSnapshot(BsatnWriter out, IndexEntry.Snapshot snapshot) {
        LogPosition log = snapshot.log();
        IndexEntry.Chunks chunks = snapshot.chunks();
        IndexEntry.ProgramFacts program = snapshot.program();
        out.writeLong(snapshot.timestampMicros())
                .writeLong(snapshot.offset())
                .writeLong(log.sequenceNr())
                .writeLong(log.epoch())
                .writeLong(log.offset())
                .writeLong(chunks.sequenceNrFirst())
                .writeLong(chunks.sequenceNrLast())
                .writeInt(chunks.checksum())
                .writeLong(chunks.rowCount())
                .writeIdentity(program.owner())
                .writeByte(program.hostType().ordinal())
                .writeByteArray(program.programHash())
                .writeByteArray(program.definition())
                .writeByteArray(program.guestLibrary().orElse(Bytes.EMPTY));
        SchemaIdsCodec.write(out, snapshot.ids());
        EntryCodec.writeSequences(out, snapshot.sequences());
    }

    private static IndexEntry.Snapshot readSnapshot(BsatnReader in) {
        return new IndexEntry.Snapshot(
                in.readLong(),
                in.readLong(),
                new LogPosition(in.readLong(), in.readLong(), in.readLong(), false),
                new IndexEntry.Chunks(in.readLong(), in.readLong(), in.readInt(), in.readLong()),
                new IndexEntry.ProgramFacts(
                        in.readIdentity(),
                        HOST_TYPES[in.readTag(HOST_TYPES.length, "host types")],
                        in.readByteArray(),
                        in.readByteArray(),
                        Optional.of(in.readByteArray()).filter(hash -> !hash.isEmpty())),
                SchemaIdsCodec.read(in),
                EntryCodec.readSequences(in));
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
            case SNAPSHOT -> readSnapshot(in);
            default -> throw new CorruptEventException("unknown kind of index entry: " + kind);
        };
    }
}
