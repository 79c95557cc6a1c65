package io.pinion.actors.cluster;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Client.Cause;
import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Client.Request;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.HeldSet;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The binary form of what open connections and databases say to each other; see {@link DatabaseCodec}. */
final class ClientCodec {
    private final WireFields fields;

    ClientCodec(WireFields fields) {
        this.fields = fields;
    }

    static String manifest(Request request) {
        return switch (request) {
            case Client.Open _ -> "KO";
            case Client.Subscribe _ -> "KS";
            case Client.Unsubscribe _ -> "KU";
            case Client.Ask _ -> "KA";
            case Client.Resume _ -> "KB";
        };
    }

    static String manifest(Delivery delivery) {
        return switch (delivery) {
            case Client.Opened _ -> "KP";
            case Client.Refused _ -> "KR";
            case Client.Resumed _ -> "KD";
            case Client.Reached _ -> "KF";
            case Client.Missed _ -> "KM";
            case Client.Moving _ -> "KV";
            case Client.Applied _ -> "KI";
            case Client.Dropped _ -> "KX";
            case Client.NotSubscribed _ -> "KN";
            case Client.Result _ -> "KQ";
            case Client.Updated _ -> "KT";
            case Client.Awaited _ -> "KW";
            case Client.Late _ -> "KL";
            case Client.Ended _ -> "KE";
        };
    }

    void write(Request request, BsatnWriter out) {
        DatabaseCodec.writeCaller(request.caller(), out);
        fields.writeReference(request.client(), out);
        switch (request) {
            case Client.Open open ->
                out.writeString(open.claims()).writeBool(open.confirmed()).writeBool(open.countsTogether());
            case Client.Subscribe ask -> {
                writeSet(ask.requestId(), ask.setId(), ask.kind(), out);
                WireFields.writeStrings(ask.queries(), out);
            }
            case Client.Unsubscribe ask -> {
                writeSet(ask.requestId(), ask.setId(), ask.kind(), out);
                out.writeBool(ask.wantsRows());
            }
            case Client.Ask ask ->
                out.writeInt(ask.requestId()).writeByteArray(ask.messageId()).writeString(ask.query());
            case Client.Resume resume -> {
                out.writeString(resume.claims()).writeBool(resume.confirmed()).writeBool(resume.countsTogether());
                out.writeLong(resume.position().epoch())
                        .writeLong(resume.position().offset());
                out.writeInt(resume.sets().size());
                for (HeldSet set : resume.sets()) {
                    out.writeInt(set.setId()).writeString(set.kind().name());
                    WireFields.writeStrings(set.queries(), out);
                }
            }
        }
    }

    private static void writeSet(int requestId, int setId, SetKind kind, BsatnWriter out) {
        out.writeInt(requestId).writeInt(setId).writeString(kind.name());
    }

    void write(Delivery delivery, BsatnWriter out) {
        switch (delivery) {
            case Client.Opened opened ->
                out.writeBool(opened.hidesCalls()).writeLong(opened.epoch()).writeLong(opened.offset());
            case Client.Resumed resumed ->
                out.writeBool(resumed.hidesCalls()).writeLong(resumed.epoch()).writeLong(resumed.offset());
            case Client.Reached(long offset) -> out.writeLong(offset);
            case Client.Missed(Database.RequestId id, Client.Updated update) -> {
                out.writeLong(id.high()).writeLong(id.low());
                write(update, out);
            }
            case Client.Moving(long offset) -> out.writeLong(offset);
            case Client.Refused(String reason) -> out.writeString(reason);
            case Client.Applied applied -> {
                writeSet(applied.requestId(), applied.setId(), applied.kind(), out);
                writeResults(applied.rows(), out);
                out.writeLong(applied.offset()).writeLong(applied.executionNanos());
            }
            case Client.Dropped dropped -> {
                writeSet(dropped.requestId(), dropped.setId(), dropped.kind(), out);
                List<ResultRows> rows = dropped.rows();
                out.writeBool(rows != null);
                writeResults(rows == null ? List.of() : rows, out);
                out.writeLong(dropped.executionNanos());
            }
            case Client.NotSubscribed not -> {
                writeOptional(not.requestId(), out);
                writeOptional(not.setId(), out);
                out.writeString(not.reason());
            }
            case Client.Result result -> {
                String error = result.error();
                out.writeInt(result.requestId()).writeByteArray(result.messageId());
                out.writeBool(error != null).writeString(error == null ? "" : error);
                writeResults(result.rows(), out);
                out.writeLong(result.executionNanos());
            }
            case Client.Updated(long offset, Cause cause, List<SetChanges> sets) -> {
                out.writeLong(offset);
                writeCause(cause, out);
                writeSets(sets, out);
            }
            case Client.Awaited(long ticket, int requestId) ->
                out.writeLong(ticket).writeInt(requestId);
            case Client.Late(long ticket, Delivery answer) -> {
                out.writeLong(ticket).writeString(manifest(answer));
                write(answer, out);
            }
            case Client.Ended(String reason) -> out.writeString(reason);
        }
    }

    private static void writeOptional(@Nullable Integer value, BsatnWriter out) {
        out.writeBool(value != null).writeInt(value == null ? 0 : value);
    }

    private static @Nullable Integer readOptional(BsatnReader in) {
        boolean isThere = in.readBool();
        int value = in.readInt();
        return isThere ? value : null;
    }

    static void write(Database.CommittedForClient outcome, BsatnWriter out) {
        out.writeLong(outcome.committed().offset())
                .writeLong(outcome.committed().executionNanos());
        writeCause(outcome.cause(), out);
        writeSets(outcome.sets(), out);
    }

    private static void writeCause(Cause cause, BsatnWriter out) {
        out.writeLong(cause.timestampMicros())
                .writeIdentity(cause.caller())
                .writeConnectionId(cause.connectionId())
                .writeString(cause.function())
                .writeInt(cause.clientNumber());
        Client.Details details = cause.details();
        out.writeBool(details != null);
        if (details != null) {
            out.writeInt(details.reducerId())
                    .writeByteArray(details.arguments())
                    .writeByteArray(details.parameters())
                    .writeLong(details.executionNanos());
        }
    }

    private static Cause readCause(BsatnReader in) {
        return new Cause(
                in.readLong(),
                in.readIdentity(),
                in.readConnectionId(),
                in.readString(),
                in.readInt(),
                in.readBool()
                        ? new Client.Details(in.readInt(), in.readByteArray(), in.readByteArray(), in.readLong())
                        : null);
    }

    private static void writeResults(List<ResultRows> results, BsatnWriter out) {
        out.writeInt(results.size());
        for (ResultRows rows : results) {
            out.writeInt(rows.tableId()).writeString(rows.table());
            out.writeByteArray(TypeCodec.toBsatn(rows.rowType()));
            writeRows(rows.rows(), out);
        }
    }

    private static List<ResultRows> readResults(BsatnReader in) {
        return WireFields.readAll(
                in, () -> new ResultRows(in.readInt(), in.readString(), readRowType(in), readRows(in)));
    }

    private static Product readRowType(BsatnReader in) {
        return (Product) TypeCodec.read(new BsatnReader(in.readByteArray()));
    }

    private static void writeSets(List<SetChanges> sets, BsatnWriter out) {
        out.writeInt(sets.size());
        for (SetChanges set : sets) {
            out.writeInt(set.setId()).writeInt(set.rows().size());
            for (ChangedRows rows : set.rows()) {
                out.writeInt(rows.tableId()).writeString(rows.table());
                out.writeByteArray(TypeCodec.toBsatn(rows.rowType())).writeBool(rows.isEvent());
                writeRows(rows.inserts(), out);
                writeRows(rows.deletes(), out);
            }
        }
    }

    private static List<SetChanges> readSets(BsatnReader in) {
        return WireFields.readAll(
                in, () -> new SetChanges(in.readInt(), WireFields.readAll(in, () -> readChangedRows(in))));
    }

    private static ChangedRows readChangedRows(BsatnReader in) {
        return new ChangedRows(
                in.readInt(), in.readString(), readRowType(in), in.readBool(), readRows(in), readRows(in));
    }

    private static void writeRows(RowList rows, BsatnWriter out) {
        out.writeInt(rows.count());
        for (int row = 0; row < rows.count(); row++) {
            out.writeInt(rows.end(row) - rows.start(row));
        }
        out.writeRaw(rows.unsafeArray(), 0, rows.length());
    }

    private static RowList readRows(BsatnReader in) {
        int[] lengths = new int[Math.toIntExact(in.readCount())];
        int total = 0;
        for (int row = 0; row < lengths.length; row++) {
            lengths[row] = in.readInt();
            total = Math.addExact(total, lengths[row]);
        }
        RowList rows = new RowList(total, lengths.length);
        for (int length : lengths) {
            byte[] row = new byte[length];
            for (int i = 0; i < length; i++) {
                row[i] = in.readByte();
            }
            rows.row(row, 0, length);
        }
        return rows;
    }

    /** Null if the manifest is none of these. */
    Database.@Nullable Message read(String manifest, BsatnReader in) {
        return switch (manifest) {
            case "KO", "KS", "KU", "KA", "KB" -> new Database.Command.ForClient(readRequest(manifest, in));
            case "KP" -> new Client.Opened(in.readBool(), in.readLong(), in.readLong());
            case "KD" -> new Client.Resumed(in.readBool(), in.readLong(), in.readLong());
            case "KF" -> new Client.Reached(in.readLong());
            case "KM" -> new Client.Missed(new Database.RequestId(in.readLong(), in.readLong()), readUpdated(in));
            case "KV" -> new Client.Moving(in.readLong());
            case "KR" -> new Client.Refused(in.readString());
            case "KI" ->
                new Client.Applied(
                        in.readInt(),
                        in.readInt(),
                        SetKind.valueOf(in.readString()),
                        readResults(in),
                        in.readLong(),
                        in.readLong());
            case "KX" -> readDropped(in);
            case "KN" -> new Client.NotSubscribed(readOptional(in), readOptional(in), in.readString());
            case "KQ" -> readResult(in);
            case "KT" -> readUpdated(in);
            case "KW" -> new Client.Awaited(in.readLong(), in.readInt());
            case "KL" -> readLate(in);
            case "KE" -> new Client.Ended(in.readString());
            case "KC" ->
                new Database.CommittedForClient(
                        new Database.Committed(in.readLong(), in.readLong()), readCause(in), readSets(in));
            default -> null;
        };
    }

    private Request readRequest(String manifest, BsatnReader in) {
        Caller caller = DatabaseCodec.readCaller(in);
        var client = fields.<Delivery>readReference(in);
        return switch (manifest) {
            case "KO" -> new Client.Open(caller, in.readString(), in.readBool(), in.readBool(), client);
            case "KS" ->
                new Client.Subscribe(
                        caller,
                        in.readInt(),
                        in.readInt(),
                        SetKind.valueOf(in.readString()),
                        WireFields.readStrings(in),
                        client);
            case "KU" ->
                new Client.Unsubscribe(
                        caller, in.readInt(), in.readInt(), SetKind.valueOf(in.readString()), in.readBool(), client);
            case "KB" ->
                new Client.Resume(
                        caller,
                        in.readString(),
                        in.readBool(),
                        in.readBool(),
                        new Client.Position(in.readLong(), in.readLong()),
                        WireFields.readAll(
                                in,
                                () -> new HeldSet(
                                        in.readInt(), SetKind.valueOf(in.readString()), WireFields.readStrings(in))),
                        client);
            default -> new Client.Ask(caller, in.readInt(), in.readByteArray(), in.readString(), client);
        };
    }

    private static Client.Updated readUpdated(BsatnReader in) {
        return new Client.Updated(in.readLong(), readCause(in), readSets(in));
    }

    private Client.Late readLate(BsatnReader in) {
        long ticket = in.readLong();
        return new Client.Late(ticket, (Delivery) Objects.requireNonNull(read(in.readString(), in)));
    }

    private static Client.Dropped readDropped(BsatnReader in) {
        int requestId = in.readInt();
        int setId = in.readInt();
        SetKind kind = SetKind.valueOf(in.readString());
        boolean hasRows = in.readBool();
        List<ResultRows> rows = readResults(in);
        return new Client.Dropped(requestId, setId, kind, hasRows ? rows : null, in.readLong());
    }

    private static Client.Result readResult(BsatnReader in) {
        int requestId = in.readInt();
        Bytes messageId = in.readByteArray();
        boolean isError = in.readBool();
        String error = in.readString();
        return new Client.Result(requestId, messageId, isError ? error : null, readResults(in), in.readLong());
    }
}
