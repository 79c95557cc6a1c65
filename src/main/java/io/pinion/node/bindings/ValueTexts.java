package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.bindings.Definition.Member;
import io.pinion.node.bindings.Definition.TypeUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The TypeScript types of values, written out for types that contain themselves, as the compiler cannot infer those. */
final class ValueTexts {
    private static final Map<String, String> CLASSES = Map.of(
            "identity", "__Identity",
            "connectionId", "__ConnectionId",
            "timestamp", "__Timestamp",
            "timeDuration", "__TimeDuration",
            "uuid", "__Uuid");

    private final TypeTexts types;

    /** @param types where types with names are */
    ValueTexts(TypeTexts types) {
        this.types = types;
    }

    String of(TypeUse use) {
        JsonNode type = use.type();
        String kind = type.fieldNames().next();
        return switch (kind) {
            case "Ref" ->
                types.nameOf(use)
                        .orElseGet(() ->
                                of(new TypeUse(use.scope().get(type.path(kind).asInt()), use.scope())));
            case "Array" ->
                type.path(kind).has("U8")
                        ? "Uint8Array"
                        : "Array<" + of(new TypeUse(type.path(kind), use.scope())) + ">";
            case "Product" -> product(use);
            case "Sum" -> sum(use);
            case "Bool" -> "boolean";
            case "String" -> "string";
            case "I64", "U64", "I128", "U128", "I256", "U256" -> "bigint";
            default -> "number";
        };
    }

    private String product(TypeUse use) {
        return SpecialShapes.wrapper(use.type())
                .map(builder -> CLASSES.getOrDefault(builder, builder))
                .orElseGet(() -> {
                    List<String> fields = new ArrayList<>();
                    for (Member field : types.fields(use)) {
                        fields.add(SourceText.typeKey(field.name()) + ": " + of(field.type()));
                    }
                    return fields.isEmpty() ? "{}" : "{ " + String.join("; ", fields) + " }";
                });
    }

    private String sum(TypeUse use) {
        if (SpecialShapes.isScheduleAt(use.type())) {
            return "__ScheduleAt";
        }
        if (SpecialShapes.isOption(use.type())) {
            return "(" + of(SpecialShapes.payload(use, 0)) + " | undefined)";
        }
        if (SpecialShapes.isResult(use.type())) {
            return "(" + of(SpecialShapes.payload(use, 0)) + " | " + of(SpecialShapes.payload(use, 1)) + ")";
        }
        List<Member> variants = Definition.members(use.type().path("Sum").path("variants"), use.scope());
        return variants.isEmpty()
                ? "never"
                : variants.stream().map(this::variant).collect(Collectors.joining(" | ", "(", ")"));
    }

    private String variant(Member variant) {
        String tag = "{ tag: " + SourceText.literal(variant.name());
        return SpecialShapes.isUnit(variant.type().type()) ? tag + " }" : tag + "; value: " + of(variant.type()) + " }";
    }
}
