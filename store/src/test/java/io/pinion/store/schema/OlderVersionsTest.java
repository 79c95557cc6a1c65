package io.pinion.store.schema;

import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.product;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.NamedType;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.ColumnDefaultV9;
import io.pinion.store.schema.RawModuleDef.ColumnV8;
import io.pinion.store.schema.RawModuleDef.ConstraintV8;
import io.pinion.store.schema.RawModuleDef.IndexV8;
import io.pinion.store.schema.RawModuleDef.MiscExport;
import io.pinion.store.schema.RawModuleDef.RawConstraint;
import io.pinion.store.schema.RawModuleDef.RawDefault;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.ReducerV8;
import io.pinion.store.schema.RawModuleDef.ReducerV9;
import io.pinion.store.schema.RawModuleDef.TableV8;
import io.pinion.store.schema.RawModuleDef.TableV9;
import io.pinion.store.schema.RawModuleDef.TypeAliasV8;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptions of versions 9 and 8. */
class OlderVersionsTest {
    private static final Product TIMER_ROW = product(
            element("id", Primitive.U64),
            element("scheduled_at", SpecialTypes.SCHEDULE_AT),
            element("Note", Primitive.STRING));
    private static final Product TAKES_TIMER = product(element("timer", new Ref(0)));
    private static final RawSequence SEQUENCE = new RawSequence("ids", 0, null, null, null, BigInteger.TWO);

    private static ModuleDef v9(List<TableV9> tables, List<ReducerV9> reducers, MiscExport... exports)
            throws InvalidModuleDefException {
        RawModuleDef.V9 raw = new RawModuleDef.V9(
                new Typespace(List.of(TIMER_ROW)),
                tables,
                reducers,
                List.of(new RawType(List.of("my_scope"), "timer_row", 0, true)),
                List.of(exports),
                List.of("SELECT * FROM Timer", "SELECT * FROM Timer"));
        return ModuleDef.of(RawModuleDefReaderTest.tagged(1, RawModuleDefWriter.write(raw)));
    }

    private static TableV9 timer(@Nullable RawSchedule schedule) {
        RawTable table = new RawTable(
                "Timer",
                0,
                List.of(0),
                List.of(
                        new RawIndex("any name.at all", null, IndexAlgorithm.BTREE, List.of(0)),
                        new RawIndex(null, "byNote", IndexAlgorithm.HASH, List.of(2))),
                List.of(new RawConstraint("my_key", List.of(0))),
                List.of(SEQUENCE),
                false,
                true,
                List.of(),
                false);
        return new TableV9(table, schedule);
    }

    @Test
    void v9KeepsNamesAndGeneratesMissingOnes() throws InvalidModuleDefException {
        ModuleDef def = v9(List.of(timer(null)), List.of());

        assertEquals(9, def.version());
        TableDef table = def.table("Timer").orElseThrow();
        assertEquals(
                List.of(
                        new IndexDef(
                                "any name.at all",
                                "any name.at all",
                                Optional.empty(),
                                IndexAlgorithm.BTREE,
                                List.of(0),
                                true),
                        new IndexDef(
                                "Timer_Note_idx_hash",
                                "Timer_Note_idx_hash",
                                Optional.of("byNote"),
                                IndexAlgorithm.HASH,
                                List.of(2),
                                false)),
                table.indexes());
        assertEquals(List.of(new UniqueConstraintDef("my_key", List.of(0))), table.uniqueConstraints());
        assertEquals(
                List.of(new SequenceDef(
                        "ids",
                        0,
                        BigInteger.ONE,
                        BigInteger.ONE,
                        BigInteger.TWO.pow(127).subtract(BigInteger.ONE),
                        BigInteger.TWO)),
                table.sequences());
        assertEquals(List.of(new NamedType(List.of("my_scope"), "timer_row", 0, true)), def.types());
        assertEquals(List.of("SELECT * FROM Timer"), def.rowLevelSecurity());
    }

    @Test
    void v9FunctionsStayCallableWhateverTheyServe() throws InvalidModuleDefException {
        ModuleDef def = v9(
                List.of(timer(new RawSchedule(null, "Timer", 1, "Ring"))),
                List.of(
                        new ReducerV9("Boot", AlgebraicType.UNIT, Lifecycle.INIT),
                        new ReducerV9("Ring", TAKES_TIMER, null)));

        assertEquals(
                List.of(Visibility.CLIENT_CALLABLE, Visibility.CLIENT_CALLABLE),
                def.reducers().stream().map(ReducerDef::visibility).toList());
        assertEquals("Boot", def.reducer(Lifecycle.INIT).orElseThrow().name());
        assertEquals(
                Optional.of(new ScheduleDef("Timer_sched", 1, "Ring")),
                def.tables().getFirst().schedule());
    }

    @Test
    void v9ProceduresAreCountedByThemselves() throws InvalidModuleDefException {
        ModuleDef def = v9(
                List.of(timer(null)),
                List.of(),
                new ColumnDefaultV9("Timer", new RawDefault(2, Bytes.ofHex("00000000ff"))),
                new RawProcedure("First", AlgebraicType.UNIT, Primitive.U8, Visibility.CLIENT_CALLABLE),
                new RawView("All", 0, true, false, AlgebraicType.UNIT, new Array(new Ref(0))),
                new RawProcedure("Second", AlgebraicType.UNIT, Primitive.U8, Visibility.CLIENT_CALLABLE));

        assertEquals(1, def.procedure("Second").orElseThrow().id());
        assertEquals(OptionalInt.empty(), def.view("All").orElseThrow().primaryKey());
        assertEquals(Map.of(2, Bytes.ofHex("00000000")), def.tables().getFirst().defaults());
    }

    @Test
    void aSecondV9DefaultOfAColumnIsRefused() {
        ColumnDefaultV9 empty = new ColumnDefaultV9("Timer", new RawDefault(2, Bytes.ofHex("00000000")));

        InvalidModuleDefException refusal =
                assertThrows(InvalidModuleDefException.class, () -> v9(List.of(timer(null)), List.of(), empty, empty));

        assertEquals(List.of("table `Timer`: column `Note` has more than one default"), refusal.reasons());
    }

    @Test
    void aV9DefaultNeedsItsTable() {
        ColumnDefaultV9 lost = new ColumnDefaultV9("timer", new RawDefault(2, Bytes.ofHex("00000000")));

        InvalidModuleDefException refusal =
                assertThrows(InvalidModuleDefException.class, () -> v9(List.of(timer(null)), List.of(), lost));

        assertEquals(List.of("default of table `timer`: there is no such table"), refusal.reasons());
    }

    private static TableV8 timerV8(List<ConstraintV8> constraints, List<IndexV8> indexes) {
        return new TableV8(
                "timer",
                List.of(
                        new ColumnV8("id", Primitive.U64),
                        new ColumnV8("scheduled_at", SpecialTypes.SCHEDULE_AT),
                        new ColumnV8("Note", Primitive.STRING)),
                indexes,
                constraints,
                List.of(),
                false,
                true,
                "ring",
                0);
    }

    private static ModuleDef v8(TableV8 table) throws InvalidModuleDefException {
        RawModuleDef.V8 raw = new RawModuleDef.V8(
                new Typespace(List.of(TIMER_ROW)),
                List.of(table),
                List.of(new ReducerV8("__init__", AlgebraicType.UNIT), new ReducerV8("ring", TAKES_TIMER)),
                List.of(new TypeAliasV8("clocks::old.Timer", 0)));
        return ModuleDef.of(V8Writer.write(raw));
    }

    /** A valid description. */
    static Bytes sampleV8() {
        return description(() -> v8(timerV8(
                List.of(new ConstraintV8("ct_timer_id_autoinc_primary_key", 15, List.of(0))),
                List.of(new IndexV8("idx_timer_note", true, IndexAlgorithm.HASH, List.of(2))))));
    }

    /** A valid description. */
    static Bytes sampleV9() {
        return description(() -> v9(List.of(timer(null)), List.of()));
    }

    private interface Sample {
        ModuleDef make() throws InvalidModuleDefException;
    }

    private static Bytes description(Sample sample) {
        try {
            return sample.make().raw();
        } catch (InvalidModuleDefException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void v8BecomesATableWithWhatItsConstraintsImply() throws InvalidModuleDefException {
        ModuleDef def = v8(timerV8(
                List.of(new ConstraintV8("ct_timer_id_autoinc_primary_key", 15, List.of(0))),
                List.of(new IndexV8("idx_timer_note", true, IndexAlgorithm.HASH, List.of(2)))));

        assertEquals(8, def.version());
        TableDef table = def.table("timer").orElseThrow();
        assertEquals(OptionalInt.of(0), table.primaryKey());
        assertEquals(
                List.of("idx_timer_note HASH true", "idx_timer_id_autoinc_primary_key_unique BTREE true"),
                table.indexes().stream()
                        .map(index -> index.name() + " " + index.algorithm() + " " + index.isUnique())
                        .toList());
        assertEquals(
                List.of(
                        new UniqueConstraintDef("ct_timer_id_autoinc_primary_key", List.of(0)),
                        new UniqueConstraintDef("ct_timer_Note_unique", List.of(2))),
                table.uniqueConstraints());
        assertEquals(
                List.of("seq_timer_id_autoinc_primary_key"),
                table.sequences().stream().map(SequenceDef::name).toList());
        assertEquals(Optional.of(new ScheduleDef("timer_sched", 1, "ring")), table.schedule());
        assertEquals("__init__", def.reducer(Lifecycle.INIT).orElseThrow().name());
        assertEquals(List.of(new NamedType(List.of("clocks", "old"), "Timer", 0, true)), def.types());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 8, 16, 255})
    void anUnknownV8ConstraintIsRefused(int bits) {
        TableV8 table = timerV8(
                List.of(new ConstraintV8("key", 13, List.of(0)), new ConstraintV8("odd", bits, List.of(2))), List.of());

        InvalidModuleDefException refusal = assertThrows(InvalidModuleDefException.class, () -> v8(table));

        assertEquals(List.of("table `timer`: the constraint `odd` has the unknown kind " + bits), refusal.reasons());
    }

    @Test
    void severalV8PrimaryKeysAreRefused() {
        TableV8 table = timerV8(
                List.of(new ConstraintV8("key", 13, List.of(0)), new ConstraintV8("other", 13, List.of(2))), List.of());

        InvalidModuleDefException refusal = assertThrows(InvalidModuleDefException.class, () -> v8(table));

        assertTrue(
                refusal.reasons().contains("table `timer`: the primary key has 2 columns; one at most is allowed"),
                refusal::toString);
    }

    @Test
    void v8ColumnsMustAgreeWithTheRowType() {
        TableV8 table = new TableV8(
                "timer",
                List.of(
                        new ColumnV8("id", Primitive.U64),
                        new ColumnV8("when", SpecialTypes.SCHEDULE_AT),
                        new ColumnV8("Note", Primitive.U8)),
                List.of(),
                List.of(new ConstraintV8("key", 13, List.of(0))),
                List.of(),
                false,
                true,
                "ring",
                0);

        InvalidModuleDefException refusal = assertThrows(InvalidModuleDefException.class, () -> v8(table));

        assertEquals(
                List.of(
                        "table `timer`: column `Note` differs from the field of the row type",
                        "table `timer`: column `when` differs from the field of the row type",
                        "table `timer`: is scheduled but has no column `scheduled_at`"),
                refusal.reasons());
    }
}
