package io.pinion.store.schema;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.product;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.Bytes;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModuleDefTest {
    private static final AlgebraicType U8 = Primitive.U8;

    private static TableDef onlyTable(RawModuleBuilder module) throws InvalidModuleDefException {
        return module.build().tables().getFirst();
    }

    @Test
    void anIndexIsUniqueWhateverItsOrderAndAlgorithm() throws InvalidModuleDefException {
        TableDef table = onlyTable(aModule()
                .table(
                        "t",
                        columns -> columns.column("a", U8)
                                .column("b", U8)
                                .index("ab", IndexAlgorithm.BTREE, 0, 1)
                                .index("ba", IndexAlgorithm.HASH, 1, 0)
                                .index("a", IndexAlgorithm.BTREE, 0)
                                .constraint(1, 0)));

        assertEquals(
                List.of("t_a_b_idx_btree true", "t_b_a_idx_hash true", "t_a_idx_btree false"),
                table.indexes().stream()
                        .map(index -> index.name() + " " + index.isUnique())
                        .toList());
        assertEquals("t_b_a_key", table.uniqueConstraints().getFirst().name());
        assertEquals(List.of(0, 1), table.uniqueConstraints().getFirst().columns());
    }

    @Test
    void generatedNamesUseTheExplicitNameOfTheTable() throws InvalidModuleDefException {
        TableDef table = onlyTable(aModule()
                .table(
                        "myTable",
                        columns -> columns.column("rowId", Primitive.U64)
                                .primaryKey(0)
                                .autoIncrement(0))
                .tableName("myTable", "Ignored")
                .tableName("myTable", "The_Table"));

        assertEquals("The_Table", table.name());
        assertEquals("myTable", table.sourceName());
        assertEquals("The_Table_row_id_idx_btree", table.indexes().getFirst().name());
        assertEquals(
                "The_Table_row_id_key", table.uniqueConstraints().getFirst().name());
        assertEquals("The_Table_row_id_seq", table.sequences().getFirst().name());
    }

    @Test
    void withoutCaseConversionEveryNameStays() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .withoutCaseConversion()
                .type("my_type", AlgebraicType.sum(element("Some_Variant", U8)))
                .table("MyTable", table -> table.column("RowId", U8).index("i", IndexAlgorithm.BTREE, 0))
                .reducer("DoIt")
                .build();

        assertEquals("my_type", def.types().getFirst().name());
        assertEquals(
                AlgebraicType.sum(element("Some_Variant", U8)), def.typespace().get(0));
        assertEquals(
                "MyTable_RowId_idx_btree",
                def.tables().getFirst().indexes().getFirst().name());
        assertEquals("DoIt", def.reducers().getFirst().name());
    }

    @Test
    void parametersKeepTheirNamesWhileFieldsAreConverted() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .type("Point", product(element("posX", U8)))
                .reducer("moveTo", element("newPlace", new Ref(0)))
                .build();

        assertEquals(
                product(element("newPlace", new Ref(0))),
                def.reducers().getFirst().parameters().elements());
        assertEquals(
                product(element("pos_x", U8)),
                def.reducers().getFirst().parameters().typespace().get(0));
    }

    @Test
    void specialTypesAreNotConverted() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .type(SpecialTypes.SCHEDULE_AT)
                .table("t", table -> table.column("at", new Ref(0)).column("due", SpecialTypes.SCHEDULE_AT))
                .build();

        assertEquals(
                SpecialTypes.SCHEDULE_AT,
                def.tables().getFirst().columns().getFirst().type());
        assertEquals(
                SpecialTypes.SCHEDULE_AT,
                def.tables().getFirst().columns().getLast().type());
    }

    @Test
    void columnTypesHaveTheirReferencesResolved() throws InvalidModuleDefException {
        TableDef table = onlyTable(aModule()
                .type("Point", product(element("posX", U8)))
                .table("t", columns -> columns.column("places", new Array(new Ref(0)))));

        assertEquals(product(element("places", new Array(product(element("pos_x", U8))))), table.rowType());
    }

    @Test
    void theLastDefaultOfAColumnCountsWithoutWhatFollowsIt() throws InvalidModuleDefException {
        TableDef table = onlyTable(aModule()
                .table(
                        "t",
                        columns -> columns.column("a", Primitive.U16)
                                .defaultValue(0, "0100")
                                .defaultValue(0, "0200ffff")));

        assertEquals(Map.of(0, Bytes.ofHex("0200")), table.defaults());
    }

    @Test
    void missingBoundsOfASequenceAreFilledIn() throws InvalidModuleDefException {
        TableDef table = onlyTable(
                aModule().table("t", columns -> columns.column("a", U8).autoIncrement(0)));

        assertEquals(
                new SequenceDef(
                        "t_a_seq",
                        0,
                        BigInteger.ONE,
                        BigInteger.ONE,
                        BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE),
                        BigInteger.ONE),
                table.sequences().getFirst());
    }

    @Test
    void whatServesAScheduleOrALifecycleIsPrivate() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .table(
                        "timer",
                        table -> table.column("id", Primitive.U64).primaryKey(0).column("at", SpecialTypes.SCHEDULE_AT))
                .reducer("boot")
                .lifecycle(Lifecycle.INIT, "boot")
                .reducer("say")
                .procedure("ring", U8, element("timer", new Ref(0)))
                .schedule("timer", 1, "ring")
                .build();

        assertEquals(Visibility.PRIVATE, def.reducer("boot").orElseThrow().visibility());
        assertEquals(
                Visibility.CLIENT_CALLABLE, def.reducer("say").orElseThrow().visibility());
        assertEquals(Visibility.PRIVATE, def.procedure("ring").orElseThrow().visibility());
    }

    @Test
    void idsGoOnCountingThroughSubmodulesDepthFirst() throws InvalidModuleDefException {
        RawModuleBuilder innermost = aLibrary("c");
        ModuleDef def = aLibrary("root")
                .submodule("a", aLibrary("a").submodule("c", innermost))
                .submodule("b", aLibrary("b"))
                .build();

        assertEquals(
                List.of("0 add_root", "1 a.add_a", "2 a.c.add_c", "3 b.add_b"),
                def.reducers().stream()
                        .map(reducer -> reducer.id() + " " + reducer.name())
                        .toList());
        assertEquals(
                List.of("0 get_root", "1 a.get_a", "2 a.c.get_c", "3 b.get_b"),
                def.procedures().stream()
                        .map(procedure -> procedure.id() + " " + procedure.name())
                        .toList());
        assertEquals(
                List.of(
                        "0 all_root true",
                        "0 mine_root false",
                        "1 other_root false",
                        "1 a.all_a true",
                        "2 a.mine_a false",
                        "3 a.other_a false",
                        "2 a.c.all_c true",
                        "4 a.c.mine_c false",
                        "5 a.c.other_c false",
                        "3 b.all_b true",
                        "6 b.mine_b false",
                        "7 b.other_b false"),
                def.views().stream()
                        .map(view -> view.index() + " " + view.name() + " " + view.isAnonymous())
                        .toList());
        assertEquals(
                List.of("timer_root", "a.timer_a", "a.c.timer_c", "b.timer_b"),
                def.tables().stream().map(TableDef::name).toList());
        TableDef nested = def.table("a.c.timer_c").orElseThrow();
        assertEquals(
                List.of("a.c.timer_c_id_idx_btree"),
                nested.indexes().stream().map(IndexDef::name).toList());
        assertEquals("a.c.timerC", nested.sourceName());
        assertEquals(Optional.of(new ScheduleDef("timer_c_sched", 1, "a.c.add_c")), nested.schedule());
        assertTrue(def.table("a.c.timerC").isPresent());
        assertFalse(def.table("timer_c").isPresent());
    }

    private static RawModuleBuilder aLibrary(String name) {
        String suffix = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        return aModule()
                .table(
                        "timer" + suffix,
                        table -> table.column("id", Primitive.U64).primaryKey(0).column("at", SpecialTypes.SCHEDULE_AT))
                .reducer("add" + suffix, element("timer", new Ref(0)))
                .schedule("timer" + suffix, 1, "add" + suffix)
                .procedure("get" + suffix, U8)
                .view("all" + suffix, 0, true, new Array(new Ref(0)))
                .view("mine" + suffix, 0, false, AlgebraicType.option(new Ref(0)))
                .view("other" + suffix, 1, false, new Array(new Ref(0)));
    }
}
