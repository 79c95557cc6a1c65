package io.pinion.node.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.pinion.node.NpmClients;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.SchemaJson;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From definitions to text; that the text works with the client library is tested with a node. */
class TypeScriptBindingsTest {
    private static final Path DEFINITIONS = Path.of("../store/src/test/resources/vectors/moduledef");
    private static final List<String> MODULES = List.of("inventory", "lenses", "nested", "timers", "weblet");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void namesAreThoseOfTheDatabaseAndClientsSeeThemInCamelCase() throws Exception {
        String text = TypeScriptBindings.of(
                definition(
                        "{\"Tables\": [" + table("Things", 0, "Public") + "]}",
                        "{\"ExplicitNames\": {\"entries\": [{\"Table\": {\"source_name\": \"Things\","
                                + " \"canonical_name\": \"all_things\"}}]}}",
                        types(product(element("item_id", "{\"U64\": []}")))),
                false);

        assertTrue(text.contains("allThings: __table("), text);
        assertTrue(text.contains("name: 'all_things',"), text);
        assertTrue(text.contains("itemId: __t.u64().name('item_id'),"), text);
    }

    @Test
    void whatIsPrivateIsThereOnDemandOnly() throws Exception {
        JsonNode definition = definition(
                "{\"Tables\": [" + table("open", 0, "Public") + "," + table("hidden", 0, "Private") + "]}",
                "{\"Reducers\": [" + reducer("call", "ClientCallable", "") + "," + reducer("tick", "Private", "") + ","
                        + reducer("begin", "Private", "") + "]}",
                "{\"LifeCycleReducers\": [{\"lifecycle_spec\": {\"Init\": []}, \"function_name\": \"begin\"}]}",
                types(product(element("id", "{\"U64\": []}"))));

        String open = TypeScriptBindings.of(definition, false);
        String all = TypeScriptBindings.of(definition, true);

        assertTrue(open.contains("'open'") && open.contains("'call'"), open);
        assertFalse(open.contains("'hidden'") || open.contains("'tick'"), open);
        assertTrue(all.contains("'hidden'") && all.contains("'tick'"), all);
        assertFalse(all.contains("'begin'"), "nobody calls a lifecycle reducer");
    }

    @Test
    void namesThatWouldBeOneStayApart() throws Exception {
        String text = TypeScriptBindings.of(
                definition("{\"Reducers\": [" + reducer("fooBar", "ClientCallable", "") + ","
                        + reducer("foo_bar", "ClientCallable", "") + "]}"),
                false);

        assertTrue(text.contains("__reducerSchema('fooBar', {}),"), text);
        assertTrue(text.contains("{ ...__reducerSchema('foo_bar', {}), accessorName: 'foo_bar' as const },"), text);
    }

    @Test
    void namesThatCannotStayApartAreRefusedByName() {
        JsonNode definition = definition("{\"Reducers\": [" + reducer("a_b", "ClientCallable", "") + ","
                + reducer("aB", "ClientCallable", "") + "," + reducer("aB", "ClientCallable", "") + "]}");

        BindingsException refused =
                assertThrows(BindingsException.class, () -> TypeScriptBindings.of(definition, false));

        assertEquals("`aB` and `aB` would both be `aB` for clients", refused.getMessage());
    }

    @Test
    void whatIsNoDefinitionIsRefused() throws IOException {
        JsonNode answer = JSON.readTree("{\"typespace\": {}}");

        BindingsException refused = assertThrows(BindingsException.class, () -> TypeScriptBindings.of(answer, false));

        assertEquals("the server's answer is no module definition of version 10", refused.getMessage());
    }

    @Test
    void textsOfTheModuleStayTexts() throws Exception {
        String hostile = "x'); process.exit(); ('\\\\\\u2028";
        String text = TypeScriptBindings.of(
                definition("{\"Reducers\": [" + reducer(hostile, "ClientCallable", "") + "]}"), false);

        assertTrue(text.contains("'x\\'); process.exit(); (\\'\\\\\\u2028'"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inventory", "lenses", "nested", "timers", "weblet"})
    void theOrderInTheDefinitionMakesNoDifference(String module) throws Exception {
        JsonNode definition = vector(module);
        String expected = TypeScriptBindings.of(definition, false);
        long seed = new Random().nextLong();

        shuffle(definition, new Random(seed));

        assertEquals(expected, TypeScriptBindings.of(definition, false), "seed " + seed);
    }

    @Test
    @Timeout(240)
    void theTextsOfAllKindsOfModulesCompile() throws Exception {
        Path folder = Files.createDirectories(NpmClients.folder().resolve("definitions"));
        for (String module : MODULES) {
            Files.writeString(folder.resolve(module + ".ts"), TypeScriptBindings.of(vector(module), true));
        }
        Files.writeString(folder.resolve("recursive.ts"), TypeScriptBindings.of(recursive(), true));
        Files.writeString(folder.resolve("empty.ts"), TypeScriptBindings.of(definition(), true));
        Files.writeString(folder.resolve("use.ts"), """
                import type { Infer } from 'spacetimedb';
                import { DbConnection, Tree, Leaf } from './recursive';
                const tree: Infer<typeof Tree> = { value: 1, children: [{ value: 2, children: [], leaf: { tag: 'none' } }], leaf: { tag: 'tree', value: { value: 3, children: [], leaf: { tag: 'none' } } } };
                export const leaf: Leaf = tree.leaf;
                export const sent: (connection: DbConnection) => Promise<void> = connection => connection.reducers.plant({ tree });
                // @ts-expect-error: a tree's value is a number
                export const wrong: Infer<typeof Tree> = { value: 'x', children: [], leaf: { tag: 'none' } };
                """);

        NpmClients.compile("definitions");
    }

    /** A tree whose nodes have trees and a sum that may have one. */
    private static JsonNode recursive() {
        String tree = product(
                element("value", "{\"U32\": []}"),
                element("children", "{\"Array\": {\"Ref\": 0}}"),
                element("leaf", "{\"Ref\": 1}"));
        String leaf = "{\"Sum\": {\"variants\": [" + element("tree", "{\"Ref\": 0}") + ","
                + element("none", "{\"Product\": {\"elements\": []}}") + "]}}";
        return definition(
                types(tree, leaf),
                "{\"Types\": [" + type("Tree", 0) + "," + type("Leaf", 1) + "]}",
                "{\"Reducers\": [" + reducer("plant", "ClientCallable", element("tree", "{\"Ref\": 0}")) + "]}");
    }

    private static JsonNode definition(String... sections) {
        try {
            return JSON.readTree("{\"sections\": [" + String.join(",", sections) + "]}");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String types(String... types) {
        return "{\"Typespace\": {\"types\": [" + String.join(",", types) + "]}}";
    }

    private static String type(String name, int ref) {
        return "{\"source_name\": {\"scope\": [], \"source_name\": \"" + name + "\"}, \"ty\": " + ref
                + ", \"custom_ordering\": true}";
    }

    private static String product(String... elements) {
        return "{\"Product\": {\"elements\": [" + String.join(",", elements) + "]}}";
    }

    private static String element(String name, String type) {
        return "{\"name\": {\"some\": \"" + name + "\"}, \"algebraic_type\": " + type + "}";
    }

    private static String table(String name, int row, String access) {
        return "{\"source_name\": \"" + name + "\", \"product_type_ref\": " + row
                + ", \"primary_key\": [], \"indexes\": [], \"constraints\": [], \"table_access\": {\"" + access
                + "\": []}, \"is_event\": false}";
    }

    private static String reducer(String name, String visibility, String parameters) {
        return "{\"source_name\": \"" + name + "\", \"params\": {\"elements\": [" + parameters
                + "]}, \"visibility\": {\"" + visibility + "\": []}, \"ok_return_type\": {}}";
    }

    private static JsonNode vector(String module) throws Exception {
        byte[] bytes = Files.readAllBytes(DEFINITIONS.resolve(module + ".bin"));
        return JSON.readTree(SchemaJson.write(ModuleDef.of(Bytes.wrap(bytes)), 10));
    }

    /** Sections, and the entries of those whose order means nothing. */
    private static void shuffle(JsonNode definition, Random random) {
        for (JsonNode section : definition.path("sections")) {
            for (String kind : List.of("Tables", "Types", "Reducers", "Procedures", "Views")) {
                if (section.path(kind) instanceof ArrayNode entries) {
                    List<JsonNode> shuffled = new ArrayList<>();
                    entries.forEach(shuffled::add);
                    Collections.shuffle(shuffled, random);
                    entries.removeAll();
                    entries.addAll(shuffled);
                }
            }
        }
    }
}
