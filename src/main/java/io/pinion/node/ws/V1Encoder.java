package io.pinion.node.ws;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.node.ws.ServerMessage.Call;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.node.ws.ServerMessage.Status;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Server messages of v1 in BSATN (websocket.md 5.2). Energy is not metered here and told as 0. */
final class V1Encoder implements Encoder {
    static final V1Encoder INSTANCE = new V1Encoder();

    private static final int INITIAL_SUBSCRIPTION = 0;
    private static final int TRANSACTION_UPDATE = 1;
    private static final int TRANSACTION_UPDATE_LIGHT = 2;
    private static final int GREETING = 3;
    private static final int ONE_OFF_RESPONSE = 4;
    private static final int SUBSCRIBE_APPLIED = 5;
    private static final int UNSUBSCRIBE_APPLIED = 6;
    private static final int SUBSCRIPTION_ERROR = 7;
    private static final int SUBSCRIBE_MULTI_APPLIED = 8;
    private static final int UNSUBSCRIBE_MULTI_APPLIED = 9;
    private static final int PROCEDURE_RESULT = 10;

    private static final int SOME = 0;
    private static final int NONE = 1;
    private static final int UNCOMPRESSED = 0;
    private static final int COMMITTED = 0;
    private static final int FAILED = 1;
    private static final int RETURNED = 0;
    private static final int PROCEDURE_FAILED = 2;

    private V1Encoder() {}

    @Override
    public Bytes encode(ServerMessage message) {
        BsatnWriter out = new BsatnWriter();
        switch (message) {
            case ServerMessage.Greeting greeting ->
                out.writeByte(GREETING)
                        .writeIdentity(greeting.identity())
                        .writeString(greeting.token())
                        .writeConnectionId(greeting.connectionId());
            case ServerMessage.SubscribeApplied applied -> writeApplied(applied, out);
            case ServerMessage.UnsubscribeApplied applied -> writeDropped(applied, out);
            case ServerMessage.SubscriptionError error -> writeError(error, out);
            case ServerMessage.TransactionUpdate update -> writeUpdate(update, out);
            case ServerMessage.OneOffResult result -> writeOneOff(result, out);
            case ServerMessage.ReducerResult(Call call, Outcome outcome) -> {
                out.writeByte(TRANSACTION_UPDATE);
                writeStatus(outcome, out);
                writeCall(call, out);
            }
            case ServerMessage.ProcedureResult result -> writeProcedure(result, out);
        }
        return out.toBytes();
    }

    private static void writeApplied(ServerMessage.SubscribeApplied applied, BsatnWriter out) {
        if (applied.kind() == SetKind.LEGACY) {
            out.writeByte(INITIAL_SUBSCRIPTION);
            writeResult(applied.rows(), true, out);
            out.writeInt(applied.requestId()).writeLong(applied.durationMicros());
            return;
        }
        boolean isSingle = applied.kind() == SetKind.SINGLE;
        out.writeByte(isSingle ? SUBSCRIBE_APPLIED : SUBSCRIBE_MULTI_APPLIED);
        writeSetRows(applied.requestId(), applied.durationMicros(), applied.setId(), out);
        writeSetRows(isSingle, applied.rows(), true, out);
    }

    private static void writeDropped(ServerMessage.UnsubscribeApplied applied, BsatnWriter out) {
        boolean isSingle = applied.kind() == SetKind.SINGLE;
        List<ResultRows> rows = applied.rows();
        out.writeByte(isSingle ? UNSUBSCRIBE_APPLIED : UNSUBSCRIBE_MULTI_APPLIED);
        writeSetRows(applied.requestId(), applied.durationMicros(), applied.setId(), out);
        writeSetRows(isSingle, rows == null ? List.of() : rows, false, out);
    }

    private static void writeSetRows(int requestId, long durationMicros, int setId, BsatnWriter out) {
        out.writeInt(requestId).writeLong(durationMicros).writeInt(setId);
    }

    /** A single query yields rows of one table, whose name stands there twice. */
    private static void writeSetRows(boolean isSingle, List<ResultRows> rows, boolean areInserts, BsatnWriter out) {
        if (!isSingle) {
            writeResult(rows, areInserts, out);
        } else if (rows.isEmpty()) {
            out.writeInt(0)
                    .writeString("")
                    .writeInt(0)
                    .writeString("")
                    .writeLong(0)
                    .writeInt(0);
        } else {
            out.writeInt(rows.getFirst().tableId()).writeString(rows.getFirst().table());
            writeResultTable(rows, areInserts, out);
        }
    }

    private static void writeResult(List<ResultRows> rows, boolean areInserts, BsatnWriter out) {
        List<List<ResultRows>> tables = Tables.group(rows, ResultRows::table);
        out.writeInt(tables.size());
        tables.forEach(table -> writeResultTable(table, areInserts, out));
    }

    private static void writeResultTable(List<ResultRows> table, boolean areInserts, BsatnWriter out) {
        long count = table.stream().mapToLong(rows -> rows.rows().count()).sum();
        writeTableHead(table.getFirst().tableId(), table.getFirst().table(), count, table.size(), out);
        for (ResultRows rows : table) {
            out.writeByte(UNCOMPRESSED);
            if (areInserts) {
                RowLists.writeNone(out);
            }
            RowLists.write(rows.rows(), out);
            if (!areInserts) {
                RowLists.writeNone(out);
            }
        }
    }

    private static void writeTableHead(int tableId, String table, long rows, int updates, BsatnWriter out) {
        out.writeInt(tableId).writeString(table).writeLong(rows).writeInt(updates);
    }

    private static void writeError(ServerMessage.SubscriptionError error, BsatnWriter out) {
        out.writeByte(SUBSCRIPTION_ERROR).writeLong(error.durationMicros());
        writeOption(error.requestId(), out);
        writeOption(error.setId(), out);
        writeOption(null, out);
        out.writeString(error.error());
    }

    private static void writeOption(@Nullable Integer value, BsatnWriter out) {
        out.writeByte(value == null ? NONE : SOME);
        if (value != null) {
            out.writeInt(value);
        }
    }

    private static void writeUpdate(ServerMessage.TransactionUpdate update, BsatnWriter out) {
        if (update.isLight()) {
            out.writeByte(TRANSACTION_UPDATE_LIGHT).writeInt(update.call().requestId());
            writeChanges(update.sets(), out);
        } else {
            out.writeByte(TRANSACTION_UPDATE).writeByte(COMMITTED);
            writeChanges(update.sets(), out);
            writeCall(update.call(), out);
        }
    }

    private static void writeChanges(List<SetChanges> sets, BsatnWriter out) {
        List<List<ChangedRows>> tables =
                Tables.group(sets.stream().flatMap(set -> set.rows().stream()).toList(), ChangedRows::table);
        out.writeInt(tables.size());
        for (List<ChangedRows> table : tables) {
            long count = table.stream()
                    .mapToLong(rows ->
                            (long) rows.inserts().count() + rows.deletes().count())
                    .sum();
            writeTableHead(table.getFirst().tableId(), table.getFirst().table(), count, table.size(), out);
            for (ChangedRows changed : table) {
                out.writeRaw(changed.encoded(ChangedRows.Format.BSATN_V1, V1Encoder::encodeRows));
            }
        }
    }

    private static Bytes encodeRows(ChangedRows rows) {
        BsatnWriter out =
                new BsatnWriter(rows.inserts().length() + rows.deletes().length() + 32);
        out.writeByte(UNCOMPRESSED);
        RowLists.write(rows.deletes(), out);
        RowLists.write(rows.inserts(), out);
        return out.toBytes();
    }

    private static void writeStatus(Outcome outcome, BsatnWriter out) {
        switch (outcome) {
            case Outcome.Committed(List<SetChanges> sets) -> {
                out.writeByte(COMMITTED);
                writeChanges(sets, out);
            }
            case Outcome.Rejected(String message) -> out.writeByte(FAILED).writeString(message);
            case Outcome.Failed(String message) -> out.writeByte(FAILED).writeString(message);
        }
    }

    private static void writeCall(Call call, BsatnWriter out) {
        out.writeLong(call.timestampMicros())
                .writeIdentity(call.caller())
                .writeConnectionId(call.connectionId())
                .writeString(call.reducer())
                .writeInt(call.reducerId());
        out.writeByteArray(call.arguments() instanceof Arguments.Bsatn(Bytes bytes) ? bytes : Bytes.EMPTY);
        out.writeInt(call.requestId()).writeLong(0).writeLong(0).writeLong(call.durationMicros());
    }

    private static void writeOneOff(ServerMessage.OneOffResult result, BsatnWriter out) {
        String error = result.error();
        out.writeByte(ONE_OFF_RESPONSE).writeByteArray(result.messageId()).writeByte(error == null ? NONE : SOME);
        if (error != null) {
            out.writeString(error);
        }
        out.writeInt(result.rows().size());
        for (ResultRows rows : result.rows()) {
            out.writeString(rows.table());
            RowLists.write(rows.rows(), out);
        }
        out.writeLong(result.durationMicros());
    }

    private static void writeProcedure(ServerMessage.ProcedureResult result, BsatnWriter out) {
        out.writeByte(PROCEDURE_RESULT);
        switch (result.status()) {
            case Status.Returned returned -> out.writeByte(RETURNED).writeByteArray(returned.value());
            case Status.Failed(String message) ->
                out.writeByte(PROCEDURE_FAILED).writeString(message);
        }
        out.writeLong(result.timestampMicros())
                .writeLong(result.durationMicros())
                .writeInt(result.requestId());
    }
}
