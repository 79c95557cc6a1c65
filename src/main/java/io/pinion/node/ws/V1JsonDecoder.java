package io.pinion.node.ws;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Client messages of v1 in JSON: an object of one key, the kind of message, with an object of fields in any order
 * (websocket.md 5.5). What is read holds about as much memory as the text.
 */
final class V1JsonDecoder {
    /** Of an array in a message. */
    private static final int ELEMENTS_MAX = 65_536;

    private static final int NESTING_MAX = 16;
    private static final long U32_MAX = 0xffff_ffffL;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(NESTING_MAX)
                    // The message is bounded as a whole.
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final String kind;
    private final Map<String, Object> fields;

    private V1JsonDecoder(String kind, Map<String, Object> fields) {
        this.kind = kind;
        this.fields = fields;
    }

    /** @param text UTF-8 */
    static ClientMessage read(byte[] text) throws MalformedMessageException {
        try (JsonParser parser = JSON.createParser(text)) {
            return parse(parser).message();
        } catch (IOException e) {
            throw new MalformedMessageException("the message cannot be decoded: " + firstLine(e));
        }
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static V1JsonDecoder parse(JsonParser parser) throws IOException, MalformedMessageException {
        require(parser.nextToken() == JsonToken.START_OBJECT, "it is no JSON object");
        String kind = parser.nextFieldName();
        require(kind != null, "it is an empty object");
        require(parser.nextToken() == JsonToken.START_OBJECT, kind + " has no object of fields");
        Map<String, Object> fields = new HashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            Object value = value(parser);
            if (value != null) {
                fields.put(name, value);
            }
        }
        require(parser.nextToken() == JsonToken.END_OBJECT, "it has more than one kind");
        require(parser.nextToken() == null, "something follows it");
        return new V1JsonDecoder(String.valueOf(kind), fields);
    }

    private static void require(boolean holds, String problem) throws MalformedMessageException {
        if (!holds) {
            throw new MalformedMessageException("the message cannot be decoded: " + problem);
        }
    }

    /** A text, a number, a list of these, or the number in {@code {"id": 7}}; null for anything else. */
    private static @Nullable Object value(JsonParser parser) throws IOException, MalformedMessageException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case START_ARRAY -> list(parser);
            case START_OBJECT -> id(parser);
            default -> null;
        };
    }

    private static List<Object> list(JsonParser parser) throws IOException, MalformedMessageException {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object element = value(parser);
            require(element instanceof String || element instanceof Long, "a list holds neither texts nor numbers");
            require(list.size() < ELEMENTS_MAX, "a list has more than " + ELEMENTS_MAX + " elements");
            if (element != null) {
                list.add(element);
            }
        }
        return list;
    }

    private static @Nullable Object id(JsonParser parser) throws IOException, MalformedMessageException {
        Object id = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            Object value = value(parser);
            if (name.equals("id")) {
                id = value;
            }
        }
        return id;
    }

    private ClientMessage message() throws MalformedMessageException {
        return switch (kind) {
            case "CallReducer" ->
                new ClientMessage.CallReducer(
                        u32("request_id"),
                        text("reducer"),
                        new Arguments.Json(text("args")),
                        V1Decoder.isQuiet(u32("flags")));
            case "Subscribe" ->
                new ClientMessage.Subscribe(u32("request_id"), 0, SetKind.LEGACY, texts("query_strings"));
            case "OneOffQuery" -> new ClientMessage.OneOffQuery(0, bytes("message_id"), text("query_string"));
            case "SubscribeSingle" ->
                new ClientMessage.Subscribe(u32("request_id"), u32("query_id"), SetKind.SINGLE, List.of(text("query")));
            case "SubscribeMulti" ->
                new ClientMessage.Subscribe(u32("request_id"), u32("query_id"), SetKind.MULTI, texts("query_strings"));
            case "Unsubscribe" ->
                new ClientMessage.Unsubscribe(u32("request_id"), u32("query_id"), SetKind.SINGLE, true);
            case "UnsubscribeMulti" ->
                new ClientMessage.Unsubscribe(u32("request_id"), u32("query_id"), SetKind.MULTI, true);
            case "CallProcedure" -> {
                require(u32("flags") == 0, "a call of a procedure has flags, and none are known");
                yield new ClientMessage.CallProcedure(
                        u32("request_id"), text("procedure"), new Arguments.Json(text("args")));
            }
            default -> throw new MalformedMessageException("the message cannot be decoded: unknown kind " + kind);
        };
    }

    private Object field(String name) throws MalformedMessageException {
        Object value = fields.get(name);
        if (value == null) {
            throw new MalformedMessageException("the message cannot be decoded: " + kind + " lacks " + name);
        }
        return value;
    }

    private String text(String name) throws MalformedMessageException {
        if (field(name) instanceof String text) {
            return text;
        }
        throw wrong(name, "a text");
    }

    private int u32(String name) throws MalformedMessageException {
        if (field(name) instanceof Long number && number >= 0 && number <= U32_MAX) {
            return (int) (long) number;
        }
        throw wrong(name, "an unsigned 32-bit number");
    }

    private List<String> texts(String name) throws MalformedMessageException {
        if (!(field(name) instanceof List<?> list)) {
            throw wrong(name, "a list of texts");
        }
        List<String> texts = new ArrayList<>();
        for (Object element : list) {
            if (!(element instanceof String text)) {
                throw wrong(name, "a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }

    /** Hex text, or a list of numbers. */
    private Bytes bytes(String name) throws MalformedMessageException {
        Object value = field(name);
        try {
            return value instanceof String hex ? Bytes.ofHex(hex) : Bytes.wrap(octets(name, value));
        } catch (IllegalArgumentException _) {
            throw wrong(name, "hex text");
        }
    }

    private byte[] octets(String name, Object value) throws MalformedMessageException {
        if (!(value instanceof List<?> list)) {
            throw wrong(name, "bytes");
        }
        byte[] octets = new byte[list.size()];
        for (int i = 0; i < octets.length; i++) {
            if (!(list.get(i) instanceof Long octet) || octet < 0 || octet > 0xff) {
                throw wrong(name, "bytes");
            }
            octets[i] = (byte) (long) octet;
        }
        return octets;
    }

    private MalformedMessageException wrong(String name, String wanted) {
        return new MalformedMessageException(
                "the message cannot be decoded: " + name + " of " + kind + " has to be " + wanted);
    }
}
