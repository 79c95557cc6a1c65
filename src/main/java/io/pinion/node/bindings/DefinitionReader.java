package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.bindings.Definition.Function;
import io.pinion.node.bindings.Definition.Index;
import io.pinion.node.bindings.Definition.Member;
import io.pinion.node.bindings.Definition.Table;
import io.pinion.node.bindings.Definition.TypeUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads version 10 of a definition, as the schema endpoint gives it. Used once. */
final class DefinitionReader {
    private final boolean withPrivate;
    private final List<Table> tables = new ArrayList<>();
    private final List<Function> reducers = new ArrayList<>();
    private final List<Function> procedures = new ArrayList<>();

    private DefinitionReader(boolean withPrivate) {
        this.withPrivate = withPrivate;
    }

    /**
     * What clients use.
     *
     * @param withPrivate whether private tables, views and functions are wanted too, as for a client of the owner
     */
    static Definition read(JsonNode definition, boolean withPrivate) {
        DefinitionReader reader = new DefinitionReader(withPrivate);
        reader.module(definition, "");
        reader.tables.sort(Comparator.comparing(Table::name));
        reader.reducers.sort(Comparator.comparing(Function::name));
        reader.procedures.sort(Comparator.comparing(Function::name));
        return new Definition(reader.tables, reader.reducers, reader.procedures);
    }

    private void module(JsonNode definition, String namespace) {
        Sections sections = Sections.of(definition);
        TypeScope scope = new TypeScope(sections, namespace);
        for (JsonNode table : sections.get("Tables")) {
            if (withPrivate || table.path("table_access").has("Public")) {
                tables.add(table(table, namespace + sections.table(table), scope));
            }
        }
        for (JsonNode view : sections.get("Views")) {
            if (withPrivate || view.path("is_public").asBoolean()) {
                tables.add(view(view, sections, namespace, scope));
            }
        }
        functions(sections, namespace, scope);
        for (JsonNode submodule : sections.get("Submodules")) {
            module(
                    submodule.path("module"),
                    namespace + submodule.path("namespace").asText() + ".");
        }
    }

    /** Nobody calls lifecycle reducers, not even the owner. */
    private void functions(Sections sections, String namespace, TypeScope scope) {
        Set<String> lifecycle = new HashSet<>();
        sections.get("LifeCycleReducers")
                .forEach(entry -> lifecycle.add(
                        sections.function(entry.path("function_name").asText())));
        for (JsonNode reducer : sections.get("Reducers")) {
            String name = sections.function(Sections.sourceName(reducer));
            if (isWanted(reducer) && !lifecycle.contains(name)) {
                reducers.add(function(reducer, namespace + name, "ok_return_type", scope));
            }
        }
        for (JsonNode procedure : sections.get("Procedures")) {
            if (isWanted(procedure)) {
                String name = sections.function(Sections.sourceName(procedure));
                procedures.add(function(procedure, namespace + name, "return_type", scope));
            }
        }
    }

    private boolean isWanted(JsonNode function) {
        return withPrivate || function.path("visibility").has("ClientCallable");
    }

    private static Function function(JsonNode function, String name, String result, TypeScope scope) {
        List<Member> parameters = Definition.members(function.path("params").path("elements"), scope);
        return new Function(name, parameters, new TypeUse(function.path(result), scope));
    }

    private static Table table(JsonNode table, String name, TypeScope scope) {
        Set<Integer> unique = new HashSet<>();
        for (JsonNode constraint : table.path("constraints")) {
            JsonNode columns = constraint.path("data").path("Unique").path("columns");
            if (columns.size() == 1) {
                unique.add(columns.get(0).asInt());
            }
        }
        JsonNode row = scope.resolve(scope.get(table.path("product_type_ref").asInt()));
        return new Table(
                name,
                columns(row, scope),
                table.path("primary_key").path(0).asInt(-1),
                unique,
                indexes(table),
                table.path("is_event").asBoolean());
    }

    private static List<Member> columns(JsonNode row, TypeScope scope) {
        return Definition.members(row.path("Product").path("elements"), scope);
    }

    /** Those that clients can reach, which are those with an accessor. */
    private static List<Index> indexes(JsonNode table) {
        List<Index> indexes = new ArrayList<>();
        for (JsonNode index : table.path("indexes")) {
            JsonNode accessor = index.path("accessor_name").path("some");
            if (accessor.isTextual()) {
                index.path("algorithm")
                        .properties()
                        .forEach(algorithm -> indexes.add(
                                new Index(accessor.asText(), algorithm.getKey(), positions(algorithm.getValue()))));
            }
        }
        indexes.sort(Comparator.comparing(Index::accessor));
        return indexes;
    }

    /** A list, or one alone as direct indexes have it. */
    private static List<Integer> positions(JsonNode columns) {
        List<Integer> positions = new ArrayList<>();
        if (columns.isArray()) {
            columns.forEach(column -> positions.add(column.asInt()));
        } else {
            positions.add(columns.asInt());
        }
        return positions;
    }

    private static Table view(JsonNode view, Sections sections, String namespace, TypeScope scope) {
        String sourceName = Sections.sourceName(view);
        List<Member> columns = columns(rowOfView(view.path("return_type"), scope), scope);
        int primaryKey = columns.stream().map(Member::name).toList().indexOf(viewKey(sourceName, sections));
        return new Table(namespace + sections.function(sourceName), columns, primaryKey, Set.of(), List.of(), false);
    }

    private static String viewKey(String sourceName, Sections sections) {
        for (JsonNode key : sections.get("ViewPrimaryKeys")) {
            if (key.path("view_source_name").asText().equals(sourceName)) {
                return key.path("columns").path(0).asText();
            }
        }
        return "";
    }

    /** A view gives an array, an option or a query of its rows. */
    private static JsonNode rowOfView(JsonNode returned, TypeScope scope) {
        JsonNode type = scope.resolve(returned);
        for (String path : List.of("/Array", "/Sum/variants/0/algebraic_type", "/Product/elements/0/algebraic_type")) {
            if (!type.at(path).isMissingNode()) {
                return scope.resolve(type.at(path));
            }
        }
        return type;
    }
}
