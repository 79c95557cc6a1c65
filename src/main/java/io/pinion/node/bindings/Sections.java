package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.HashMap;
import java.util.Map;

/**
 * The sections of a definition of version 10, the first of each kind, without those of its submodules.
 *
 * @param tableNames name in the database by name in the source
 * @param functionNames the same for functions and views
 */
record Sections(Map<String, JsonNode> sections, Map<String, String> tableNames, Map<String, String> functionNames) {
    static Sections of(JsonNode definition) {
        if (!definition.path("sections").isArray()) {
            throw new BindingsException("the server's answer is no module definition of version 10");
        }
        Sections all = new Sections(new HashMap<>(), new HashMap<>(), new HashMap<>());
        for (JsonNode section : definition.path("sections")) {
            section.properties().forEach(entry -> all.sections.putIfAbsent(entry.getKey(), entry.getValue()));
        }
        for (JsonNode entry : all.get("ExplicitNames").path("entries")) {
            keep(entry.path("Table"), all.tableNames);
            keep(entry.path("Function"), all.functionNames);
        }
        return all;
    }

    private static void keep(JsonNode mapping, Map<String, String> names) {
        if (mapping.isObject()) {
            names.put(sourceName(mapping), mapping.path("canonical_name").asText());
        }
    }

    static String sourceName(JsonNode entity) {
        return entity.path("source_name").asText();
    }

    /** A section's payload; missing if there is none. */
    JsonNode get(String kind) {
        return sections.getOrDefault(kind, MissingNode.getInstance());
    }

    String table(JsonNode table) {
        return tableNames.getOrDefault(sourceName(table), sourceName(table));
    }

    String function(String sourceName) {
        return functionNames.getOrDefault(sourceName, sourceName);
    }
}
