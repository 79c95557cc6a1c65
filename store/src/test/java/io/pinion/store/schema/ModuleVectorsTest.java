package io.pinion.store.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Modules as the published SDK describes them, against the names, visibilities and ids they must get. */
class ModuleVectorsTest {
    static final List<String> MODULES = Vectors.MODULES;

    @ParameterizedTest
    @FieldSource("MODULES")
    void aRecordedModuleGetsItsCanonicalNames(String name) throws InvalidModuleDefException {
        JsonNode expected = Vectors.json("moduledef/" + name + ".canonical.json");

        ValidModule module = ModuleDefValidator.tree(Vectors.module(name));

        assertModule(expected, module);
    }

    private static void assertModule(JsonNode expected, ValidModule module) {
        assertEquals(describe(expected.get("tables"), ModuleVectorsTest::table), describeTables(module));
        assertEquals(
                describe(
                        expected.get("reducers"),
                        node -> function(node) + " " + node.path("lifecycle").asText("-")),
                module.reducers().stream().map(ModuleVectorsTest::reducer).toList());
        assertEquals(
                describe(expected.get("procedures"), ModuleVectorsTest::function),
                module.procedures().stream()
                        .map(procedure -> function(
                                procedure.id(), procedure.sourceName(), procedure.name(), procedure.visibility()))
                        .toList());
        assertEquals(
                describe(expected.get("views"), ModuleVectorsTest::view),
                module.views().stream().map(ModuleVectorsTest::view).toList());
        assertEquals(
                describe(
                        expected.get("http_handlers"),
                        node -> node.get("id") + " " + text(node, "source_name") + " " + text(node, "canonical_name")),
                module.httpHandlers().stream()
                        .map(handler -> handler.id() + " " + handler.sourceName() + " " + handler.name())
                        .toList());
        assertEquals(
                describe(expected.get("types"), node -> node.get("ref") + " " + text(node, "canonical_name")),
                module.types().stream()
                        .map(type -> type.ref() + " " + type.name())
                        .toList());
        assertEnumVariants(expected.get("enum_variants"), module);
        List<JsonNode> submodules = nodes(expected.path("submodules"));
        assertEquals(submodules.size(), module.submodules().size());
        for (int i = 0; i < submodules.size(); i++) {
            assertEquals(
                    text(submodules.get(i), "namespace"),
                    module.submodules().get(i).namespace());
            assertModule(submodules.get(i), module.submodules().get(i).module());
        }
    }

    private static String table(JsonNode node) {
        return String.join(
                " | ",
                text(node, "source_name"),
                text(node, "canonical_name"),
                text(node, "access"),
                node.get("is_event").asText(),
                describe(
                                node.get("columns"),
                                column -> text(column, "source_name") + " " + text(column, "canonical_name"))
                        .toString(),
                describe(
                                node.get("indexes"),
                                index -> text(index, "source_name") + " " + text(index, "accessor_name") + " "
                                        + text(index, "canonical_name"))
                        .toString(),
                describe(
                                node.get("constraints"),
                                constraint -> text(constraint, "canonical_name") + " " + constraint.get("columns"))
                        .toString(),
                describe(
                                node.get("sequences"),
                                sequence -> text(sequence, "canonical_name") + " " + sequence.get("column"))
                        .toString(),
                Optional.ofNullable(node.get("schedule"))
                        .map(schedule -> text(schedule, "canonical_name") + " " + text(schedule, "function") + " "
                                + schedule.get("at_column"))
                        .orElse("-"));
    }

    private static List<String> describeTables(ValidModule module) {
        return module.tables().stream().map(table -> table(table.def())).toList();
    }

    private static String table(TableDef table) {
        return String.join(
                " | ",
                table.sourceName(),
                table.name(),
                table.access() == TableAccess.PUBLIC ? "Public" : "Private",
                Boolean.toString(table.isEvent()),
                table.columns().stream()
                        .map(column -> column.sourceName() + " " + column.name())
                        .toList()
                        .toString(),
                table.indexes().stream().map(ModuleVectorsTest::index).toList().toString(),
                table.uniqueConstraints().stream()
                        .map(constraint -> constraint.name() + " "
                                + constraint.columns().toString().replace(" ", ""))
                        .toList()
                        .toString(),
                table.sequences().stream()
                        .map(sequence -> sequence.name() + " " + sequence.column())
                        .toList()
                        .toString(),
                table.schedule()
                        .map(schedule -> schedule.name() + " " + schedule.functionName() + " " + schedule.atColumn())
                        .orElse("-"));
    }

    private static String index(IndexDef index) {
        return index.sourceName() + " " + index.accessorName().orElse("-") + " " + index.name();
    }

    private static String function(JsonNode node) {
        return node.get("id") + " " + text(node, "source_name") + " " + text(node, "canonical_name") + " "
                + text(node, "visibility");
    }

    private static String function(int id, String sourceName, String name, Visibility visibility) {
        return id + " " + sourceName + " " + name + " "
                + (visibility == Visibility.PRIVATE ? "Private" : "ClientCallable");
    }

    private static String reducer(ReducerDef reducer) {
        Map<Lifecycle, String> events = Map.of(
                Lifecycle.INIT, "Init", Lifecycle.ON_CONNECT, "OnConnect", Lifecycle.ON_DISCONNECT, "OnDisconnect");
        return function(reducer.id(), reducer.sourceName(), reducer.name(), reducer.visibility()) + " "
                + reducer.lifecycle().map(events::get).orElse("-");
    }

    private static String view(JsonNode node) {
        return node.get("index") + " " + text(node, "source_name") + " " + text(node, "canonical_name") + " "
                + node.get("is_anonymous") + " "
                + node.path("primary_key_source_column").asText("-");
    }

    private static String view(ViewDef view) {
        String key = view.primaryKey().isEmpty()
                ? "-"
                : view.columns().get(view.primaryKey().getAsInt()).sourceName();
        return view.index() + " " + view.sourceName() + " " + view.name() + " " + view.isAnonymous() + " " + key;
    }

    private static void assertEnumVariants(JsonNode expected, ValidModule module) {
        expected.properties().forEach(entry -> {
            AlgebraicType type = module.typespace().get(Integer.parseInt(entry.getKey()));
            assertEquals(
                    describe(entry.getValue(), node -> text(node, "canonical_name")),
                    type instanceof AlgebraicType.Sum(List<Element> variants)
                            ? variants.stream().map(Element::name).toList()
                            : List.of(type));
        });
    }

    private static List<String> describe(JsonNode array, Function<JsonNode, String> description) {
        return nodes(array).stream().map(description).toList();
    }

    private static List<JsonNode> nodes(JsonNode array) {
        List<JsonNode> nodes = new ArrayList<>();
        array.forEach(nodes::add);
        return nodes;
    }

    private static String text(JsonNode node, String field) {
        return node.get(field).textValue();
    }

    @org.junit.jupiter.api.Test
    void aSubmodulesObjectsFollowTheRootsUnderDottedNames() throws InvalidModuleDefException {
        ModuleDef def = ModuleDef.of(Vectors.module("nested"));

        assertEquals(10, def.version());
        assertEquals(
                List.of("UserRow", "auth.session"),
                def.tables().stream().map(TableDef::name).toList());
        TableDef session = def.table("auth.session").orElseThrow();
        assertEquals(
                List.of("auth.session_token_idx_btree", "auth.session_user_id_idx_btree"),
                session.indexes().stream().map(IndexDef::name).toList());
        assertEquals(
                "auth.session_userId_idx_btree", session.indexes().getLast().sourceName());
        assertEquals(
                "auth.session_token_key", session.uniqueConstraints().getFirst().name());
        assertEquals(
                List.of("token", "user_id"),
                session.columns().stream().map(ColumnDef::name).toList());
        assertEquals(
                List.of("0 AddUser", "1 auth.open_session"),
                def.reducers().stream()
                        .map(reducer -> reducer.id() + " " + reducer.name())
                        .toList());
        assertEquals("auth.count_sessions", def.procedures().getFirst().name());
        assertEquals("auth.live_sessions", def.views().getFirst().name());
    }
}
