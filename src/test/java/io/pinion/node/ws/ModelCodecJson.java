package io.pinion.node.ws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.node.ws.ModelMessage.Change;
import io.pinion.store.value.BsatnReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** v1 in JSON (websocket.md 5.5). */
final class ModelCodecJson extends ModelCodec {
    private static final ObjectMapper JSON = new ObjectMapper();

    private String own = "";

    @Override
    void send(RawClient socket, byte[] message) {
        socket.sendText(new String(message, StandardCharsets.UTF_8));
    }

    @Override
    byte[] subscribe(int request, int set, List<String> queries) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode ask;
        if (ModelCodecV1.isSingle(set, queries)) {
            ask = root.putObject("SubscribeSingle").put("query", queries.getFirst());
        } else {
            ask = root.putObject("SubscribeMulti");
            queries.forEach(ask.putArray("query_strings")::add);
        }
        ask.put("request_id", request).putObject("query_id").put("id", set);
        return bytes(root);
    }

    @Override
    byte[] unsubscribe(int request, int set, List<String> queries) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject(ModelCodecV1.isSingle(set, queries) ? "Unsubscribe" : "UnsubscribeMulti")
                .put("request_id", request)
                .putObject("query_id")
                .put("id", set);
        return bytes(root);
    }

    @Override
    byte[] ask(int request, String query) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("OneOffQuery").put("message_id", id(request).toHex()).put("query_string", query);
        return bytes(root);
    }

    @Override
    byte[] change(int request, List<Integer> numbers) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("CallReducer")
                .put("reducer", "change")
                .put("args", "[" + numbers + "]")
                .put("request_id", request)
                .put("flags", 0);
        return bytes(root);
    }

    private static byte[] bytes(ObjectNode root) {
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    List<ModelMessage> decode(byte[] payload) throws IOException {
        JsonNode root = JSON.readTree(payload);
        String kind = root.fieldNames().next();
        return List.of(message(kind, root.path(kind)));
    }

    private ModelMessage message(String kind, JsonNode value) throws IOException {
        int request = value.path("request_id").asInt();
        return switch (kind) {
            case "IdentityToken" -> {
                own = value.path("connection_id").toString();
                yield new ModelMessage.Greeting();
            }
            case "SubscribeApplied" ->
                new ModelMessage.Applied(request, table(value.path("rows").path("table_rows")));
            case "SubscribeMultiApplied" -> new ModelMessage.Applied(request, database(value.path("update")));
            case "UnsubscribeApplied" ->
                new ModelMessage.Dropped(request, table(value.path("rows").path("table_rows")));
            case "UnsubscribeMultiApplied" -> new ModelMessage.Dropped(request, database(value.path("update")));
            case "TransactionUpdateLight" -> new ModelMessage.Update(database(value.path("update")));
            case "TransactionUpdate" -> transaction(value);
            case "OneOffQueryResponse" -> answer(value);
            default -> throw new AssertionError("not expected: " + kind + " " + value);
        };
    }

    private ModelMessage transaction(JsonNode value) throws IOException {
        JsonNode committed = value.path("status").path("Committed");
        if (committed.isMissingNode()) {
            throw new AssertionError("a call failed: " + value);
        }
        List<Change> changes = database(committed);
        boolean isOwn = value.path("caller_connection_id").toString().equals(own);
        int request = value.path("reducer_call").path("request_id").asInt();
        return isOwn ? new ModelMessage.Result(request, changes) : new ModelMessage.Update(changes);
    }

    private static ModelMessage answer(JsonNode value) throws IOException {
        if (value.path("error").has("some")) {
            throw new AssertionError(value.path("error").toString());
        }
        List<Change> found = new ArrayList<>();
        for (JsonNode table : value.path("tables")) {
            for (JsonNode row : table.path("rows")) {
                found.add(Change.of(0, table.path("table_name").asText(), keyed(row), 1));
            }
        }
        byte[] id = HexFormat.of().parseHex(value.path("message_id").asText());
        return new ModelMessage.Answer(new BsatnReader(id).readInt(), found);
    }

    private static List<Change> database(JsonNode update) throws IOException {
        List<Change> changes = new ArrayList<>();
        for (JsonNode table : update.path("tables")) {
            changes.addAll(table(table));
        }
        return changes;
    }

    private static List<Change> table(JsonNode table) throws IOException {
        List<Change> changes = new ArrayList<>();
        String name = table.path("table_name").asText();
        for (JsonNode part : table.path("updates")) {
            for (JsonNode row : part.path("deletes")) {
                changes.add(Change.of(0, name, keyed(row), -1));
            }
            for (JsonNode row : part.path("inserts")) {
                changes.add(Change.of(0, name, keyed(row), 1));
            }
        }
        if (table.path("num_rows").asInt() != changes.size()) {
            throw new AssertionError("not as many rows as announced: " + table);
        }
        return changes;
    }

    private static String keyed(JsonNode row) throws IOException {
        return JSON.readTree(row.asText()).toString();
    }
}
