package io.pinion.actors.durability;

import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.actors.durability.LogEntry.CallResult;
import io.pinion.modules.HostType;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of one entry inside a batch.
 *
 * <pre>
 *   u8 kind, u32 length of what follows, then
 *   kind 1 transaction  i64 time, identity, connection, u64 × 2 request, u8 call kind, u8 result, string call,
 *                       delta
 *   kind 2 published    i64 time, identity owner, u8 host type, bytes hash, bytes definition, bytes guest
 *                       library (empty for none), bool fresh, bytes migration (empty if fresh),
 *                       u32 count and as many u32 table id and string name, delta
 *   kind 3 deleted      i64 time, identity
 *   kind 4 answered     as a transaction, with a string message in place of the delta
 *   kind 5 restored     i64 time, identity, bytes of a snapshot as in IndexCodec
 *   kind 6 begun        i64 time, identity, connection, u64 × 2 request, string call
 *   kind 7 returned     as begun, then as below
 *
 *   returned            i64 start, bool kept, and if it is: bytes type, bytes value
 *
 *   delta               u32 tables, each: u32 id, rows inserted, rows deleted;
 *                       u32 sequences, each: u32 table, u32 column, u8 length, the next value in two's complement,
 *                       least significant byte first
 *   rows                u32 count, i32 length of every row or −1 (then count × u32 lengths), the rows back to back
 * </pre>
 */
final class EntryCodec {
    private static final int TRANSACTION = 1;
    private static final int PUBLISHED = 2;
    private static final int DELETED = 3;
    private static final int ANSWERED = 4;
    private static final int RESTORED = 5;
    private static final int BEGUN = 6;
    private static final int RETURNED = 7;
    private static final int LENGTHS_DIFFER = -1;
    /** No table of a delta is shorter. */
    private static final int TABLE_BYTES_MIN = 4 + 2 * 8;

    private static final CallKind[] CALL_KINDS = CallKind.values();
    private static final CallResult[] CALL_RESULTS = CallResult.values();
    private static final HostType[] HOST_TYPES = HostType.values();

    private EntryCodec() {}

    static void write(BsatnWriter out, LogEntry entry) {
        out.writeByte(kind(entry));
        int lengthAt = out.length();
        out.writeInt(0);
        switch (entry) {
            case LogEntry.Transaction transaction -> writeTransaction(out, transaction);
            case LogEntry.Answered answered -> writeAnswered(out, answered);
            case LogEntry.ProcedureBegun begun -> writeBegun(out, begun);
            case LogEntry.ProcedureReturned returned -> writeReturned(out, returned);
            case LogEntry.Published published -> writePublished(out, published);
            case LogEntry.Deleted deleted ->
                out.writeLong(deleted.timestampMicros()).writeIdentity(deleted.caller());
            case LogEntry.Restored restored ->
                out.writeLong(restored.timestampMicros())
                        .writeIdentity(restored.caller())
                        .writeByteArray(Bytes.wrap(IndexCodec.write(restored.state())));
        }
        out.setInt(lengthAt, out.length() - lengthAt - 4);
    }

    private static int kind(LogEntry entry) {
        return switch (entry) {
            case LogEntry.Transaction _ -> TRANSACTION;
            case LogEntry.Answered _ -> ANSWERED;
            case LogEntry.ProcedureBegun _ -> BEGUN;
            case LogEntry.ProcedureReturned _ -> RETURNED;
            case LogEntry.Published _ -> PUBLISHED;
            case LogEntry.Deleted _ -> DELETED;
            case LogEntry.Restored _ -> RESTORED;
        };
    }

    @SuppressWarnings("EnumOrdinal") // the ordinal is the number in the log, and its order is fixed for that
    private static void writeTransaction(BsatnWriter out, LogEntry.Transaction transaction) {
        out.writeLong(transaction.timestampMicros())
                .writeIdentity(transaction.caller())
                .writeConnectionId(transaction.connectionId())
                .writeLong(transaction.requestHigh())
                .writeLong(transaction.requestLow())
                .writeByte(transaction.kind().ordinal())
                .writeByte(transaction.result().ordinal())
                .writeString(transaction.call());
        writeDelta(out, transaction.delta());
    }

    @SuppressWarnings("EnumOrdinal") // as above
    private static void writeAnswered(BsatnWriter out, LogEntry.Answered answered) {
        out.writeLong(answered.timestampMicros())
                .writeIdentity(answered.caller())
                .writeConnectionId(answered.connectionId())
                .writeLong(answered.requestHigh())
                .writeLong(answered.requestLow())
                .writeByte(answered.kind().ordinal())
                .writeByte(answered.result().ordinal())
                .writeString(answered.call())
                .writeString(answered.message());
    }

    private static void writeBegun(BsatnWriter out, LogEntry.ProcedureBegun begun) {
        out.writeLong(begun.timestampMicros())
                .writeIdentity(begun.caller())
                .writeConnectionId(begun.connectionId())
                .writeLong(begun.requestHigh())
                .writeLong(begun.requestLow())
                .writeString(begun.call());
    }

    private static void writeReturned(BsatnWriter out, LogEntry.ProcedureReturned returned) {
        out.writeLong(returned.timestampMicros())
                .writeIdentity(returned.caller())
                .writeConnectionId(returned.connectionId())
                .writeLong(returned.requestHigh())
                .writeLong(returned.requestLow())
                .writeString(returned.call());
        writeReturn(out, returned.startMicros(), returned.value());
    }

    static void writeReturn(BsatnWriter out, long startMicros, Optional<LogEntry.ReturnValue> value) {
        out.writeLong(startMicros).writeBool(value.isPresent());
        value.ifPresent(kept -> out.writeByteArray(kept.type()).writeByteArray(kept.value()));
    }

    @SuppressWarnings("EnumOrdinal") // as above
    private static void writePublished(BsatnWriter out, LogEntry.Published published) {
        out.writeLong(published.timestampMicros())
                .writeIdentity(published.owner())
                .writeByte(published.hostType().ordinal())
                .writeByteArray(published.programHash())
                .writeByteArray(published.definition())
                .writeByteArray(published.guestLibrary().orElse(Bytes.EMPTY))
                .writeBool(published.isFresh())
                .writeByteArray(published.migration())
                .writeInt(published.tables().size());
        for (LogEntry.TableId table : published.tables()) {
            out.writeInt(table.id()).writeString(table.name());
        }
        writeDelta(out, published.delta());
    }

    private static void writeDelta(BsatnWriter out, Delta delta) {
        List<Delta.TableDelta> tables = delta.tables();
        out.writeInt(tables.size());
        for (int i = 0; i < tables.size(); i++) {
            Delta.TableDelta table = tables.get(i);
            out.writeInt(table.tableId());
            writeRows(out, table.inserts());
            writeRows(out, table.deletes());
        }
        writeSequences(out, delta.sequences());
    }

    static void writeSequences(BsatnWriter out, List<Delta.SequencePosition> sequences) {
        out.writeInt(sequences.size());
        for (int i = 0; i < sequences.size(); i++) {
            Delta.SequencePosition position = sequences.get(i);
            int length = position.next().bitLength() / 8 + 1;
            out.writeInt(position.tableId()).writeInt(position.column()).writeByte(length);
            out.writeBigInteger(position.next(), length);
        }
    }

    static void writeRows(BsatnWriter out, RowList rows) {
        int count = rows.count();
        int common = commonLength(rows);
        out.writeInt(count).writeInt(common);
        if (common == LENGTHS_DIFFER) {
            for (int row = 0; row < count; row++) {
                out.writeInt(rows.end(row) - rows.start(row));
            }
        }
        out.writeRaw(rows.unsafeArray(), 0, rows.length());
    }

    private static int commonLength(RowList rows) {
        int count = rows.count();
        int common = count == 0 ? 0 : rows.end(0);
        for (int row = 1; row < count; row++) {
            if (rows.end(row) - rows.start(row) != common) {
                return LENGTHS_DIFFER;
            }
        }
        return common;
    }

    /** @param bytes what the reader reads from */
    static LogEntry read(byte[] bytes, BsatnReader in) {
        int kind = in.readU8();
        long length = in.readU32();
        if (length > in.remaining()) {
            throw new CorruptEventException("an entry of " + length + " bytes in " + in.remaining());
        }
        BsatnReader body = new BsatnReader(bytes, in.position(), (int) length);
        in.skip((int) length);
        LogEntry entry = switch (kind) {
            case TRANSACTION -> readTransaction(bytes, body);
            case ANSWERED -> readAnswered(body);
            case BEGUN -> readBegun(body);
            case RETURNED -> readReturned(body);
            case PUBLISHED -> readPublished(bytes, body);
            case DELETED -> new LogEntry.Deleted(body.readLong(), body.readIdentity());
            case RESTORED -> new LogEntry.Restored(body.readLong(), body.readIdentity(), readState(body));
            default -> throw new CorruptEventException("unknown kind of entry: " + kind);
        };
        EventCodec.requireEnd(body);
        return entry;
    }

    private static LogEntry readTransaction(byte[] bytes, BsatnReader in) {
        return new LogEntry.Transaction(
                in.readLong(),
                in.readIdentity(),
                in.readConnectionId(),
                in.readLong(),
                in.readLong(),
                CALL_KINDS[in.readTag(CALL_KINDS.length, "call kinds")],
                CALL_RESULTS[in.readTag(CALL_RESULTS.length, "call results")],
                in.readString(),
                readDelta(bytes, in));
    }

    private static LogEntry readAnswered(BsatnReader in) {
        return new LogEntry.Answered(
                in.readLong(),
                in.readIdentity(),
                in.readConnectionId(),
                in.readLong(),
                in.readLong(),
                CALL_KINDS[in.readTag(CALL_KINDS.length, "call kinds")],
                CALL_RESULTS[in.readTag(CALL_RESULTS.length, "call results")],
                in.readString(),
                in.readString());
    }

    private static LogEntry readBegun(BsatnReader in) {
        return new LogEntry.ProcedureBegun(
                in.readLong(), in.readIdentity(), in.readConnectionId(), in.readLong(), in.readLong(), in.readString());
    }

    private static LogEntry readReturned(BsatnReader in) {
        return new LogEntry.ProcedureReturned(
                in.readLong(),
                in.readIdentity(),
                in.readConnectionId(),
                in.readLong(),
                in.readLong(),
                in.readString(),
                in.readLong(),
                readReturnValue(in));
    }

    static Optional<LogEntry.ReturnValue> readReturnValue(BsatnReader in) {
        return in.readBool()
                ? Optional.of(new LogEntry.ReturnValue(in.readByteArray(), in.readByteArray()))
                : Optional.empty();
    }

    private static LogEntry readPublished(byte[] bytes, BsatnReader in) {
        return new LogEntry.Published(
                in.readLong(),
                in.readIdentity(),
                HOST_TYPES[in.readTag(HOST_TYPES.length, "host types")],
                in.readByteArray(),
                in.readByteArray(),
                Optional.of(in.readByteArray()).filter(hash -> !hash.isEmpty()),
                in.readBool(),
                in.readByteArray(),
                readTables(in),
                readDelta(bytes, in));
    }

    private static IndexEntry.Snapshot readState(BsatnReader in) {
        if (IndexCodec.read(in.readByteArray().unsafeArray()) instanceof IndexEntry.Snapshot state) {
            return state;
        }
        throw new CorruptEventException("what was restored is no snapshot");
    }

    private static List<LogEntry.TableId> readTables(BsatnReader in) {
        List<LogEntry.TableId> tables = new ArrayList<>();
        for (long left = in.readCount(); left > 0; left--) {
            tables.add(new LogEntry.TableId(in.readInt(), in.readString()));
        }
        return tables;
    }

    private static Delta readDelta(byte[] bytes, BsatnReader in) {
        long count = in.readCount();
        if (count > in.remaining() / TABLE_BYTES_MIN) {
            throw new CorruptEventException(count + " tables cannot stand in " + in.remaining() + " bytes");
        }
        List<Delta.TableDelta> tables = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            tables.add(new Delta.TableDelta(in.readInt(), readRows(bytes, in), readRows(bytes, in)));
        }
        return new Delta(tables, readSequences(in));
    }

    static List<Delta.SequencePosition> readSequences(BsatnReader in) {
        List<Delta.SequencePosition> sequences = new ArrayList<>();
        for (long left = in.readCount(); left > 0; left--) {
            int tableId = in.readInt();
            int column = in.readInt();
            int length = in.readU8();
            if (length == 0) {
                throw new CorruptEventException("the position of a sequence of table " + tableId + " has no bytes");
            }
            sequences.add(new Delta.SequencePosition(tableId, column, in.readBigInteger(length, true)));
        }
        return sequences;
    }

    static RowList readRows(byte[] bytes, BsatnReader in) {
        long count = in.readCount();
        int common = in.readInt();
        if (common < LENGTHS_DIFFER) {
            throw new CorruptEventException("rows cannot have a length of " + common);
        }
        return common == LENGTHS_DIFFER
                ? readRowsThatDiffer(bytes, in, count)
                : readRowsOfOneLength(bytes, in, count, common);
    }

    private static RowList readRowsOfOneLength(byte[] bytes, BsatnReader in, long count, int length) {
        // A set holds one row of no bytes at most.
        if (length == 0 ? count > 1 : count > in.remaining() / length) {
            throw new CorruptEventException(
                    count + " rows of " + length + " bytes cannot stand in " + in.remaining() + " bytes");
        }
        RowList rows = new RowList((int) count * length, (int) count);
        for (long row = 0; row < count; row++) {
            int at = in.position();
            in.skip(length);
            rows.row(bytes, at, length);
        }
        return rows;
    }

    private static RowList readRowsThatDiffer(byte[] bytes, BsatnReader in, long count) {
        if (count > in.remaining() / 4) {
            throw new CorruptEventException(count + " rows cannot stand in " + in.remaining() + " bytes");
        }
        BsatnReader lengths = new BsatnReader(bytes, in.position(), (int) count * 4);
        in.skip((int) count * 4);
        RowList rows = new RowList(64, (int) count);
        for (long row = 0; row < count; row++) {
            long length = lengths.readU32();
            if (length > in.remaining()) {
                throw new CorruptEventException("a row of " + length + " bytes in " + in.remaining());
            }
            int at = in.position();
            in.skip((int) length);
            rows.row(bytes, at, (int) length);
        }
        return rows;
    }
}
