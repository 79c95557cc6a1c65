package io.pinion.node.ws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.node.ws.ServerMessage.Call;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.node.ws.ServerMessage.Status;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The message vectors, and what they mean in this code. */
final class WsVectors {
    private static final JsonNode ROOT = read();
    private static final Product NO_TYPE = new Product(List.of());

    private WsVectors() {}

    private static JsonNode read() {
        try (InputStream in = WsVectors.class.getResourceAsStream("/vectors/ws.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<JsonNode> section(String name) {
        return ROOT.path(name).valueStream();
    }

    static byte[] bytes(JsonNode vector) {
        return Bytes.ofHex(vector.path("hex").asText()).toArray();
    }

    /** The bytes of the messages with these ids, back to back. */
    static byte[] bytesOf(JsonNode ids) {
        StringBuilder hex = new StringBuilder();
        ids.forEach(id -> hex.append(section("v2_messages")
                .filter(vector -> vector.path("id").equals(id))
                .findFirst()
                .orElseThrow()
                .path("hex")
                .asText()));
        return Bytes.ofHex(hex.toString()).toArray();
    }

    static ClientMessage clientMessage(JsonNode vector) {
        String kind = vector.path("message").asText();
        JsonNode value = vector.path("value").path(kind);
        int requestId = u32(value.path("request_id"));
        int setId = u32(
                value.has("query_set_id")
                        ? value.path("query_set_id").path("id")
                        : value.path("query_id").path("id"));
        boolean isV1 = vector.path("protocol").asText().startsWith("v1");
        return switch (kind) {
            case "Subscribe" ->
                new ClientMessage.Subscribe(
                        requestId, setId, isV1 ? SetKind.LEGACY : SetKind.SET, texts(value.path("query_strings")));
            case "SubscribeSingle" ->
                new ClientMessage.Subscribe(
                        requestId,
                        setId,
                        SetKind.SINGLE,
                        List.of(value.path("query").asText()));
            case "SubscribeMulti" ->
                new ClientMessage.Subscribe(requestId, setId, SetKind.MULTI, texts(value.path("query_strings")));
            case "Unsubscribe" ->
                isV1
                        ? new ClientMessage.Unsubscribe(requestId, setId, SetKind.SINGLE, true)
                        : new ClientMessage.Unsubscribe(
                                requestId,
                                setId,
                                SetKind.SET,
                                value.path("flags").has("SendDroppedRows"));
            case "UnsubscribeMulti" -> new ClientMessage.Unsubscribe(requestId, setId, SetKind.MULTI, true);
            case "OneOffQuery" ->
                new ClientMessage.OneOffQuery(
                        requestId,
                        isV1 ? hex(value.path("message_id")) : Bytes.EMPTY,
                        value.path("query_string").asText());
            case "CallReducer" ->
                new ClientMessage.CallReducer(
                        requestId,
                        value.path("reducer").asText(),
                        new Arguments.Bsatn(hex(value.path("args"))),
                        value.path("flags").asInt() == 1);
            case "CallProcedure" ->
                new ClientMessage.CallProcedure(
                        requestId, value.path("procedure").asText(), new Arguments.Bsatn(hex(value.path("args"))));
            default -> throw new AssertionError("a vector of a kind that no test knows: " + kind);
        };
    }

    static ServerMessage v2ServerMessage(JsonNode vector) {
        String kind = vector.path("message").asText();
        JsonNode value = vector.path("value").path(kind);
        int requestId = u32(value.path("request_id"));
        int setId = u32(value.path("query_set_id").path("id"));
        return switch (kind) {
            case "InitialConnection" -> greeting(value);
            case "SubscribeApplied" ->
                new ServerMessage.SubscribeApplied(requestId, setId, SetKind.SET, rows(value.path("rows")), 0);
            case "UnsubscribeApplied" ->
                new ServerMessage.UnsubscribeApplied(
                        requestId,
                        setId,
                        SetKind.SET,
                        value.path("rows").isNull() ? null : rows(value.path("rows")),
                        0);
            case "SubscriptionError" ->
                new ServerMessage.SubscriptionError(
                        value.path("request_id").isNull() ? null : requestId,
                        setId,
                        value.path("error").asText(),
                        0);
            case "TransactionUpdate" -> new ServerMessage.TransactionUpdate(call(0, 0), true, sets(value));
            case "OneOffQueryResult" -> {
                JsonNode result = value.path("result");
                yield result.has("ok")
                        ? new ServerMessage.OneOffResult(requestId, Bytes.EMPTY, null, rows(result.path("ok")), 0)
                        : new ServerMessage.OneOffResult(
                                requestId, Bytes.EMPTY, result.path("err").asText(), List.of(), 0);
            }
            case "ReducerResult" ->
                new ServerMessage.ReducerResult(
                        call(requestId, micros(value.path("timestamp"))), v2Outcome(value.path("result")));
            case "ProcedureResult" -> procedure(value, requestId);
            default -> throw new AssertionError("a vector of a kind that no test knows: " + kind);
        };
    }

    private static Outcome v2Outcome(JsonNode result) {
        if (result.has("Ok")) {
            return new Outcome.Committed(sets(result.path("Ok").path("transaction_update")));
        }
        if (result.has("Err")) {
            byte[] text = hex(result.path("Err")).toArray();
            return new Outcome.Rejected(new BsatnReader(text).readString());
        }
        return new Outcome.Failed(result.path("InternalError").asText());
    }

    static ServerMessage v1ServerMessage(JsonNode vector) {
        String kind = vector.path("message").asText();
        JsonNode value = vector.path("value").path(kind);
        int requestId = u32(value.path("request_id"));
        int setId = u32(value.path("query_id").path("id"));
        long duration = value.has("total_host_execution_duration")
                ? micros(value.path("total_host_execution_duration"))
                : value.path("total_host_execution_duration_micros").asLong();
        return switch (kind) {
            case "IdentityToken" -> greeting(value);
            case "InitialSubscription" ->
                new ServerMessage.SubscribeApplied(
                        requestId,
                        0,
                        SetKind.LEGACY,
                        v1Rows(value.path("database_update").path("tables"), "inserts"),
                        duration);
            case "SubscribeApplied" ->
                new ServerMessage.SubscribeApplied(
                        requestId,
                        setId,
                        SetKind.SINGLE,
                        v1Table(value.path("rows").path("table_rows"), "inserts"),
                        duration);
            case "UnsubscribeApplied" ->
                new ServerMessage.UnsubscribeApplied(
                        requestId,
                        setId,
                        SetKind.SINGLE,
                        v1Table(value.path("rows").path("table_rows"), "deletes"),
                        duration);
            case "SubscribeMultiApplied" ->
                new ServerMessage.SubscribeApplied(
                        requestId,
                        setId,
                        SetKind.MULTI,
                        v1Rows(value.path("update").path("tables"), "inserts"),
                        duration);
            case "UnsubscribeMultiApplied" ->
                new ServerMessage.UnsubscribeApplied(
                        requestId,
                        setId,
                        SetKind.MULTI,
                        v1Rows(value.path("update").path("tables"), "deletes"),
                        duration);
            case "SubscriptionError" ->
                new ServerMessage.SubscriptionError(
                        value.path("request_id").isNull() ? null : requestId,
                        value.path("query_id").isNull() ? null : u32(value.path("query_id")),
                        value.path("error").asText(),
                        duration);
            case "TransactionUpdate" -> {
                Outcome outcome = value.path("status").has("Committed")
                        ? new Outcome.Committed(v1Sets(value.path("status").path("Committed")))
                        : new Outcome.Rejected(
                                value.path("status").path("Failed").asText());
                yield new ServerMessage.ReducerResult(v1Call(value, duration), outcome);
            }
            case "TransactionUpdateLight" ->
                new ServerMessage.TransactionUpdate(call(requestId, 0), true, v1Sets(value.path("update")));
            case "OneOffQueryResponse" ->
                new ServerMessage.OneOffResult(
                        0,
                        hex(value.path("message_id")),
                        value.path("error").isNull()
                                ? null
                                : value.path("error").asText(),
                        rows(value, "table_name"),
                        duration);
            case "ProcedureResult" -> procedure(value, requestId);
            default -> throw new AssertionError("a vector of a kind that no test knows: " + kind);
        };
    }

    private static ServerMessage greeting(JsonNode value) {
        return new ServerMessage.Greeting(
                identity(value.path("identity")),
                connectionId(value.path("connection_id")),
                value.path("token").asText());
    }

    private static ServerMessage procedure(JsonNode value, int requestId) {
        JsonNode status = value.path("status");
        return new ServerMessage.ProcedureResult(
                requestId,
                status.has("Returned")
                        ? new Status.Returned(Bytes.EMPTY, hex(status.path("Returned")))
                        : new Status.Failed(status.path("InternalError").asText()),
                micros(value.path("timestamp")),
                micros(value.path("total_host_execution_duration")));
    }

    private static Call call(int requestId, long timestampMicros) {
        return new Call(
                new Identity(0, 0, 0, 0),
                ConnectionId.NONE,
                "",
                0,
                new Arguments.Bsatn(Bytes.EMPTY),
                requestId,
                timestampMicros,
                0);
    }

    private static Call v1Call(JsonNode value, long duration) {
        JsonNode reducer = value.path("reducer_call");
        return new Call(
                identity(value.path("caller_identity")),
                connectionId(value.path("caller_connection_id")),
                reducer.path("reducer_name").asText(),
                reducer.path("reducer_id").asInt(),
                new Arguments.Bsatn(hex(reducer.path("args"))),
                u32(reducer.path("request_id")),
                micros(value.path("timestamp")),
                duration);
    }

    private static List<SetChanges> sets(JsonNode update) {
        List<SetChanges> sets = new ArrayList<>();
        for (JsonNode set : update.path("query_sets")) {
            List<ChangedRows> rows = new ArrayList<>();
            for (JsonNode table : set.path("tables")) {
                String name = table.path("table_name").asText();
                for (JsonNode part : table.path("rows")) {
                    rows.add(changed(0, name, part));
                }
            }
            sets.add(new SetChanges(u32(set.path("query_set_id").path("id")), rows));
        }
        return sets;
    }

    private static ChangedRows changed(int tableId, String table, JsonNode part) {
        if (part.has("EventTable")) {
            return new ChangedRows(
                    tableId, table, NO_TYPE, true, list(part.path("EventTable").path("events")), new RowList());
        }
        JsonNode rows = part.has("PersistentTable") ? part.path("PersistentTable") : part.path("Uncompressed");
        return new ChangedRows(tableId, table, NO_TYPE, false, list(rows.path("inserts")), list(rows.path("deletes")));
    }

    private static List<SetChanges> v1Sets(JsonNode update) {
        List<ChangedRows> rows = new ArrayList<>();
        for (JsonNode table : update.path("tables")) {
            for (JsonNode part : table.path("updates")) {
                rows.add(changed(
                        table.path("table_id").asInt(), table.path("table_name").asText(), part));
            }
        }
        return rows.isEmpty() ? List.of() : List.of(new SetChanges(0, rows));
    }

    private static List<ResultRows> v1Rows(JsonNode tables, String side) {
        return tables.valueStream()
                .flatMap(table -> v1Table(table, side).stream())
                .toList();
    }

    private static List<ResultRows> v1Table(JsonNode table, String side) {
        return table.path("updates")
                .valueStream()
                .map(update -> new ResultRows(
                        table.path("table_id").asInt(),
                        table.path("table_name").asText(),
                        NO_TYPE,
                        list(update.path("Uncompressed").path(side))))
                .toList();
    }

    private static List<ResultRows> rows(JsonNode rows) {
        return rows(rows, "table");
    }

    private static List<ResultRows> rows(JsonNode rows, String name) {
        return rows.path("tables")
                .valueStream()
                .map(table -> new ResultRows(0, table.path(name).asText(), NO_TYPE, list(table.path("rows"))))
                .toList();
    }

    private static RowList list(JsonNode rows) {
        byte[] data = hex(rows.path("rows_data")).toArray();
        RowList list = new RowList();
        JsonNode offsets = rows.path("size_hint").path("RowOffsets");
        if (offsets.isMissingNode()) {
            int size = rows.path("size_hint").path("FixedSize").asInt();
            for (int at = 0; at < data.length; at += size) {
                list.row(data, at, size);
            }
            return list;
        }
        for (int row = 0; row < offsets.size(); row++) {
            int start = offsets.get(row).asInt();
            int end = row + 1 < offsets.size() ? offsets.get(row + 1).asInt() : data.length;
            list.row(data, start, end - start);
        }
        return list;
    }

    private static int u32(JsonNode number) {
        return (int) number.asLong();
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }

    private static Bytes hex(JsonNode text) {
        return Bytes.ofHex(text.asText().replaceFirst("^hex:", ""));
    }

    private static Identity identity(JsonNode text) {
        return Identity.parse(text.asText().replaceFirst("^identity:", ""));
    }

    private static ConnectionId connectionId(JsonNode text) {
        return ConnectionId.parse(text.asText().replaceFirst("^connection_id:", ""));
    }

    private static long micros(JsonNode text) {
        return Long.parseLong(text.asText().replaceFirst("^[a-z_]+:", ""));
    }
}
