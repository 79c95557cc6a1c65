package io.pinion.store.query;

import static io.pinion.store.value.AlgebraicType.element;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.query.Catalog.Column;
import io.pinion.store.query.Catalog.Index;
import io.pinion.store.query.Catalog.Table;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.Typespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectTest {
    private static final Identity ANN = Identity.derive("localhost", "ann");
    private static final Identity BOB = Identity.derive("localhost", "bob");
    private static final Caller OWNER = new Caller(ANN, true);
    private static final Caller STRANGER = new Caller(BOB, false);

    private static final List<Column> COLUMNS = List.of(
            column("id", Primitive.U32),
            column("name", Primitive.STRING),
            new Column("is_ok", "isOk", Primitive.BOOL),
            column("owner", AlgebraicType.IDENTITY),
            column("score", Primitive.F64),
            column("tags", new AlgebraicType.Array(Primitive.STRING)),
            column("balance", Primitive.I128),
            column("at", AlgebraicType.TIMESTAMP),
            column("picture", new AlgebraicType.Array(Primitive.U8)),
            column("conn", AlgebraicType.CONNECTION_ID),
            column("key", AlgebraicType.UUID),
            column("nick", AlgebraicType.option(Primitive.STRING)),
            column("lasts", AlgebraicType.TIME_DURATION),
            column("f", Primitive.F32));
    private static final int BY_ID = 10;
    private static final int BY_NAME = 11;
    private static final int BY_NAME_AND_OK = 12;
    private static final int BY_SCORE = 13;
    private static final Table PERSON = table("person", true, false);

    private static final String ANN_ROW = "[1,\"Ann\",true,[\"0x" + ANN.toHex()
            + "\"],0.0,[\"a\",\"b\"],-5,[1700000000000000],\"abcd\",[1],[2],[0,\"A\"],[7],0.5]";
    private static final String BOB_ROW =
            "[2,\"Bob\",false,[\"0x" + BOB.toHex() + "\"],-0.0,[],340282366920,[0],\"\",[0],[0],[1,[]],[0],1.5]";
    private static final String ANOTHER_ANN_ROW =
            "[3,\"Ann\",false,[\"0x" + BOB.toHex() + "\"],2.5,[\"é\"],0,[-1],\"00\",[0],[0],[1,[]],[0],-1.0]";
    private static final List<String> ALL = List.of(ANN_ROW, BOB_ROW, ANOTHER_ANN_ROW);

    private final ListTransaction transaction =
            new ListTransaction(PERSON, ALL.stream().map(SelectTest::row).toList());

    @Test
    void everyRowIsReturnedAsItIsStored() {
        assertEquals(ALL, run("SELECT * FROM person"));
        assertEquals(ALL, run("select person.* from person;"));
        assertEquals(ALL, run("SELECT p.* FROM person AS p -- all of it"));
        assertEquals(rowType(), plan("SELECT * FROM person", OWNER).resultType());
    }

    @Test
    void columnsComeInTheOrderAskedForUnderTheNamesAskedFor() {
        String sql = "SELECT name, isOk, id AS number, person.tags t FROM person LIMIT 2";

        assertEquals(List.of("[\"Ann\",true,1,[\"a\",\"b\"]]", "[\"Bob\",false,2,[]]"), run(sql));
        assertEquals(
                AlgebraicType.product(
                        element("name", Primitive.STRING),
                        element("isOk", Primitive.BOOL),
                        element("number", Primitive.U32),
                        element("t", new AlgebraicType.Array(Primitive.STRING))),
                plan(sql, OWNER).resultType());
    }

    @Test
    void aColumnGoesByItsAccessorNameAndByItsCanonicalName() {
        assertEquals(List.of("[1]"), run("SELECT id FROM person WHERE isOk"));
        assertEquals(List.of("[1]"), run("SELECT id FROM person WHERE is_ok = TRUE"));
    }

    @Test
    void aKeyIsLookedUpInItsIndex() {
        assertEquals(List.of(BOB_ROW), run("SELECT * FROM person WHERE id = 2"));

        assertEquals(1, transaction.pointScans);
        assertEquals(0, transaction.tableScans);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id = 1                                    | point of person by index 10",
                "1 = id                                    | point of person by index 10",
                "name = 'Ann'                              | point of person by index 11",
                "name = 'Ann' AND is_ok                    | point of person by index 12",
                "is_ok = true AND (name = 'Ann')           | point of person by index 12",
                "is_ok AND name = 'Ann' AND id = 1         | point of person by index 10",
                "is_ok                                     | scan of person",
                "score = 0.0                               | scan of person",
                "name = 'Ann' OR id = 2                    | scan of person",
                "id > 1                                    | scan of person",
                "id = 1 AND false                          | nothing"
            })
    void theIndexThatSettlesMostIsChosen(String where, String access) {
        assertEquals(access, plan("SELECT * FROM person WHERE " + where, OWNER).describe());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "id = 1                                     | 1",
                "id = 1e0                                   | 1",
                "id = '1'                                   | 1",
                "id = +1.0                                  | 1",
                "id = 1 AND id = 2                          | ``",
                "id = 1 AND id = 1                          | 1",
                "name = 'Ann'                               | 1 3",
                "name = 'Ann' AND is_ok = FALSE             | 3",
                "name = 'ann'                               | ``",
                "name = 5                                   | ``",
                "score = 0                                  | 1 2",
                "score = -0.0                               | 1 2",
                "score = 25e-1                              | 3",
                "score < 1e400                              | 1 2 3",
                "f = .5                                     | 1",
                "balance = -5                               | 1",
                "balance = 340282366920                     | 2",
                "balance < 0                                | 1",
                "balance >= 0                               | 2 3",
                "id <> 2                                    | 1 3",
                "id != 2                                    | 1 3",
                "2 > id                                     | 1",
                "2 <= id                                    | 2 3",
                "at = '2023-11-14T22:13:20Z'                | 1",
                "at = '2023-11-14 23:13:20.0000009+01:00'   | 1",
                "at < '1970-01-01T00:00:00Z'                | 3",
                "picture = 0xABCD                           | 1",
                "picture = X'abcd'                          | 1",
                "picture = 'ABcd'                           | 1",
                "picture < X'00ff'                          | 2 3",
                "conn = 0x00000000000000000000000000000001  | 1",
                "key = '00000000-0000-0000-0000-000000000002' | 1",
                "key = 0x00000000000000000000000000000002   | 1",
                "owner = :sender                            | 1",
                ":sender = owner AND id = 1                 | 1",
                "true                                       | 1 2 3",
                "false                                      | ``",
                "true = false                               | ``",
                "false < true AND is_ok                     | 1",
                "id = 1 OR name = 'Bob'                     | 1 2",
                "(is_ok OR id = 3) AND (name = 'Ann')       | 1 3",
                "is_ok OR id = 3 AND name = 'Bob'           | 1",
                "((id) = (2))                               | 2",
                "owner = owner                              | 1 2 3",
                "\"person\".\"name\" = 'Bob' /* one */      | 2"
            })
    void aConditionPicksItsRows(String where, String ids) {
        List<String> expected = ids.isEmpty()
                ? List.of()
                : Stream.of(ids.split(" ")).map(id -> "[" + id + "]").toList();

        assertEquals(expected, run("SELECT id FROM person WHERE " + where));
    }

    @Test
    void anIdentityIsFoundByItsHexText() {
        assertEquals(List.of("[1]"), run("SELECT id FROM person WHERE owner = 0x" + ANN.toHex()));
        assertEquals(List.of("[1]"), run("SELECT id FROM person WHERE owner = '" + ANN.toHex() + "'"));
    }

    @Test
    void aQuoteInAStringIsDoubled() {
        assertEquals(List.of(), run("SELECT id FROM person WHERE name = 'O''Brien'"));
        assertEquals("O'Brien", SqlLexer.tokens("'O''Brien'").getFirst().text());
    }

    @Test
    void rowsAreCountedWithoutBeingReadWhereNothingFiltersThem() {
        assertEquals(List.of("[3]"), run("SELECT COUNT(*) AS n FROM person"));
        assertEquals(0, transaction.tableScans);
        assertEquals(List.of("[2]"), run("SELECT count(*) n FROM person WHERE name = 'Ann'"));
        assertEquals(List.of("[0]"), run("SELECT COUNT(*) AS n FROM person WHERE name = 'Zoe'"));
        assertEquals(
                AlgebraicType.product(element("n", Primitive.U64)),
                plan("SELECT COUNT(*) AS n FROM person", OWNER).resultType());
    }

    @Test
    void aLimitIsOnTheResult() {
        assertEquals(List.of("[1]", "[2]"), run("SELECT id FROM person LIMIT 2"));
        assertEquals(List.of("[3]"), run("SELECT id FROM person WHERE name = 'Ann' AND is_ok = false LIMIT 1"));
        assertEquals(List.of(), run("SELECT id FROM person LIMIT 0"));
        assertEquals(3, run("SELECT id FROM person LIMIT 1e2").size());
        assertEquals(3, run("SELECT id FROM person LIMIT 18446744073709551615").size());
        assertEquals(List.of("[3]"), run("SELECT COUNT(*) AS n FROM person LIMIT 1"));
        assertEquals(List.of(), run("SELECT COUNT(*) AS n FROM person LIMIT 0"));
    }

    @Test
    void anEventTableHasNoRowsToSelect() {
        Table events = table("person", true, true);
        SelectPlan plan = plan("SELECT * FROM person WHERE id = 1", name -> Optional.of(events), OWNER);

        assertEquals(0, plan.execute(transaction, ScanLimit.none(), (_, _, _) -> {}));
        assertEquals(0, transaction.pointScans + transaction.tableScans);
    }

    @Test
    void aPrivateTableIsAsMissingToAllButTheOwner() {
        Catalog catalog = catalog(table("person", false, false));

        String refused = refusal("SELECT * FROM person", catalog, STRANGER);
        String missing = refusal("SELECT * FROM persom", catalog, STRANGER);

        assertEquals(missing.replace("persom", "person"), refused);
        assertEquals(
                "scan of person", plan("SELECT * FROM person", catalog, OWNER).describe());
    }

    @Test
    void aPlanThatOutlivedItsTableSaysSo() {
        Table other = new Table(99, "person", COLUMNS, List.of(), true);
        SelectPlan plan = plan("SELECT * FROM person", name -> Optional.of(other), OWNER);

        assertThrows(IllegalStateException.class, () -> plan.execute(transaction, ScanLimit.none(), (_, _, _) -> {}));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT * FROM nobody                        | no such table: nobody (if it exists, it may be private), at position 15",
                "SELECT nothing FROM person                  | person has no column nothing, at position 8",
                "SELECT ID FROM person                       | person has no column ID, at position 8",
                "SELECT x.id FROM person                     | x is not in scope, only person is, at position 8",
                "SELECT person.id FROM person p              | person is not in scope, only p is, at position 8",
                "SELECT x.* FROM person                      | x is not in scope, only person is, at position 8",
                "SELECT id, id FROM person                   | two columns of the result are called id, at position 12",
                "SELECT id AS a, name AS a FROM person       | two columns of the result are called a, at position 17",
                "SELECT * FROM person WHERE id               | a condition is a Bool, and id is of type U32, at position 28",
                "SELECT * FROM person WHERE 5                | a condition is a Bool, not 5, at position 28",
                "SELECT * FROM person WHERE 1 = 1            | two literals have no type to be compared as, at position 30",
                "SELECT * FROM person WHERE id = 4294967296  | the literal 4294967296 is not a value of type U32: it is out of range, at position 33",
                "SELECT * FROM person WHERE id = -1          | the literal -1 is not a value of type U32: it is out of range, at position 33",
                "SELECT * FROM person WHERE id = 1.5         | the literal 1.5 is not a value of type U32: it is not a whole number in range, at position 33",
                "SELECT * FROM person WHERE id = 1e999999999 | the literal 1e999999999 is not a value of type U32: it is not a whole number in range, at position 33",
                "SELECT * FROM person WHERE id = true        | the literal TRUE is not a value of type U32, at position 33",
                "SELECT * FROM person WHERE is_ok = 1        | the literal 1 is not a value of type Bool, at position 36",
                "SELECT * FROM person WHERE is_ok = 'true'   | the literal 'true' is not a value of type Bool, at position 36",
                "SELECT * FROM person WHERE nick = 'A'       | values of type Option cannot be compared, at position 28",
                "SELECT * FROM person WHERE lasts = 5        | values of type TimeDuration cannot be compared, at position 28",
                "SELECT * FROM person WHERE tags = 'a'       | values of type Array of String cannot be compared, at position 28",
                "SELECT * FROM person WHERE id = :sender     | unexpected type: :sender is an Identity, not U32, at position 33",
                "SELECT * FROM person WHERE id = name        | unexpected type: name is of type String, not U32, at position 33"
            })
    void whatDoesNotFitTheTableIsRefusedByName(String sql, String message) {
        SqlException thrown = assertThrows(SqlException.class, () -> plan(sql, OWNER));

        assertEquals(message, thrown.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id = 'x'",
                "id = 0x10",
                "id = 1e99999999999",
                "score = 'NaN'",
                "picture = 'abc'",
                "picture = 'xy'",
                "owner = 0x1234",
                "conn = 5",
                "at = '2023-11-14T22:13:20'",
                "at = '2023-13-14T22:13:20Z'",
                "at = 5",
                "key = '0000-00'"
            })
    void aLiteralThatSpellsNoValueOfTheTypeIsRefused(String where) {
        String refused = refusal("SELECT * FROM person WHERE " + where, catalog(PERSON), OWNER);

        assertTrue(refused.matches("the literal .* is not a value of type .*: .*, at position 3[2-9]"), refused);
    }

    private static Column column(String name, AlgebraicType type) {
        return new Column(name, name, type);
    }

    private static Table table(String name, boolean isPublic, boolean isEvent) {
        List<Index> indexes = List.of(
                new Index(BY_NAME, List.of(1), false, false),
                new Index(BY_NAME_AND_OK, List.of(2, 1), false, false),
                new Index(BY_SCORE, List.of(4), true, false),
                new Index(BY_ID, List.of(0), true, false));
        return new Table(7, name, COLUMNS, indexes, isPublic, isEvent, List.of(), 7, null);
    }

    private static Catalog catalog(Table table) {
        return name -> Optional.of(table).filter(found -> found.name().equals(name));
    }

    private static SelectPlan plan(String sql, Caller caller) {
        return plan(sql, catalog(PERSON), caller);
    }

    private static SelectPlan plan(String sql, Catalog catalog, Caller caller) {
        return (SelectPlan) SqlPlanner.plan(sql, catalog, caller);
    }

    private static String refusal(String sql, Catalog catalog, Caller caller) {
        SqlException thrown = assertThrows(SqlException.class, () -> plan(sql, catalog, caller));
        return Objects.requireNonNull(thrown.getMessage());
    }

    private static Product rowType() {
        return new Product(COLUMNS.stream()
                .map(column -> element(column.name(), column.type()))
                .toList());
    }

    private static Bytes row(String json) {
        return SatsJson.toBsatn(Typespace.EMPTY, rowType(), json);
    }

    /** The rows of the result as positional JSON. */
    private List<String> run(String sql) {
        SelectPlan plan = plan(sql, OWNER);
        List<String> rows = new ArrayList<>();
        long delivered = plan.execute(
                transaction,
                ScanLimit.none(),
                (bytes, offset, length) -> rows.add(SatsJson.toJson(
                        Spelling.POSITIONAL, Typespace.EMPTY, plan.resultType(), Bytes.copyOf(bytes, offset, length))));
        assertEquals(rows.size(), delivered);
        return rows;
    }
}
