package io.pinion.store.schema;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.option;
import static io.pinion.store.value.AlgebraicType.product;
import static io.pinion.store.value.AlgebraicType.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleBuilder.TableBuilder;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawReducer;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One test per way to be wrong; each refusal names the object and what is wrong with it. */
class ModuleDefErrorsTest {
    private static final AlgebraicType U8 = Primitive.U8;
    private static final AlgebraicType U64 = Primitive.U64;
    private static final AlgebraicType STRING = Primitive.STRING;
    private static final AlgebraicType QUERY = product(element("__query__", new Ref(0)));

    private static void assertRefused(RawModuleBuilder module, String... reasons) {
        InvalidModuleDefException refusal = assertThrows(InvalidModuleDefException.class, module::build);
        assertEquals(Stream.of(reasons).sorted().toList(), refusal.reasons());
        assertEquals("Errors occurred: " + String.join("; ", refusal.reasons()), refusal.getMessage());
    }

    private static RawModuleBuilder aTable(Consumer<TableBuilder> contents) {
        return aModule().table("t", contents);
    }

    // Identifiers

    @ParameterizedTest
    @ValueSource(strings = {"1a", "\u0301a", "$"})
    void aNameMustBeginLikeAnIdentifier(String name) {
        assertRefused(
                aModule().withoutCaseConversion().reducer(name),
                "reducer `" + name + "`: the name `" + name
                        + "` begins with U+%04X, which cannot begin an identifier".formatted(name.codePointAt(0)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a-b", "a b", "a.b", "a\u0000", "a\u200d", "a\u037a"})
    void aNameMustGoOnLikeAnIdentifier(String name) {
        assertRefused(
                aModule().withoutCaseConversion().reducer(name),
                "reducer `" + name + "`: the name `" + name
                        + "` contains U+%04X, which cannot be part of an identifier".formatted(name.codePointAt(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"_", "größe", "日本語", "ⅷ", "𝒳1", "a·b", "ª"})
    void lettersOfAllScriptsAreNames(String name) throws InvalidModuleDefException {
        assertEquals(
                name,
                aModule()
                        .withoutCaseConversion()
                        .reducer(name)
                        .build()
                        .reducers()
                        .getFirst()
                        .name());
    }

    @Test
    void aNameMustBeInNormalisationFormC() {
        assertRefused(
                aModule().withoutCaseConversion().reducer("a\u0301"),
                "reducer `a\u0301`: the name `a\u0301` is not in Unicode normalisation form C");
    }

    @Test
    void aNameMustNotBeEmpty() {
        assertRefused(aModule().withoutCaseConversion().reducer(""), "reducer ``: the name `` is empty");
    }

    @Test
    void aNameMustNotBeEmptyAfterConversion() {
        assertRefused(aModule().reducer("_"), "reducer `_`: the name `` is empty");
    }

    @Test
    void explicitNamesAreIdentifiersToo() {
        assertRefused(
                aModule().reducer("greet").functionName("greet", "say hello"),
                "reducer `greet`: the name `say hello` contains U+0020, which cannot be part of an identifier");
    }

    @Test
    void aVeryLongNameIsRefusedAndCutInTheMessage() {
        String name = "a".repeat(5_000);
        String quoted = "`" + "a".repeat(80) + "…` (5000 characters)";
        assertRefused(
                aModule().reducer(name),
                "reducer " + quoted + ": the name " + quoted + " is longer than 4096 characters");
    }

    // Types

    @Test
    void aTypeNameMustPointIntoTheTypespace() {
        assertRefused(
                aModule().typeName(new RawType(List.of(), "T", 3, true)),
                "type `T`: type reference 3 is out of range: the typespace has 0 types");
        assertRefused(
                aModule().typeName(new RawType(List.of(), "T", -1, true)),
                "type `T`: type reference 4294967295 is out of range: the typespace has 0 types");
    }

    @Test
    void aNamedTypeMustBeAProductOrASum() {
        assertRefused(
                aModule().type("T", new Array(U8)), "type `T`: type reference 0 leads to neither a product nor a sum");
    }

    @Test
    void aSpecialTypeHasNoNameOfItsOwn() {
        assertRefused(
                aModule().type("T", SpecialTypes.TIMESTAMP),
                "type `T`: is a special type, which cannot be given a name");
    }

    @Test
    void elementsOfANamedTypeMustBeNamed() {
        assertRefused(aModule().type("T", product(element(null, U8))), "type `T`: field 0 has no name");
        assertRefused(aModule().type("T", sum(element("a", U8), element(null, U8))), "type `T`: variant 1 has no name");
    }

    @Test
    void elementsOfANamedTypeMustBeValidUses() {
        AlgebraicType inline = product(element("a", U8));
        assertRefused(
                aModule().type("T", product(element("deep", option(new Array(inline))))),
                "type `T`: field `deep`: is an inline product; it must be a reference to a named type");
        assertRefused(
                aModule().type("T", sum(element("Deep", sum(element("a", U8))))),
                "type `T`: variant `Deep`: is an inline sum; it must be a reference to a named type");
    }

    @Test
    void namesInsideTypesMustBeIdentifiers() {
        assertRefused(
                aModule().type("T", product(element("a!", U8))),
                "type `T`: the field name `a!` contains U+0021, which cannot be part of an identifier");
        assertRefused(
                aModule().typeName(new RawType(List.of("x y"), "T", 0, true)).type(AlgebraicType.UNIT),
                "type `T`: the scope `x y` contains U+0020, which cannot be part of an identifier");
    }

    @Test
    void typeNamesMustBeUniqueAfterConversion() {
        assertRefused(
                aModule().type("FooBar", AlgebraicType.UNIT).type("foo_bar", AlgebraicType.UNIT),
                "type `foo_bar`: the type name `FooBar` is used more than once");
    }

    @Test
    void elementsMustBeInDefaultOrderUnlessMarked() throws InvalidModuleDefException {
        RawType unmarked = new RawType(List.of(), "T", 0, false);
        assertRefused(
                aModule().typeName(unmarked).type(product(element("b", U8), element("a", U8))),
                "type `T`: the fields are not in default order (by name) and it is not marked as custom ordered");
        assertEquals(
                1,
                aModule()
                        .typeName(unmarked)
                        .type(product(element("a", U8), element("b", U8)))
                        .build()
                        .types()
                        .size());
    }

    @Test
    void aDefinitionThatIsReferredToMustBeNamed() {
        assertRefused(
                aModule().type(product(element("a", U8))).reducer("r", element("x", new Array(new Ref(0)))),
                "reducer `r`: parameter `x`: refers to type 0, which has no entry in the list of types");
    }

    @Test
    void whatIsAValidUseNeedsNoName() throws InvalidModuleDefException {
        aModule()
                .type(new Array(new Ref(1)))
                .type(option(U8))
                .reducer("r", element("x", new Ref(0)))
                .build();
    }

    @Test
    void aReferenceMustLeadSomewhere() {
        assertRefused(
                aModule().reducer("r", element("x", new Ref(2))),
                "reducer `r`: parameter `x`: type reference 2 is out of range: the typespace has 0 types");
        assertRefused(
                aModule().type(new Ref(1)).type(new Ref(0)).reducer("r", element("x", new Ref(0))),
                "reducer `r`: parameter `x`: type reference 0 refers only to itself");
    }

    @Test
    void aRecursiveParameterIsAllowedButNotARecursiveColumn() throws InvalidModuleDefException {
        AlgebraicType tree = product(element("children", new Array(new Ref(0))));
        aModule()
                .type("Tree", tree)
                .reducer("plant", element("tree", new Ref(0)))
                .build();

        assertRefused(
                aModule().type("Tree", tree).table("wood", table -> table.column("tree", new Ref(0))),
                "table `wood`: column `tree`: type reference 0 is recursive");
    }

    // Tables

    @Test
    void aTableMustLeadToAProduct() {
        assertRefused(aModule().tableOfRef("t", 4), "table `t`: its row type, reference 4, leads to no product");
        assertRefused(
                aModule().type(U8).tableOfRef("t", 0), "table `t`: its row type, reference 0, leads to no product");
    }

    @Test
    void columnsMustBeNamed() {
        assertRefused(aModule().type(product(element(null, U8))).tableOfRef("t", 0), "table `t`: column 0 has no name");
    }

    @Test
    void columnNamesMustDifferAfterConversion() {
        assertRefused(
                aTable(table -> table.column("fooBar", U8).column("foo_bar", U8)),
                "table `t`: the column name `foo_bar` is used more than once");
    }

    @Test
    void columnTypesMustBeValidUses() {
        assertRefused(
                aModule().type(product(element("a", product(element("b", U8))))).tableOfRef("t", 0),
                "table `t`: column `a`: is an inline product; it must be a reference to a named type");
    }

    @Test
    void aColumnReferenceMustBeInRange() {
        assertRefused(
                aModule().type(product(element("a", new Ref(9)))).tableOfRef("t", 0),
                "table `t`: column `a`: type reference 9 is out of range: the typespace has 1 types");
    }

    @Test
    void namesOfSystemTablesAreReserved() {
        assertRefused(
                aModule().table("stThings", table -> table.column("a", U8)),
                "table `stThings`: the name `st_things` is reserved: it begins with st_");
    }

    @Test
    void theTableBehindAViewMustNotHaveANameOfTheSystem() {
        assertRefused(
                aModule().type("Row", product(element("id", U64))).view("stTable", 0, true, new Array(new Ref(0))),
                "view `stTable`: the name `st_table` is reserved: it begins with st_");
    }

    @Test
    void aModulesTableIsNotTheSystems() {
        assertRefused(
                aTable(table -> table.column("a", U64).isSystem()),
                "table `t`: is declared to be of the system, which no module's table is");
    }

    @Test
    void aPrimaryKeyHasOneColumn() {
        assertRefused(
                aTable(table ->
                        table.column("a", U8).column("b", U8).primaryKey(0).primaryKey(1)),
                "table `t`: the primary key has 2 columns; one at most is allowed");
    }

    @Test
    void aPrimaryKeyMustBeAColumn() {
        assertRefused(
                aTable(table -> table.column("a", U8).primaryKeyOnly(1)),
                "table `t`: the primary key names column 1, but there are only 1 columns");
    }

    @Test
    void aPrimaryKeyMustBeUnique() {
        assertRefused(
                aTable(table -> table.column("a", U8).primaryKeyOnly(0)),
                "table `t`: the primary key column `a` has no unique constraint");
    }

    @Test
    void anIndexMustHaveASourceName() {
        assertRefused(
                aTable(table -> table.column("a", U8).index((String) null, IndexAlgorithm.BTREE, 0)),
                "table `t`: an index over columns [0] has no source name");
    }

    @Test
    void anIndexMustBeOverDifferentColumnsThatExist() {
        assertRefused(
                aTable(table -> table.column("a", U8)
                        .index("twice", IndexAlgorithm.BTREE, 0, 0)
                        .index("beyond", IndexAlgorithm.HASH, 5)
                        .index("none", IndexAlgorithm.HASH)),
                "table `t`: index `twice` names a column more than once: [0, 0]",
                "table `t`: index `beyond` names column 5, but there are only 1 columns",
                "table `t`: index `none` names no column");
    }

    @Test
    void anAccessorMustBeAnIdentifier() {
        assertRefused(
                aTable(table ->
                        table.column("a", U8).index(new RawIndex("i", "by a", IndexAlgorithm.BTREE, List.of(0)))),
                "table `t`: the index accessor name `by a` contains U+0020, which cannot be part of an identifier");
    }

    @Test
    void anExplicitIndexNameMustBeAnIdentifier() {
        assertRefused(
                aTable(table -> table.column("a", U8).index("i", IndexAlgorithm.BTREE, 0))
                        .indexName("i", "a.b"),
                "table `t`: the index name `a.b` contains U+002E, which cannot be part of an identifier");
    }

    @Test
    void aDirectIndexNeedsASmallNumberOrAnEnum() throws InvalidModuleDefException {
        assertRefused(
                aTable(table -> table.column("a", STRING).index("i", IndexAlgorithm.DIRECT, 0)),
                "table `t`: index `i` is direct, but column `a` is not U8, U16, U32, U64 or an enum without payload");
        aModule()
                .type("Colour", sum(element("Red", AlgebraicType.UNIT)))
                .table("t", table -> table.column("a", new Ref(0)).index("i", IndexAlgorithm.DIRECT, 0))
                .build();
    }

    @Test
    void aUniqueConstraintNeedsAnIndexOverItsColumns() {
        assertRefused(
                aTable(table -> table.column("a", U8)
                        .column("b", U8)
                        .index("i", IndexAlgorithm.BTREE, 0)
                        .constraint(1, 0)),
                "table `t`: the unique constraint `t_b_a_key` has no index over its columns");
    }

    @Test
    void aUniqueConstraintMustBeOverDifferentColumnsThatExist() {
        assertRefused(
                aTable(table -> table.column("a", U8).constraint(0, 0).constraint(3)),
                "table `t`: a unique constraint names a column more than once: [0, 0]",
                "table `t`: a unique constraint names column 3, but there are only 1 columns");
    }

    // Sequences and defaults

    @Test
    void aSequenceNeedsAnIntegerColumnOfItsOwn() {
        assertRefused(
                aTable(table -> table.column("a", STRING).autoIncrement(0)),
                "table `t`: column `a` has a sequence but is not of an integer type");
        assertRefused(
                aTable(table -> table.column("a", U8).autoIncrement(1)),
                "table `t`: a sequence names column 1, but there are only 1 columns");
        assertRefused(
                aTable(table -> table.column("a", U8).autoIncrement(0).autoIncrement(0)),
                "table `t`: column `a` has more than one sequence",
                "the name `t_a_seq` is used more than once: by a sequence of table `t` and by a sequence of table `t`");
    }

    @Test
    void aSequenceMustStartInsideItsRange() {
        assertRefused(
                aTable(table -> table.column("a", U8).sequence(0, 1L, 5L, 9L, 1)),
                "table `t`: the sequence `t_a_seq` starts at 1, below its minimum 5");
        assertRefused(
                aTable(table -> table.column("a", U8).sequence(0, 10L, null, 9L, 1)),
                "table `t`: the sequence `t_a_seq` starts at 10, above its maximum 9");
    }

    @Test
    void aSequenceNeedsARangeAndAnIncrementThatFitsIt() {
        assertRefused(
                aTable(table -> table.column("a", U8).sequence(0, null, 5L, 5L, 1)),
                "table `t`: the sequence `t_a_seq` has no range: its maximum 5 is not above its minimum 5");
        assertRefused(
                aTable(table -> table.column("a", U8).sequence(0, null, null, 0L, 1)),
                "table `t`: the sequence `t_a_seq` has no range: its maximum 0 is not above its minimum 1");
        assertRefused(
                aTable(table -> table.column("a", U8).sequence(0, null, null, null, 0)),
                "table `t`: the sequence `t_a_seq` has increment 0");
        assertRefused(
                aTable(table -> table.column("a", U8).sequence(0, 1L, 1L, 9L, -8)),
                "table `t`: the sequence `t_a_seq` has increment -8, which spans its range from 1 to 9");
    }

    @Test
    void aDefaultMustBeAValueOfItsColumn() {
        assertRefused(
                aTable(table -> table.column("a", U64).defaultValue(0, "0102")),
                "table `t`: the default of column `a` is not a value of its type: expected 8 bytes at 0 but only 2 are left");
        assertRefused(
                aTable(table -> table.column("a", U64).defaultValue(2, "01")),
                "table `t`: a default names column 2, but there are only 1 columns");
    }

    // Names

    @Test
    void tableNamesMustDifferAfterConversion() {
        assertRefused(
                aModule()
                        .table("fooBar", table -> table.column("a", U8))
                        .table("foo_bar", table -> table.column("a", U8)),
                "type `foo_barRow`: the type name `FooBarRow` is used more than once",
                "the name `foo_bar` is used more than once: by table `fooBar` and by table `foo_bar`");
    }

    @Test
    void tablesViewsAndIndexesShareOneSetOfNames() {
        assertRefused(
                aModule()
                        .table("t", table -> table.column("a", U8).index("v", IndexAlgorithm.BTREE, 0))
                        .view("v", 0, true, new Array(new Ref(0))),
                "the name `v` is used more than once: by index `v` of table `t` and by view `v`");
    }

    @Test
    void reducersProceduresAndViewsShareOneSetOfNames() {
        assertRefused(
                aModule()
                        .table("t", table -> table.column("a", U8))
                        .reducer("doIt")
                        .procedure("do_it", U8)
                        .view("DoIt", 0, true, new Array(new Ref(0))),
                "the function name `do_it` is used more than once: by reducer `doIt` and by procedure `do_it`",
                "the function name `do_it` is used more than once: by reducer `doIt` and by view `DoIt`");
    }

    @Test
    void anHttpHandlerMayBeNamedLikeAReducer() throws InvalidModuleDefException {
        ModuleDef def = aModule().reducer("save").httpHandler("save").build();

        assertEquals("save", def.httpHandlers().getFirst().name());
    }

    // Functions

    @Test
    void parametersMustBeNamed() {
        assertRefused(aModule().reducer("r", element(null, U8)), "reducer `r`: parameter 0 has no name");
        assertRefused(
                aModule().procedure("p", U8, element("x y", U8)),
                "procedure `p`: the parameter name `x y` contains U+0020, which cannot be part of an identifier");
    }

    @Test
    void parametersAndReturnTypesMustBeValidUses() {
        AlgebraicType inline = product(element("a", U8));
        assertRefused(
                aModule().procedure("p", inline, element("x", inline)),
                "procedure `p`: its return type: is an inline product; it must be a reference to a named type",
                "procedure `p`: parameter `x`: is an inline product; it must be a reference to a named type");
    }

    @Test
    void aReducerReturnsNothingOrAString() {
        assertRefused(
                aModule().reducer(new RawReducer("r", AlgebraicType.UNIT, Visibility.CLIENT_CALLABLE, U8, STRING)),
                "reducer `r`: must return the unit type, and String as its error");
        assertRefused(
                aModule()
                        .reducer(new RawReducer(
                                "r", AlgebraicType.UNIT, Visibility.CLIENT_CALLABLE, AlgebraicType.UNIT, U8)),
                "reducer `r`: must return the unit type, and String as its error");
    }

    @Test
    void aLifecycleEventNeedsItsReducer() {
        assertRefused(
                aModule().procedure("boot", U8).lifecycle(Lifecycle.INIT, "boot"),
                "lifecycle event INIT: there is no reducer `boot`");
    }

    @Test
    void aLifecycleEventHasOneReducer() {
        assertRefused(
                aModule()
                        .reducer("a")
                        .reducer("b")
                        .lifecycle(Lifecycle.INIT, "a")
                        .lifecycle(Lifecycle.INIT, "b"),
                "lifecycle event INIT: is assigned more than once");
    }

    @Test
    void aReducerServesOneLifecycleEvent() {
        assertRefused(
                aModule().reducer("a").lifecycle(Lifecycle.INIT, "a").lifecycle(Lifecycle.ON_CONNECT, "a"),
                "lifecycle event ON_CONNECT: reducer `a` already serves INIT");
    }

    // Schedules

    private static RawModuleBuilder aTimer() {
        return aModule()
                .table(
                        "timer",
                        table -> table.column("id", U64)
                                .primaryKey(0)
                                .column("at", SpecialTypes.SCHEDULE_AT)
                                .column("note", STRING))
                .reducer("ring", element("timer", new Ref(0)));
    }

    @Test
    void aScheduleNeedsItsTable() {
        assertRefused(aTimer().schedule("clock", 1, "ring"), "schedule of table `clock`: there is no such table");
    }

    @Test
    void aTableHasOneSchedule() {
        assertRefused(
                aTimer().schedule("timer", 1, "ring").schedule("timer", 1, "ring"),
                "schedule of table `timer`: the table has more than one schedule");
    }

    @Test
    void aScheduleNeedsItsTimeColumn() {
        assertRefused(
                aTimer().schedule("timer", 2, "ring"),
                "schedule of table `timer`: column `note` is not of type ScheduleAt");
        assertRefused(
                aTimer().schedule("timer", 7, "ring"),
                "schedule of table `timer`: names column 7, but there are only 3 columns");
    }

    @Test
    void aScheduledTableNeedsAPrimaryKeyOf64Bits() {
        assertRefused(
                aModule()
                        .table(
                                "timer",
                                table -> table.column("id", Primitive.U32)
                                        .primaryKey(0)
                                        .column("at", SpecialTypes.SCHEDULE_AT))
                        .reducer("ring", element("timer", new Ref(0)))
                        .schedule("timer", 1, "ring"),
                "schedule of table `timer`: the table must have a primary key of type U64");
    }

    @Test
    void aScheduleNeedsAFunctionThatTakesTheRow() {
        assertRefused(
                aTimer().schedule("timer", 1, "chime"),
                "schedule of table `timer`: there is no reducer or procedure `chime`");
        assertRefused(
                aTimer().reducer("chime", element("id", U64)).schedule("timer", 1, "chime"),
                "schedule of table `timer`: function `chime` must have exactly one parameter, of the table's row type");
    }

    // HTTP

    @ParameterizedTest
    @ValueSource(strings = {"a", "/A", "/a?b", "/a/{id}", "/ä", "/a.b"})
    void aRoutesPathHasFewCharacters(String path) {
        assertRefused(
                aModule().httpHandler("h").route("h", "GET", path),
                "HTTP route `GET` `" + path
                        + "`: the path must be empty or begin with /, and may only hold a-z, 0-9, -, _, ~ and /");
    }

    @Test
    void routesOfOnePathMustNotOverlap() throws InvalidModuleDefException {
        assertRefused(
                aModule().httpHandler("h").route("h", "GET", "/a").route("h", "GET", "/a"),
                "HTTP route `GET` `/a`: conflicts with an earlier route of the same path");
        assertRefused(
                aModule().httpHandler("h").route("h", null, "/a").route("h", "PURGE", "/a"),
                "HTTP route `PURGE` `/a`: conflicts with an earlier route of the same path");
        assertRefused(
                aModule().httpHandler("h").route("h", "GET", "/a").route("h", null, "/a"),
                "HTTP route ANY `/a`: conflicts with an earlier route of the same path");
        aModule()
                .httpHandler("h")
                .route("h", "GET", "/a")
                .route("h", "POST", "/a")
                .build();
    }

    @Test
    void aRouteNeedsItsHandler() {
        assertRefused(
                aModule().reducer("h").route("h", "GET", "/a"), "HTTP route `GET` `/a`: there is no HTTP handler `h`");
    }

    @Test
    void handlerNamesMustDifferAfterConversion() {
        assertRefused(
                aModule().httpHandler("fooBar").httpHandler("foo_bar"),
                "HTTP handler `foo_bar`: the name `foo_bar` is used more than once");
    }

    // Views

    @Test
    void aViewReturnsRowsOfANamedProduct() {
        RawModuleBuilder number = aModule().view("v", 0, true, U8);
        assertRefused(number, "view `v`: must return an array, an option or a query of a named product type");
        RawModuleBuilder inline = aModule().view("v", 0, true, new Array(product(element("a", U8))));
        assertRefused(inline, "view `v`: must return an array, an option or a query of a named product type");
        RawModuleBuilder variants =
                aModule().type("E", sum(element("A", U8))).view("v", 0, true, new Array(new Ref(0)));
        assertRefused(variants, "view `v`: its row type, reference 0, leads to no product");
    }

    @Test
    void theIndexOfAViewMustBeReasonable() {
        assertRefused(
                aModule().type("E", AlgebraicType.UNIT).view("v", -1, true, new Array(new Ref(0))),
                "view `v`: its index 4294967295 is too large");
    }

    @Test
    void theColumnsOfAViewMustNotBeRecursive() {
        assertRefused(
                aModule()
                        .type("Tree", product(element("children", new Array(new Ref(0)))))
                        .view("v", 0, true, new Array(new Ref(0))),
                "view `v`: column `children`: type reference 0 is recursive");
    }

    @Test
    void aViewsPrimaryKeyMustFitItsView() {
        assertRefused(aViewOfPeople().viewPrimaryKey("w", "id"), "primary key of view `w`: there is no such view");
        assertRefused(
                aViewOfPeople().viewPrimaryKey("v", "id").viewPrimaryKey("v", "id"),
                "primary key of view `v`: is given more than once");
        assertRefused(
                aViewOfPeople().viewPrimaryKey("v", "id", "firstName"),
                "primary key of view `v`: has 2 columns; one at most is allowed");
        assertRefused(
                aViewOfPeople().viewPrimaryKey("v", "first_name"),
                "view `v`: its primary key column `first_name` does not exist");
    }

    @Test
    void anEmptyPrimaryKeyEntryOfAViewIsIgnored() throws InvalidModuleDefException {
        ModuleDef def = aViewOfPeople()
                .viewPrimaryKey("v")
                .viewPrimaryKey("v", "firstName")
                .build();

        assertEquals(1, def.view("v").orElseThrow().primaryKey().getAsInt());
    }

    private static RawModuleBuilder aViewOfPeople() {
        return aModule()
                .type("Person", product(element("id", U8), element("firstName", STRING)))
                .view("v", 0, true, new Array(new Ref(0)));
    }

    @Test
    void aQueryTakesThePrimaryKeyOfItsTablesIfTheyAgree() throws InvalidModuleDefException {
        RawModuleBuilder agreeing = aModule()
                .table("a", table -> table.column("x", U8).column("y", U8).primaryKey(1))
                .table("b", table -> table.rowRef(0))
                .view("v", 0, false, QUERY);
        RawModuleBuilder disagreeing = aModule()
                .table("a", table -> table.column("x", U8).column("y", U8).primaryKey(1))
                .table(
                        "b",
                        table -> table.rowRef(0).column("x", U8).column("y", U8).primaryKey(0))
                .view("v", 0, false, QUERY);

        assertEquals(1, agreeing.build().view("v").orElseThrow().primaryKey().getAsInt());
        assertTrue(disagreeing.build().view("v").orElseThrow().primaryKey().isEmpty());
    }

    // Submodules

    @Test
    void aNamespaceMustBeAShortIdentifier() {
        String longest = "a".repeat(63);
        assertRefused(
                aModule().submodule(longest + "a", aModule()),
                "submodule `" + longest + "a`: its namespace is longer than 63 bytes");
        assertRefused(
                aModule().submodule("a.b", aModule()),
                "submodule `a.b`: the namespace `a.b` contains U+002E, which cannot be part of an identifier");
        assertRefused(
                aModule().submodule("a", aModule()).submodule("a", aModule()),
                "submodule `a`: the namespace is used more than once");
    }

    @Test
    void aSubmoduleMustNotAssignLifecycleReducersAtAnyDepth() {
        RawModuleBuilder inner = aModule().reducer("boot").lifecycle(Lifecycle.INIT, "boot");
        assertRefused(
                aModule().submodule("outer", aModule().submodule("inner", inner)),
                "submodule `outer`: submodule `inner`: must not assign lifecycle reducers");
    }

    @Test
    void anErrorInASubmoduleNamesIt() {
        assertRefused(
                aModule().submodule("lib", aTable(table -> table.column("a", U8).primaryKeyOnly(0))),
                "submodule `lib`: table `t`: the primary key column `a` has no unique constraint");
    }

    @Test
    void routesOfASubmoduleAreIgnoredRightOrWrong() throws InvalidModuleDefException {
        ModuleDef def = aModule()
                .submodule("lib", aModule().httpHandler("h").route("nobody", "GET", "no path"))
                .build();

        assertTrue(def.httpRoutes().isEmpty());
        assertTrue(def.httpHandlers().isEmpty());
    }

    // All together

    @Test
    void everyErrorIsReportedSortedAndOnce() {
        assertRefused(
                aModule()
                        .table("z", table -> table.column("a", U8).primaryKeyOnly(0))
                        .table("y", table -> table.column("a", U8).primaryKeyOnly(0))
                        .reducer("r", element(null, U8))
                        .httpHandler("")
                        .lifecycle(Lifecycle.INIT, "boot"),
                "HTTP handler ``: the name `` is empty",
                "lifecycle event INIT: there is no reducer `boot`",
                "reducer `r`: parameter 0 has no name",
                "table `y`: the primary key column `a` has no unique constraint",
                "table `z`: the primary key column `a` has no unique constraint");
    }
}
