package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Values as people read them, from their JSON and that of their type. */
final class ValueText {
    private static final Set<String> NUMBERS =
            Set.of("I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "I128", "U128", "I256", "U256", "F32", "F64");

    private ValueText() {}

    static boolean isNumber(JsonNode type) {
        return NUMBERS.contains(kind(type));
    }

    /** The one key of a type. */
    private static String kind(JsonNode type) {
        return type.fieldNames().hasNext() ? type.fieldNames().next() : "";
    }

    static String of(JsonNode type, JsonNode value) {
        String kind = kind(type);
        return switch (kind) {
            case "Product" -> product(type.path(kind).path("elements"), value);
            case "Sum" -> sum(type.path(kind).path("variants"), value);
            case "Array" -> array(type.path(kind), value);
            case "String" -> text(value.asText());
            case "I256", "U256" -> value.asText();
            default -> value.toString();
        };
    }

    /** On one line. */
    private static String text(String text) {
        return text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }

    private static String product(JsonNode elements, JsonNode value) {
        if (elements.size() == 1) {
            JsonNode only = value.path(0);
            switch (name(elements.get(0))) {
                case "__identity__" -> {
                    return hex(only.asText(), 64);
                }
                case "__connection_id__" -> {
                    return hex("0x" + only.bigIntegerValue().toString(16), 32);
                }
                case "__uuid__" -> {
                    return uuid(hex("0x" + only.bigIntegerValue().toString(16), 32));
                }
                case "__timestamp_micros_since_unix_epoch__" -> {
                    return Instant.EPOCH.plus(only.asLong(), ChronoUnit.MICROS).toString();
                }
                case "__time_duration_micros__" -> {
                    return Duration.of(only.asLong(), ChronoUnit.MICROS).toString();
                }
                default -> {}
            }
        }
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            fields.add(name(elements.get(i)) + ": " + of(elements.get(i).path("algebraic_type"), value.path(i)));
        }
        return "{" + String.join(", ", fields) + "}";
    }

    private static String sum(JsonNode variants, JsonNode value) {
        JsonNode variant = variants.path(value.path(0).asInt());
        String name = name(variant);
        if (name.equals("some") && variants.size() == 2) {
            return of(variant.path("algebraic_type"), value.path(1));
        }
        JsonNode payload = variant.path("algebraic_type");
        boolean isUnit = payload.has("Product")
                && payload.path("Product").path("elements").isEmpty();
        return isUnit ? name : name + "(" + of(payload, value.path(1)) + ")";
    }

    private static String array(JsonNode elementType, JsonNode value) {
        if (kind(elementType).equals("U8") && value.isTextual()) {
            return "0x" + value.asText();
        }
        List<String> elements = new ArrayList<>();
        value.forEach(element -> elements.add(of(elementType, element)));
        return "[" + String.join(", ", elements) + "]";
    }

    private static String name(JsonNode element) {
        return element.path("name").path("some").asText("?");
    }

    private static String hex(String number, int digits) {
        String text = new BigInteger(number.substring(2), 16).toString(16);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }

    private static String uuid(String hex) {
        return hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
    }
}
