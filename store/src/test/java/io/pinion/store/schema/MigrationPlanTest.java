package io.pinion.store.schema;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.product;
import static io.pinion.store.value.AlgebraicType.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.RawModuleBuilder.TableBuilder;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Typespace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MigrationPlanTest {
    private static ModuleDef person(Consumer<TableBuilder> more) throws InvalidModuleDefException {
        return aModule().table("person", table -> more.accept(columns(table))).build();
    }

    private static TableBuilder columns(TableBuilder table) {
        return table.column("id", Primitive.U64).column("age", Primitive.U8);
    }

    /** A table with one column of a named type. */
    private static ModuleDef item(AlgebraicType kind) throws InvalidModuleDefException {
        return aModule()
                .type("Kind", kind)
                .table("item", table -> table.column("kind", new Ref(0)))
                .build();
    }

    private static MigrationPlan.Possible plan(ModuleDef before, ModuleDef after) {
        return assertInstanceOf(MigrationPlan.Possible.class, MigrationPlan.between(before, after));
    }

    /** What is done, but for views that are evaluated again. */
    private static List<String> steps(ModuleDef before, ModuleDef after) {
        return plan(before, after).steps().stream()
                .filter(step -> !(step instanceof MigrationStep.RefreshView))
                .map(MigrationStep::text)
                .toList();
    }

    private static List<String> reasons(ModuleDef before, ModuleDef after) {
        return assertInstanceOf(MigrationPlan.Refused.class, MigrationPlan.between(before, after))
                .reasons();
    }

    @Test
    void theSameDefinitionNeedsNothing() throws InvalidModuleDefException {
        ModuleDef module = person(table -> table.primaryKey(0).autoIncrement(0));

        assertEquals(new MigrationPlan.Possible(List.of()), plan(module, module));
        assertEquals("The schema stays as it is.\n", plan(module, module).text(MigrationStyle.PLAIN));
    }

    @Test
    void tablesComeAndGoAndOnlyTheirGoingIsNoticed() throws InvalidModuleDefException {
        ModuleDef both = aModule()
                .table("person", MigrationPlanTest::columns)
                .table("ant", MigrationPlanTest::columns)
                .build();
        ModuleDef one = person(_ -> {});

        assertEquals(List.of("add table ant"), steps(one, both));
        assertFalse(plan(one, both).disconnectsClients());
        assertEquals(List.of("remove table ant", "disconnect all clients"), steps(both, one));
        assertTrue(plan(both, one).disconnectsClients());
    }

    @Test
    void indexesConstraintsAndSequencesComeAndGoUnnoticed() throws InvalidModuleDefException {
        ModuleDef plain = person(_ -> {});
        ModuleDef full = person(table ->
                table.unique(0).index("by_age", IndexAlgorithm.BTREE, 1).autoIncrement(0));

        assertEquals(
                List.of(
                        "add unique constraint person_id_key to table person",
                        "add index person_age_idx_btree to table person",
                        "add index person_id_idx_btree to table person",
                        "add sequence person_id_seq to table person"),
                steps(plain, full));
        assertEquals(
                List.of(
                        "remove unique constraint person_id_key from table person",
                        "remove index person_age_idx_btree from table person",
                        "remove index person_id_idx_btree from table person",
                        "remove sequence person_id_seq from table person"),
                steps(full, plain));
    }

    @Test
    void anIndexUnderTheSameNameWithAnotherAlgorithmIsRemovedAndAdded() throws InvalidModuleDefException {
        ModuleDef ordered = aModule()
                .table("person", table -> columns(table).index("by_age", IndexAlgorithm.BTREE, 1))
                .indexName("by_age", "ages")
                .build();
        ModuleDef hashed = aModule()
                .table("person", table -> columns(table).index("by_age", IndexAlgorithm.HASH, 1))
                .indexName("by_age", "ages")
                .build();

        assertEquals(
                List.of("remove index ages from table person", "add index ages to table person"),
                steps(ordered, hashed));
    }

    @Test
    void aChangedSequenceIsRemovedAndAdded() throws InvalidModuleDefException {
        assertEquals(
                List.of(
                        "remove sequence person_id_seq from table person",
                        "add sequence person_id_seq to table person"),
                steps(person(table -> table.autoIncrement(0)), person(table -> table.sequence(0, 5L, null, null, 1))));
    }

    @Test
    void accessAndPrimaryKeyChangeLast() throws InvalidModuleDefException {
        ModuleDef keyed = person(table -> table.primaryKey(0).isPublic());
        ModuleDef unkeyed = person(table -> table.unique(0));

        assertEquals(
                List.of("make table person private", "remove the primary key of table person"), steps(keyed, unkeyed));
        assertEquals(
                List.of("make table person public", "make column id the primary key of table person"),
                steps(unkeyed, keyed));
    }

    @Test
    void sourceNamesChangeAsLongAsCanonicalNamesStay() throws InvalidModuleDefException {
        ModuleDef before = aModule()
                .table(
                        "blogPost",
                        table -> table.column("writtenBy", Primitive.U8).index("byWriter", IndexAlgorithm.BTREE, 0))
                .build();
        ModuleDef after = aModule()
                .table(
                        "blog_post",
                        table -> table.column("written_by", Primitive.U8).index("by_writer", IndexAlgorithm.BTREE, 0))
                .build();

        assertEquals(
                List.of(
                        "change the source name of table blog_post from blogPost to blog_post",
                        "change the source name of column written_by of table blog_post from writtenBy to written_by",
                        "change the source name of index blog_post_written_by_idx_btree of table blog_post from byWriter"
                                + " to by_writer"),
                steps(before, after));
    }

    @Test
    void columnsAreAddedAtTheEndWithADefaultAndThatIsNoticed() throws InvalidModuleDefException {
        ModuleDef after = person(table -> table.column("name", Primitive.STRING)
                .column("level", Primitive.I32)
                .defaultValue(2, "02000000" + "6869")
                .defaultValue(3, "ffffffff"));

        assertEquals(
                List.of(
                        "add column name to table person, \"hi\" in every row",
                        "add column level to table person, -1 in every row",
                        "disconnect all clients"),
                steps(person(_ -> {}), after));
    }

    @Test
    void everyReasonAgainstColumnsIsGivenAtOnce() throws InvalidModuleDefException {
        ModuleDef before = aModule()
                .table(
                        "person",
                        table -> table.column("a", Primitive.U8)
                                .column("b", Primitive.U8)
                                .column("c", Primitive.U8)
                                .column("d", Primitive.U8))
                .table("untouched", MigrationPlanTest::columns)
                .table("gone", MigrationPlanTest::columns)
                .build();
        ModuleDef after = aModule()
                .table(
                        "person",
                        table -> table.column("c", Primitive.U8)
                                .column("early", Primitive.U8)
                                .column("b", Primitive.U16)
                                .column("d", Primitive.U8)
                                .column("late", Primitive.U8))
                .table("untouched", table -> columns(table).isEvent())
                .build();

        assertEquals(
                List.of(
                        "column a of table person cannot be removed",
                        "column b of table person cannot move to another place",
                        "column b of table person: cannot change its type",
                        "column c of table person cannot move to another place",
                        "column early can only be added at the end of table person",
                        "column early can only be added to table person with a default",
                        "column late can only be added to table person with a default",
                        "table untouched cannot become an event table"),
                reasons(before, after));
        assertEquals(
                List.of("table untouched cannot cease to be an event table"),
                reasons(
                        aModule()
                                .table("untouched", table -> columns(table).isEvent())
                                .build(),
                        aModule().table("untouched", MigrationPlanTest::columns).build()));
    }

    @Test
    void sumsGrowAtTheirEndAtAnyDepth() throws InvalidModuleDefException {
        AlgebraicType before = sum(element("a", AlgebraicType.UNIT));
        AlgebraicType after = sum(element("a", AlgebraicType.UNIT), element("b", Primitive.STRING));

        for (int depth = 0; depth < 5; depth++) {
            assertEquals(
                    List.of("add variants to the type of column kind of table item"),
                    steps(deepItem(before, depth), deepItem(after, depth)));
            assertFalse(plan(deepItem(before, depth), deepItem(after, depth)).disconnectsClients());
            assertEquals(
                    1, reasons(deepItem(after, depth), deepItem(before, depth)).size());
        }
    }

    /** Named sum in a named product, each reached through arrays, options and sums in turn. */
    private static ModuleDef deepItem(AlgebraicType sum, int depth) throws InvalidModuleDefException {
        AlgebraicType use = switch (depth) {
            case 0 -> new Ref(0);
            case 1 -> new Array(new Ref(0));
            case 2 -> AlgebraicType.option(new Ref(0));
            case 3 -> new Ref(1);
            default -> new Array(AlgebraicType.option(new Ref(2)));
        };
        return aModule()
                .type("Deep", sum)
                .type("Holder", product(element("x", Primitive.U8), element("deep", new Ref(0))))
                .type("Choice", sum(element("one", new Ref(1)), element("two", Primitive.U8)))
                .table("item", table -> table.column("kind", use))
                .build();
    }

    @Test
    void whatIsNoGrowthOfASumIsRefusedAndSaysWhere() throws InvalidModuleDefException {
        AlgebraicType abc =
                sum(element("a", AlgebraicType.UNIT), element("b", Primitive.U8), element("c", AlgebraicType.UNIT));

        assertEquals(
                List.of("column kind of table item: cannot lose variant c"),
                reasons(item(abc), item(sum(element("a", AlgebraicType.UNIT), element("b", Primitive.U8)))));
        assertEquals(
                List.of(
                        "column kind of table item: cannot move variant b to another place",
                        "column kind of table item: cannot move variant c to another place"),
                reasons(
                        item(abc),
                        item(sum(
                                element("a", AlgebraicType.UNIT),
                                element("c", AlgebraicType.UNIT),
                                element("b", Primitive.U8)))));
        assertEquals(
                List.of(
                        "column kind of table item: variant b cannot change its type",
                        "column kind of table item: cannot lose variant c"),
                reasons(
                        item(abc),
                        item(sum(
                                element("a", AlgebraicType.UNIT),
                                element("b", Primitive.U16),
                                element("x", AlgebraicType.UNIT)))));
    }

    @Test
    void productsInsideColumnsKeepTheirFields() throws InvalidModuleDefException {
        AlgebraicType xy = product(element("x", Primitive.U8), element("y", Primitive.U8));

        assertEquals(
                List.of("column kind of table item: cannot have 1 fields instead of 2"),
                reasons(item(xy), item(product(element("x", Primitive.U8)))));
        assertEquals(
                List.of(
                        "column kind of table item: cannot move field x to another place",
                        "column kind of table item: cannot move field y to another place"),
                reasons(item(xy), item(product(element("y", Primitive.U8), element("x", Primitive.U8)))));
        assertEquals(
                List.of(
                        "column kind of table item: field x cannot change its type",
                        "column kind of table item: cannot lose field y"),
                reasons(item(xy), item(product(element("x", Primitive.I8), element("z", Primitive.U8)))));
    }

    @Test
    void eventTablesChangeTheirColumnsFreely() throws InvalidModuleDefException {
        assertEquals(
                List.of("change the columns of event table person", "disconnect all clients"),
                steps(
                        person(TableBuilder::isEvent),
                        aModule()
                                .table(
                                        "person",
                                        table -> table.column("x", Primitive.STRING)
                                                .isEvent())
                                .build()));
    }

    @Test
    void aConstraintThatKeepsItsNameKeepsItsColumnsAndAnIndexItsAccessor() {
        ModuleDef before = withConstraint(List.of(0), "one");
        ModuleDef after = withConstraint(List.of(1), "two");

        assertEquals(
                List.of(
                        "unique constraint key of table t cannot change its columns",
                        "index i of table t cannot change its accessor name"),
                reasons(before, after));
    }

    private static ModuleDef withConstraint(List<Integer> columns, String accessor) {
        ModuleDef.ColumnDef x = new ModuleDef.ColumnDef("x", "x", Primitive.U8);
        ModuleDef.ColumnDef y = new ModuleDef.ColumnDef("y", "y", Primitive.U8);
        ModuleDef.TableDef table = new ModuleDef.TableDef(
                "t",
                "t",
                0,
                List.of(x, y),
                OptionalInt.empty(),
                List.of(new ModuleDef.IndexDef(
                        "i", "i", Optional.of(accessor), IndexAlgorithm.BTREE, List.of(0), false)),
                List.of(new ModuleDef.UniqueConstraintDef("key", columns)),
                List.of(),
                Optional.empty(),
                ModuleDef.TableAccess.PRIVATE,
                false,
                Map.of());
        return new ModuleDef(
                10,
                Typespace.EMPTY,
                List.of(),
                List.of(table),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Bytes.EMPTY);
    }

    private static RawModuleBuilder timers() {
        return aModule()
                .table(
                        "timer",
                        table -> table.column("id", Primitive.U64)
                                .column("at", AlgebraicType.SCHEDULE_AT)
                                .primaryKey(0))
                .reducer("tick", element("row", new Ref(0)))
                .reducer("tock", element("row", new Ref(0)));
    }

    @Test
    void theScheduleOfATableComesGoesAndChanges() throws InvalidModuleDefException {
        ModuleDef none = timers().build();
        ModuleDef ticking = timers().schedule("timer", 1, "tick").build();
        ModuleDef tocking = timers().schedule("timer", 1, "tock").build();

        assertEquals(List.of("add schedule timer_sched to table timer"), steps(none, ticking));
        assertEquals(List.of("remove schedule timer_sched from table timer"), steps(ticking, none));
        assertEquals(
                List.of("remove schedule timer_sched from table timer", "add schedule timer_sched to table timer"),
                steps(ticking, tocking));
    }

    private static RawModuleBuilder adults(boolean isAnonymous) {
        return aModule()
                .table("person", MigrationPlanTest::columns)
                .view("adults", 0, isAnonymous, new Array(new Ref(0)));
    }

    @Test
    void viewsThatStayAreEvaluatedAgainAndThatIsNoItem() throws InvalidModuleDefException {
        ModuleDef before = adults(true).build();
        ModuleDef after =
                adults(true).type("Unused", product(element("x", Primitive.U8))).build();

        assertEquals(
                List.of(new MigrationStep.RefreshView("adults")),
                plan(before, after).steps());
        assertEquals("The schema stays as it is.\n", plan(before, after).text(MigrationStyle.PLAIN));
    }

    @Test
    void aViewThatGoesOrChangesIsNoticedAndOneThatComesIsNot() throws InvalidModuleDefException {
        ModuleDef none = person(_ -> {});
        ModuleDef view = adults(true).build();
        ModuleDef keyed = adults(true).viewPrimaryKey("adults", "id").build();
        List<String> replaced = List.of("remove view adults", "add view adults", "disconnect all clients");

        assertEquals(List.of("add view adults"), steps(none, view));
        assertEquals(List.of("remove view adults", "disconnect all clients"), steps(view, none));
        assertEquals(replaced, steps(view, adults(false).build()));
        assertEquals(replaced, steps(view, keyed));
        assertEquals(
                replaced,
                steps(
                        aModule()
                                .type("Row", product(element("x", Primitive.U8)))
                                .view("adults", 0, true, new Array(new Ref(0)))
                                .build(),
                        aModule()
                                .type("Row", product(element("x", Primitive.U16)))
                                .view("adults", 0, true, new Array(new Ref(0)))
                                .build()));
    }

    @Test
    void anyChangeOfTheRowLevelRulesReplacesThemAllAndIsNoticed() throws InvalidModuleDefException {
        String all = "SELECT * FROM person";
        String old = "SELECT * FROM person WHERE age = 1";
        RawModuleBuilder one =
                aModule().table("person", MigrationPlanTest::columns).rowLevelSecurity(all);
        RawModuleBuilder two = aModule()
                .table("person", MigrationPlanTest::columns)
                .rowLevelSecurity(old)
                .rowLevelSecurity(all);

        assertEquals(
                List.of(
                        "remove row-level rule " + all,
                        "add row-level rule " + all,
                        "add row-level rule " + old,
                        "disconnect all clients"),
                steps(one.build(), two.build()));
        assertEquals(List.of(), steps(two.build(), two.build()));
    }

    @Test
    void tablesOfSubmodulesAreMatchedByTheirNameWithTheNamespace() throws InvalidModuleDefException {
        ModuleDef before = aModule()
                .table("session", MigrationPlanTest::columns)
                .submodule("auth", aModule().table("session", MigrationPlanTest::columns))
                .build();
        ModuleDef after = aModule()
                .table("session", MigrationPlanTest::columns)
                .submodule(
                        "auth",
                        aModule().table("session", table -> columns(table).unique(0)))
                .build();

        assertEquals(
                List.of(
                        "add unique constraint auth.session_id_key to table auth.session",
                        "add index auth.session_id_idx_btree to table auth.session"),
                steps(before, after));
    }

    @Test
    void stepsGoFromRemovalToDisconnectionWhateverTheirTables() throws InvalidModuleDefException {
        ModuleDef before = aModule()
                .table("a", table -> columns(table).index("x", IndexAlgorithm.BTREE, 1))
                .table("b", table -> columns(table).autoIncrement(0))
                .table("c", MigrationPlanTest::columns)
                .build();
        ModuleDef after = aModule()
                .table(
                        "a",
                        table -> columns(table)
                                .column("new", Primitive.BOOL)
                                .defaultValue(2, "01")
                                .isPublic())
                .table("B", table -> columns(table).primaryKey(0))
                .table("d", MigrationPlanTest::columns)
                .build();

        MigrationPlan.Possible plan = plan(before, after);

        assertEquals("""
                The schema changes:
                  - remove index a_age_idx_btree from table a
                  - remove sequence b_id_seq from table b
                  - remove table c
                  + add column new to table a, true in every row
                  ~ change the source name of table b from b to B
                  + add unique constraint b_id_key to table b
                  + add index b_id_idx_btree to table b
                  + add table d
                  ~ make table a public
                  ~ make column id the primary key of table b
                Warning: all clients will be disconnected.
                """, plan.text(MigrationStyle.PLAIN));
    }

    @Test
    void thePlanInColoursIsThePlanWithColours() throws InvalidModuleDefException {
        MigrationPlan.Possible plan = plan(
                person(table -> table.index("x", IndexAlgorithm.BTREE, 1)),
                person(table -> table.column("new", Primitive.BOOL)
                        .defaultValue(2, "01")
                        .isPublic()));

        String coloured = plan.text(MigrationStyle.ANSI);

        assertTrue(coloured.contains("\u001b[31m- remove index"), coloured);
        assertTrue(coloured.contains("\u001b[32m+ add column"), coloured);
        assertTrue(coloured.contains("\u001b[36m~ make table"), coloured);
        assertTrue(coloured.contains("\u001b[1;33mWarning"), coloured);
        assertEquals(plan.text(MigrationStyle.PLAIN), coloured.replaceAll("\u001b\\[[0-9;]*m", ""));
    }
}
