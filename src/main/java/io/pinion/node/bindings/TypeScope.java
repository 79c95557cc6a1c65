package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;

/** The types of one module. Two modules have different scopes, even if they have the same types. */
final class TypeScope {
    private final JsonNode types;
    private final Map<Integer, String> names = new HashMap<>();

    /** @param namespace of a submodule, empty or with a dot at its end */
    TypeScope(Sections sections, String namespace) {
        this.types = sections.get("Typespace").path("types");
        for (JsonNode type : sections.get("Types")) {
            StringBuilder name = new StringBuilder(namespace);
            for (JsonNode scope : type.path("source_name").path("scope")) {
                name.append(scope.asText()).append('.');
            }
            name.append(Sections.sourceName(type.path("source_name")));
            names.putIfAbsent(type.path("ty").asInt(), name.toString());
        }
    }

    JsonNode get(int ref) {
        return types.path(ref);
    }

    /** A type's name with what it lies in, joined by dots; empty if it has none. */
    String name(int ref) {
        return names.getOrDefault(ref, "");
    }

    /** What a chain of references leads to. */
    JsonNode resolve(JsonNode type) {
        JsonNode found = type;
        for (int hops = 0; found.has("Ref") && hops <= types.size(); hops++) {
            found = get(found.path("Ref").asInt());
        }
        return found;
    }
}
