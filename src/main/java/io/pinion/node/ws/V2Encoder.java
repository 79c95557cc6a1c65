package io.pinion.node.ws;

import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.node.ws.ServerMessage.Status;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Server messages of v2 and v3 (websocket.md 4.3). */
final class V2Encoder implements Encoder {
    static final V2Encoder INSTANCE = new V2Encoder();

    private static final int GREETING = 0;
    private static final int SUBSCRIBE_APPLIED = 1;
    private static final int UNSUBSCRIBE_APPLIED = 2;
    private static final int SUBSCRIPTION_ERROR = 3;
    private static final int TRANSACTION_UPDATE = 4;
    private static final int ONE_OFF_RESULT = 5;
    private static final int REDUCER_RESULT = 6;
    private static final int PROCEDURE_RESULT = 7;

    private static final int SOME = 0;
    private static final int NONE = 1;
    private static final int OK = 0;
    private static final int ERR = 1;
    private static final int PERSISTENT_TABLE = 0;
    private static final int EVENT_TABLE = 1;
    private static final int COMMITTED = 0;
    private static final int REJECTED = 2;
    private static final int FAILED = 3;
    private static final int RETURNED = 0;
    private static final int PROCEDURE_FAILED = 1;

    private V2Encoder() {}

    @Override
    public Bytes encode(ServerMessage message) {
        BsatnWriter out = new BsatnWriter();
        switch (message) {
            case ServerMessage.Greeting greeting ->
                out.writeByte(GREETING)
                        .writeIdentity(greeting.identity())
                        .writeConnectionId(greeting.connectionId())
                        .writeString(greeting.token());
            case ServerMessage.SubscribeApplied applied -> {
                out.writeByte(SUBSCRIBE_APPLIED).writeInt(applied.requestId()).writeInt(applied.setId());
                writeRows(applied.rows(), out);
            }
            case ServerMessage.UnsubscribeApplied applied -> {
                out.writeByte(UNSUBSCRIBE_APPLIED).writeInt(applied.requestId()).writeInt(applied.setId());
                writeOptionalRows(applied.rows(), out);
            }
            case ServerMessage.SubscriptionError error -> writeError(error, out);
            case ServerMessage.TransactionUpdate update -> {
                out.writeByte(TRANSACTION_UPDATE);
                writeSets(update.sets(), out);
            }
            case ServerMessage.OneOffResult result -> writeOneOff(result, out);
            case ServerMessage.ReducerResult result -> {
                out.writeByte(REDUCER_RESULT)
                        .writeInt(result.call().requestId())
                        .writeLong(result.call().timestampMicros());
                writeOutcome(result.outcome(), out);
            }
            case ServerMessage.ProcedureResult result -> writeProcedure(result, out);
        }
        return out.toBytes();
    }

    private static void writeOptionalRows(@Nullable List<ResultRows> rows, BsatnWriter out) {
        out.writeByte(rows == null ? NONE : SOME);
        if (rows != null) {
            writeRows(rows, out);
        }
    }

    private static void writeRows(List<ResultRows> tables, BsatnWriter out) {
        out.writeInt(tables.size());
        for (ResultRows table : tables) {
            out.writeString(table.table());
            RowLists.write(table.rows(), out);
        }
    }

    private static void writeError(ServerMessage.SubscriptionError error, BsatnWriter out) {
        Integer requestId = error.requestId();
        Integer setId = error.setId();
        out.writeByte(SUBSCRIPTION_ERROR).writeByte(requestId == null ? NONE : SOME);
        if (requestId != null) {
            out.writeInt(requestId);
        }
        out.writeInt(setId == null ? 0 : setId).writeString(error.error());
    }

    private static void writeSets(List<SetChanges> sets, BsatnWriter out) {
        out.writeInt(sets.size());
        for (SetChanges set : sets) {
            out.writeInt(set.setId());
            writeTables(set.rows(), out);
        }
    }

    private static void writeTables(List<ChangedRows> rows, BsatnWriter out) {
        List<List<ChangedRows>> tables = Tables.group(rows, ChangedRows::table);
        out.writeInt(tables.size());
        for (List<ChangedRows> table : tables) {
            out.writeString(table.getFirst().table()).writeInt(table.size());
            for (ChangedRows changed : table) {
                out.writeRaw(changed.encoded(ChangedRows.Format.BSATN_V2, V2Encoder::encodeRows));
            }
        }
    }

    private static Bytes encodeRows(ChangedRows rows) {
        BsatnWriter out =
                new BsatnWriter(rows.inserts().length() + rows.deletes().length() + 32);
        if (rows.isEvent()) {
            out.writeByte(EVENT_TABLE);
            RowLists.write(rows.inserts(), out);
        } else {
            out.writeByte(PERSISTENT_TABLE);
            RowLists.write(rows.inserts(), out);
            RowLists.write(rows.deletes(), out);
        }
        return out.toBytes();
    }

    private static void writeOneOff(ServerMessage.OneOffResult result, BsatnWriter out) {
        String error = result.error();
        out.writeByte(ONE_OFF_RESULT).writeInt(result.requestId()).writeByte(error == null ? OK : ERR);
        if (error == null) {
            writeRows(result.rows(), out);
        } else {
            out.writeString(error);
        }
    }

    private static void writeOutcome(Outcome outcome, BsatnWriter out) {
        switch (outcome) {
            case Outcome.Committed(List<SetChanges> sets) -> {
                out.writeByte(COMMITTED).writeByteArray(Bytes.EMPTY);
                writeSets(sets, out);
            }
            case Outcome.Rejected(String message) ->
                out.writeByte(REJECTED)
                        .writeByteArray(new BsatnWriter().writeString(message).toBytes());
            case Outcome.Failed(String message) -> out.writeByte(FAILED).writeString(message);
        }
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
