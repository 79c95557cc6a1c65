package io.pinion.store.schema;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static io.pinion.store.value.AlgebraicType.element;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.SatsJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What the schema endpoint says, read back the way the command line client does: as a description to validate. */
class SchemaJsonTest {
    static final List<String> CONVERTED_MODULES = List.of("inventory", "timers", "lenses", "weblet");
    static final List<String> MODULES = Vectors.MODULES;

    private static ModuleDef readV10(String json) throws InvalidModuleDefException {
        return ModuleDef.of(RawModuleDefReaderTest.tagged(
                2, SatsJson.toBsatn(RawModuleDefTypes.TYPESPACE, RawModuleDefTypes.V10, json)));
    }

    private static ModuleDef readV9(String json) throws InvalidModuleDefException {
        return ModuleDef.of(RawModuleDefReaderTest.tagged(
                1, SatsJson.toBsatn(RawModuleDefTypes.TYPESPACE, RawModuleDefTypes.V9, json)));
    }

    @ParameterizedTest
    @FieldSource("CONVERTED_MODULES")
    void version10SaysTheSameDefinition(String name) throws InvalidModuleDefException {
        ModuleDef def = ModuleDef.of(Vectors.module(name));

        ModuleDef read = readV10(SchemaJson.write(def, 10));

        assertEquals(def.typespace(), read.typespace());
        assertEquals(def.types(), read.types());
        assertEquals(def.reducers(), read.reducers());
        assertEquals(def.procedures(), read.procedures());
        assertEquals(
                def.views().stream().map(SchemaJsonTest::withoutColumnSources).toList(), read.views());
        assertEquals(
                def.tables().stream().map(SchemaJsonTest::withoutLostNames).toList(),
                read.tables().stream().map(SchemaJsonTest::withoutLostNames).toList());
        assertEquals(def.httpRoutes().size(), read.httpRoutes().size());
        assertEquals(def.rowLevelSecurity(), read.rowLevelSecurity());
    }

    /** The columns' source names are gone with the unconverted typespace. */
    private static ModuleDef.ViewDef withoutColumnSources(ModuleDef.ViewDef view) {
        return new ModuleDef.ViewDef(
                view.name(),
                view.sourceName(),
                view.index(),
                view.isPublic(),
                view.isAnonymous(),
                view.parameters(),
                view.returnType(),
                columns(view.columns()),
                view.primaryKey());
    }

    /** And so are the explicit names of indexes. */
    private static TableDef withoutLostNames(TableDef table) {
        return new TableDef(
                table.name(),
                table.sourceName(),
                table.rowTypeRef(),
                columns(table.columns()),
                table.primaryKey(),
                table.indexes().stream()
                        .map(index -> new IndexDef(
                                "",
                                index.sourceName(),
                                index.accessorName(),
                                index.algorithm(),
                                index.columns(),
                                index.isUnique()))
                        .toList(),
                table.uniqueConstraints(),
                table.sequences(),
                table.schedule(),
                table.access(),
                table.isEvent(),
                table.defaults());
    }

    private static List<ModuleDef.ColumnDef> columns(List<ModuleDef.ColumnDef> columns) {
        return columns.stream()
                .map(column -> new ModuleDef.ColumnDef(column.name(), column.name(), column.type()))
                .toList();
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void bothVersionsAreValidDescriptions(String name) throws InvalidModuleDefException {
        ModuleDef def = ModuleDef.of(Vectors.module(name));

        ModuleDef nine = readV9(SchemaJson.write(def, 9));
        ModuleDef ten = readV10(SchemaJson.write(def, 10));

        List<ReducerDef> ownReducers = def.reducers().stream()
                .filter(reducer -> !reducer.name().contains("."))
                .toList();
        assertEquals(
                ownReducers.stream().map(ReducerDef::name).toList(),
                nine.reducers().stream().map(ReducerDef::name).toList());
        // Only names: a module without case conversion has its fields converted by whoever reads version 10.
        assertEquals(
                def.reducers().stream().map(ReducerDef::name).toList(),
                ten.reducers().stream().map(ReducerDef::name).toList());
        assertEquals(
                def.tables().stream().map(TableDef::name).toList(),
                ten.tables().stream().map(TableDef::name).toList());
    }

    @Test
    void version9HasCanonicalNamesInOrder() throws Exception {
        JsonNode schema = json(SchemaJson.write(ModuleDef.of(Vectors.module("inventory")), 9));

        assertEquals(
                List.of("typespace", "tables", "reducers", "types", "misc_exports", "row_level_security"),
                fieldNames(schema));
        assertEquals(List.of("BankAccount", "item", "pulse"), names(schema.get("tables")));
        assertEquals(
                List.of("boot", "give_item", "joined", "left", "no_args", "Renamed_Reducer"),
                names(schema.get("reducers")));
        JsonNode index = schema.get("tables").get(1).get("indexes").get(1);
        assertEquals("{\"some\":\"item_kind_lookup\"}", index.get("name").toString());
        assertEquals("{\"some\":\"byKind\"}", index.get("accessor_name").toString());
        assertEquals("{\"Hash\":[3]}", index.get("algorithm").toString());
        assertEquals(
                "{\"some\":{\"Init\":[]}}",
                schema.get("reducers").get(0).get("lifecycle").toString());
        assertEquals(
                "{\"ColumnDefaultValue\":{\"table\":\"item\",\"col_id\":10,\"value\":\"fdff\"}}",
                schema.get("misc_exports").get(0).toString());
        assertEquals(
                "[{\"sql\":\"SELECT * FROM item WHERE owner_id = :sender\"}]",
                schema.get("row_level_security").toString());
    }

    @Test
    void version10HasItsSectionsInOrderWithoutEmptyOnes() throws Exception {
        assertEquals(
                List.of(
                        "Typespace",
                        "Types",
                        "Tables",
                        "Reducers",
                        "LifeCycleReducers",
                        "RowLevelSecurity",
                        "ExplicitNames"),
                sections("inventory"));
        assertEquals(
                List.of("Typespace", "Types", "Tables", "Reducers", "Procedures", "Schedules", "ExplicitNames"),
                sections("timers"));
        assertEquals(
                List.of("Typespace", "Types", "Tables", "Procedures", "Views", "ViewPrimaryKeys", "ExplicitNames"),
                sections("lenses"));
        assertEquals(
                List.of("Typespace", "Types", "Tables", "HttpHandlers", "HttpRoutes", "ExplicitNames"),
                sections("weblet"));
        assertEquals(
                List.of("Typespace", "Types", "Tables", "Reducers", "ExplicitNames", "Submodules"), sections("nested"));
        assertEquals(
                "{\"sections\":[{\"Typespace\":{\"types\":[]}},{\"ExplicitNames\":{\"entries\":[]}}]}",
                SchemaJson.write(aModule().build(), 10));
    }

    private static List<String> sections(String module) throws Exception {
        JsonNode schema = json(SchemaJson.write(ModuleDef.of(Vectors.module(module)), 10));
        return StreamSupport.stream(schema.get("sections").spliterator(), false)
                .map(section -> fieldNames(section).getFirst())
                .toList();
    }

    @Test
    void referencesSurviveNamesThatConversionWouldChange() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .table(
                        "clock",
                        table -> table.column("id", Primitive.U64).primaryKey(0).column("at", SpecialTypes.SCHEDULE_AT))
                .tableName("clock", "BigClock")
                .reducer("ring", element("clock", new Ref(0)))
                .functionName("ring", "RingTheBell")
                .schedule("clock", 1, "ring")
                .reducer("boot")
                .functionName("boot", "BootUp")
                .lifecycle(Lifecycle.INIT, "boot")
                .httpHandler("serve")
                .functionName("serve", "ServeIt")
                .route("serve", null, "/a")
                .build();

        ModuleDef read = readV10(SchemaJson.write(def, 10));

        assertEquals(def.reducers(), read.reducers());
        assertEquals(
                Optional.of(new ScheduleDef("BigClock_sched", 1, "RingTheBell")),
                read.table("BigClock").orElseThrow().schedule());
        assertEquals("serve", read.httpRoutes().getFirst().handlerName());
    }

    @Test
    void indexesOverTheSameColumnsStayApart() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .table(
                        "t",
                        table -> table.column("a", Primitive.U8)
                                .index("one", IndexAlgorithm.BTREE, 0)
                                .index("two", IndexAlgorithm.BTREE, 0))
                .indexName("two", "second")
                .build();

        ModuleDef read = readV10(SchemaJson.write(def, 10));

        assertEquals(def.tables().getFirst().indexes(), read.tables().getFirst().indexes());
    }

    @Test
    void boundsOfASequenceAreWrittenAsGiven() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .table("t", table -> table.column("a", Primitive.U8).sequence(0, null, 5L, 9L, 1))
                .build();

        assertEquals(
                def.tables().getFirst().sequences(),
                readV10(SchemaJson.write(def, 10)).tables().getFirst().sequences());
        assertEquals(
                def.tables().getFirst().sequences(),
                readV9(SchemaJson.write(def, 9)).tables().getFirst().sequences());
    }

    @Test
    void recursiveTypesAreWrittenAsReferences() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .type("Tree", AlgebraicType.product(element("children", new AlgebraicType.Array(new Ref(0)))))
                .build();

        assertTrue(SchemaJson.write(def, 10).contains("{\"Array\":{\"Ref\":0}}"));
    }

    @Test
    void anyOtherVersionIsRefused() throws InvalidModuleDefException {
        ModuleDef def = aModule().build();

        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> SchemaJson.write(def, 8));

        assertEquals("schema version must be 9 or 10, not 8", refusal.getMessage());
    }

    private static JsonNode json(String text) throws JsonProcessingException {
        return new ObjectMapper().readTree(text);
    }

    private static List<String> fieldNames(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> names(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(node -> node.get("name").textValue())
                .toList();
    }
}
