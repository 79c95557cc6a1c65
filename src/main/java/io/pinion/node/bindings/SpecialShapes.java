package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.bindings.Definition.TypeUse;
import java.util.Map;
import java.util.Optional;

/** Types that clients have classes of their own for; they are known by the names in them. */
final class SpecialShapes {
    /** The builder of the client library for each product of the one field. */
    private static final Map<String, String> WRAPPERS = Map.of(
            "__identity__", "identity",
            "__connection_id__", "connectionId",
            "__timestamp_micros_since_unix_epoch__", "timestamp",
            "__time_duration_micros__", "timeDuration",
            "__uuid__", "uuid");

    private SpecialShapes() {}

    static Optional<String> wrapper(JsonNode type) {
        JsonNode elements = type.path("Product").path("elements");
        return elements.size() == 1
                ? Optional.ofNullable(
                        WRAPPERS.get(elements.get(0).path("name").path("some").asText()))
                : Optional.empty();
    }

    static boolean isUnit(JsonNode type) {
        return type.has("Product") && type.path("Product").path("elements").isEmpty();
    }

    static boolean isOption(JsonNode type) {
        return hasTwoVariants(type, "some", "none") && isUnit(payload(type, 1));
    }

    static boolean isResult(JsonNode type) {
        return hasTwoVariants(type, "ok", "err");
    }

    static boolean isScheduleAt(JsonNode type) {
        return hasTwoVariants(type, "Interval", "Time");
    }

    static boolean isSpecial(JsonNode type) {
        return wrapper(type).isPresent() || isOption(type) || isResult(type) || isScheduleAt(type);
    }

    /** A sum that is no special one. */
    static boolean isEnum(JsonNode type) {
        return type.has("Sum") && !isSpecial(type);
    }

    static TypeUse payload(TypeUse sum, int tag) {
        return new TypeUse(payload(sum.type(), tag), sum.scope());
    }

    private static JsonNode payload(JsonNode sum, int tag) {
        return variant(sum, tag).path("algebraic_type");
    }

    private static boolean hasTwoVariants(JsonNode type, String first, String second) {
        return type.path("Sum").path("variants").size() == 2
                && variant(type, 0).path("name").path("some").asText().equals(first)
                && variant(type, 1).path("name").path("some").asText().equals(second);
    }

    private static JsonNode variant(JsonNode sum, int tag) {
        return sum.path("Sum").path("variants").path(tag);
    }
}
