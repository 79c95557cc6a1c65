package io.pinion.node.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments as users type them, made into the JSON array that the server reads: JSON is taken as it is; where a string is
 * wanted, or where something is no JSON, the text itself is the string.
 */
final class FunctionArguments {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private FunctionArguments() {}

    /** @param parameters {@code elements} of the function's parameters, missing where they are not known */
    static String json(JsonNode parameters, List<String> arguments) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            values.add(value(parameters.path(i).path("algebraic_type"), arguments.get(i)));
        }
        return "[" + String.join(",", values) + "]";
    }

    private static String value(JsonNode type, String argument) {
        if (type.has("String")) {
            return isJsonText(argument) ? argument : TextNode.valueOf(argument).toString();
        }
        if (isIdentity(type) && Identity.isIdentity(argument)) {
            return "[\"0x" + Identity.parse(argument).toHex() + "\"]";
        }
        return isJson(argument) ? argument : TextNode.valueOf(argument).toString();
    }

    private static boolean isIdentity(JsonNode type) {
        JsonNode elements = type.path("Product").path("elements");
        return elements.size() == 1
                && elements.get(0).path("name").path("some").asText().equals("__identity__");
    }

    private static boolean isJsonText(String argument) {
        return argument.startsWith("\"") && isJson(argument);
    }

    private static boolean isJson(String argument) {
        try {
            return !argument.isBlank() && !JSON.readTree(argument).isMissingNode();
        } catch (JsonProcessingException _) {
            return false;
        }
    }
}
