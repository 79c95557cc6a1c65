package io.pinion.node.ws;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.node.ws.ServerMessage.Call;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.node.ws.ServerMessage.Status;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Server messages of v1 as JSON text (websocket.md 5.5); a row is the JSON text of an object keyed by column. */
final class V1JsonEncoder implements Encoder {
    static final V1JsonEncoder INSTANCE = new V1JsonEncoder();

    private static final long U32_MASK = 0xffff_ffffL;

    private V1JsonEncoder() {}

    @Override
    public Bytes encode(ServerMessage message) {
        return Bytes.ofUtf8(text(json -> {
            json.writeStartObject();
            switch (message) {
                case ServerMessage.Greeting greeting -> writeGreeting(greeting, json);
                case ServerMessage.SubscribeApplied applied -> writeApplied(applied, json);
                case ServerMessage.UnsubscribeApplied applied -> writeDropped(applied, json);
                case ServerMessage.SubscriptionError error -> writeError(error, json);
                case ServerMessage.TransactionUpdate update -> writeUpdate(update, json);
                case ServerMessage.OneOffResult result -> writeOneOff(result, json);
                case ServerMessage.ReducerResult result -> writeResult(result, json);
                case ServerMessage.ProcedureResult result -> writeProcedure(result, json);
            }
            json.writeEndObject();
        }));
    }

    private interface Part {
        void write(JsonGenerator json) throws IOException;
    }

    private static String text(Part part) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = SatsJson.generator(text)) {
            part.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static void writeGreeting(ServerMessage.Greeting greeting, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("IdentityToken");
        writeNested("identity", "__identity__", "0x" + greeting.identity().toHex(), json);
        json.writeStringField("token", greeting.token());
        json.writeObjectFieldStart("connection_id");
        json.writeFieldName("__connection_id__");
        json.writeNumber(greeting.connectionId().toBigInteger());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void writeApplied(ServerMessage.SubscribeApplied applied, JsonGenerator json) throws IOException {
        if (applied.kind() == SetKind.LEGACY) {
            json.writeObjectFieldStart("InitialSubscription");
            json.writeFieldName("database_update");
            writeResultTables(applied.rows(), true, json);
            json.writeNumberField("request_id", applied.requestId() & U32_MASK);
            writeDuration("total_host_execution_duration", applied.durationMicros(), json);
            json.writeEndObject();
        } else {
            boolean isSingle = applied.kind() == SetKind.SINGLE;
            json.writeObjectFieldStart(isSingle ? "SubscribeApplied" : "SubscribeMultiApplied");
            writeSetHead(applied.requestId(), applied.durationMicros(), applied.setId(), json);
            writeSetRows(isSingle, applied.rows(), true, json);
            json.writeEndObject();
        }
    }

    private static void writeDropped(ServerMessage.UnsubscribeApplied applied, JsonGenerator json) throws IOException {
        boolean isSingle = applied.kind() == SetKind.SINGLE;
        List<ResultRows> rows = applied.rows();
        json.writeObjectFieldStart(isSingle ? "UnsubscribeApplied" : "UnsubscribeMultiApplied");
        writeSetHead(applied.requestId(), applied.durationMicros(), applied.setId(), json);
        writeSetRows(isSingle, rows == null ? List.of() : rows, false, json);
        json.writeEndObject();
    }

    private static void writeSetHead(int requestId, long durationMicros, int setId, JsonGenerator json)
            throws IOException {
        json.writeNumberField("request_id", requestId & U32_MASK);
        json.writeNumberField("total_host_execution_duration_micros", durationMicros);
        json.writeObjectFieldStart("query_id");
        json.writeNumberField("id", setId & U32_MASK);
        json.writeEndObject();
    }

    private static void writeSetRows(boolean isSingle, List<ResultRows> rows, boolean areInserts, JsonGenerator json)
            throws IOException {
        if (!isSingle) {
            json.writeFieldName("update");
            writeResultTables(rows, areInserts, json);
            return;
        }
        json.writeObjectFieldStart("rows");
        json.writeNumberField("table_id", rows.isEmpty() ? 0 : rows.getFirst().tableId());
        json.writeStringField(
                "table_name", rows.isEmpty() ? "" : rows.getFirst().table());
        json.writeFieldName("table_rows");
        writeResultTable(rows, areInserts, json);
        json.writeEndObject();
    }

    private static void writeResultTables(List<ResultRows> rows, boolean areInserts, JsonGenerator json)
            throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("tables");
        for (List<ResultRows> table : Tables.group(rows, ResultRows::table)) {
            writeResultTable(table, areInserts, json);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeResultTable(List<ResultRows> table, boolean areInserts, JsonGenerator json)
            throws IOException {
        long count = table.stream().mapToLong(rows -> rows.rows().count()).sum();
        int tableId = table.isEmpty() ? 0 : table.getFirst().tableId();
        writeTableHead(tableId, table.isEmpty() ? "" : table.getFirst().table(), count, json);
        for (ResultRows rows : table) {
            RowList none = new RowList(0, 0);
            writeQueryUpdate(rows.rowType(), areInserts ? none : rows.rows(), areInserts ? rows.rows() : none, json);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** Leaves the list of updates open. */
    private static void writeTableHead(int tableId, String table, long rows, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("table_id", tableId & U32_MASK);
        json.writeStringField("table_name", table);
        json.writeNumberField("num_rows", rows);
        json.writeArrayFieldStart("updates");
    }

    private static void writeQueryUpdate(Product rowType, RowList deletes, RowList inserts, JsonGenerator json)
            throws IOException {
        json.writeStartObject();
        writeRows("deletes", rowType, deletes, json);
        writeRows("inserts", rowType, inserts, json);
        json.writeEndObject();
    }

    private static void writeRows(String field, Product rowType, RowList rows, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(field);
        for (int row = 0; row < rows.count(); row++) {
            BsatnReader value = new BsatnReader(rows.unsafeArray(), rows.start(row), rows.end(row) - rows.start(row));
            json.writeString(text(out -> SatsJson.write(out, Spelling.ROW, Typespace.EMPTY, rowType, value)));
        }
        json.writeEndArray();
    }

    private static void writeError(ServerMessage.SubscriptionError error, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("SubscriptionError");
        json.writeNumberField("total_host_execution_duration_micros", error.durationMicros());
        writeOption("request_id", error.requestId(), json);
        writeOption("query_id", error.setId(), json);
        writeOption("table_id", null, json);
        json.writeStringField("error", error.error());
        json.writeEndObject();
    }

    private static void writeOption(String field, @Nullable Integer value, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(field);
        if (value == null) {
            json.writeArrayFieldStart("none");
            json.writeEndArray();
        } else {
            json.writeNumberField("some", value & U32_MASK);
        }
        json.writeEndObject();
    }

    private static void writeUpdate(ServerMessage.TransactionUpdate update, JsonGenerator json) throws IOException {
        if (update.isLight()) {
            json.writeObjectFieldStart("TransactionUpdateLight");
            json.writeNumberField("request_id", update.call().requestId() & U32_MASK);
            json.writeFieldName("update");
            writeChanges(update.sets(), json);
            json.writeEndObject();
        } else {
            writeFull(update.call(), new Outcome.Committed(update.sets()), json);
        }
    }

    private static void writeResult(ServerMessage.ReducerResult result, JsonGenerator json) throws IOException {
        writeFull(result.call(), result.outcome(), json);
    }

    private static void writeFull(Call call, Outcome outcome, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("TransactionUpdate");
        json.writeObjectFieldStart("status");
        switch (outcome) {
            case Outcome.Committed(List<SetChanges> sets) -> {
                json.writeFieldName("Committed");
                writeChanges(sets, json);
            }
            case Outcome.Rejected(String message) -> json.writeStringField("Failed", message);
            case Outcome.Failed(String message) -> json.writeStringField("Failed", message);
        }
        json.writeEndObject();
        writeCall(call, json);
        json.writeEndObject();
    }

    private static void writeChanges(List<SetChanges> sets, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("tables");
        List<ChangedRows> all =
                sets.stream().flatMap(set -> set.rows().stream()).toList();
        for (List<ChangedRows> table : Tables.group(all, ChangedRows::table)) {
            long count = table.stream()
                    .mapToLong(rows ->
                            (long) rows.inserts().count() + rows.deletes().count())
                    .sum();
            writeTableHead(table.getFirst().tableId(), table.getFirst().table(), count, json);
            for (ChangedRows changed : table) {
                json.writeRawValue(changed.encoded(ChangedRows.Format.JSON_V1, V1JsonEncoder::encodeRows)
                        .toUtf8());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static Bytes encodeRows(ChangedRows rows) {
        return Bytes.ofUtf8(text(json -> writeQueryUpdate(rows.rowType(), rows.deletes(), rows.inserts(), json)));
    }

    private static void writeCall(Call call, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("timestamp");
        json.writeNumberField("__timestamp_micros_since_unix_epoch__", call.timestampMicros());
        json.writeEndObject();
        writeNested("caller_identity", "__identity__", "0x" + call.caller().toHex(), json);
        json.writeObjectFieldStart("caller_connection_id");
        json.writeFieldName("__connection_id__");
        json.writeNumber(call.connectionId().toBigInteger());
        json.writeEndObject();
        json.writeObjectFieldStart("reducer_call");
        json.writeStringField("reducer_name", call.reducer());
        json.writeNumberField("reducer_id", call.reducerId() & U32_MASK);
        json.writeStringField("args", call.arguments() instanceof Arguments.Json(String args) ? args : "");
        json.writeNumberField("request_id", call.requestId() & U32_MASK);
        json.writeEndObject();
        json.writeObjectFieldStart("energy_quanta_used");
        json.writeNumberField("quanta", 0);
        json.writeEndObject();
        writeDuration("total_host_execution_duration", call.durationMicros(), json);
    }

    private static void writeOneOff(ServerMessage.OneOffResult result, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("OneOffQueryResponse");
        json.writeStringField("message_id", result.messageId().toHex());
        json.writeObjectFieldStart("error");
        String error = result.error();
        if (error == null) {
            json.writeArrayFieldStart("none");
            json.writeEndArray();
        } else {
            json.writeStringField("some", error);
        }
        json.writeEndObject();
        json.writeArrayFieldStart("tables");
        for (ResultRows rows : result.rows()) {
            json.writeStartObject();
            json.writeStringField("table_name", rows.table());
            writeRows("rows", rows.rowType(), rows.rows(), json);
            json.writeEndObject();
        }
        json.writeEndArray();
        writeDuration("total_host_execution_duration", result.durationMicros(), json);
        json.writeEndObject();
    }

    private static void writeProcedure(ServerMessage.ProcedureResult result, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("ProcedureResult");
        json.writeObjectFieldStart("status");
        switch (result.status()) {
            case Status.Returned(Bytes type, Bytes value) -> {
                AlgebraicType returnType = TypeCodec.read(new BsatnReader(type));
                json.writeStringField(
                        "Returned", SatsJson.toJson(Spelling.POSITIONAL, Typespace.EMPTY, returnType, value));
            }
            case Status.Failed(String message) -> json.writeStringField("InternalError", message);
        }
        json.writeEndObject();
        json.writeObjectFieldStart("timestamp");
        json.writeNumberField("__timestamp_micros_since_unix_epoch__", result.timestampMicros());
        json.writeEndObject();
        writeDuration("total_host_execution_duration", result.durationMicros(), json);
        json.writeNumberField("request_id", result.requestId() & U32_MASK);
        json.writeEndObject();
    }

    private static void writeNested(String field, String key, String value, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeStringField(key, value);
        json.writeEndObject();
    }

    private static void writeDuration(String field, long micros, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeNumberField("__time_duration_micros__", micros);
        json.writeEndObject();
    }
}
