package io.pinion.store.query;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.Typespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Joins, ranges and the plans for them, and statements that change rows, over a small shop. */
class JoinTest {
    private static final Identity ANN = Identity.derive("localhost", "ann");
    private static final Caller OWNER = new Caller(ANN, true);
    private static final Caller STRANGER = new Caller(Identity.derive("localhost", "bob"), false);

    private Datastore store;
    private Transaction transaction;

    @BeforeEach
    void fillAShop() throws InvalidModuleDefException {
        store = Datastore.create(aModule()
                .table(
                        "person",
                        table -> table.column("id", Primitive.U32)
                                .column("name", Primitive.STRING)
                                .column("age", Primitive.U8)
                                .primaryKey(0)
                                .index("by_age", IndexAlgorithm.BTREE, 2)
                                .isPublic())
                .table(
                        "orders",
                        table -> table.column("id", Primitive.U32)
                                .column("personId", Primitive.U32)
                                .column("year", Primitive.U16)
                                .column("price", Primitive.F64)
                                .primaryKey(0)
                                .autoIncrement(0)
                                .index("by_person_year", IndexAlgorithm.BTREE, 1, 2)
                                .index("by_price", IndexAlgorithm.BTREE, 3)
                                .isPublic())
                .table(
                        "note",
                        table -> table.column("orderId", Primitive.U32)
                                .column("text", Primitive.STRING)
                                .column("who", AlgebraicType.IDENTITY)
                                .isPublic())
                .table(
                        "happened",
                        table -> table.column("personId", Primitive.U32)
                                .isPublic()
                                .isEvent())
                .table("secret", table -> table.column("id", Primitive.U32))
                .build());
        transaction = store.begin();
        change("INSERT INTO person (id, name, age) VALUES (1, 'Ann', 30), (2, 'Bob', 40), (3, 'Cem', 50)");
        change("INSERT INTO orders (id, person_id, year, price) VALUES (0, 1, 2020, 5), (0, 1, 2021, 7.5),"
                + " (0, 2, 2021, -1), (0, 9, 2021, 1e3)");
        change("INSERT INTO note (order_id, text, who) VALUES (1, 'a', 0x" + ANN.toHex() + "), (2, 'b', 0x"
                + Identity.ZERO.toHex() + "), (2, 'c', 0x" + ANN.toHex() + ")");
    }

    private ChangePlan.Changes change(String sql) {
        ChangePlan plan = (ChangePlan) SqlPlanner.plan(sql, new DatastoreCatalog(store), OWNER);
        return plan.execute(transaction, store.records());
    }

    private SelectPlan plan(String sql) {
        return (SelectPlan) SqlPlanner.plan(sql, new DatastoreCatalog(store), OWNER);
    }

    /** Sorted, as positional JSON. */
    private List<String> run(String sql) {
        return run(plan(sql), transaction, ScanLimit.none());
    }

    private static List<String> run(SelectPlan plan, RowSource source, ScanLimit limit) {
        List<String> rows = new ArrayList<>();
        plan.execute(
                source,
                limit,
                (bytes, offset, length) -> rows.add(SatsJson.toJson(
                        Spelling.POSITIONAL, Typespace.EMPTY, plan.resultType(), Bytes.copyOf(bytes, offset, length))));
        rows.sort(null);
        return rows;
    }

    private String refused(String sql) {
        return refused(sql, OWNER);
    }

    private String refused(String sql, Caller caller) {
        SqlException thrown =
                assertThrows(SqlException.class, () -> SqlPlanner.plan(sql, new DatastoreCatalog(store), caller));
        return Objects.requireNonNull(thrown.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT p.name, o.year FROM person p JOIN orders o ON p.id = o.personId | [\"Ann\",2020] [\"Ann\",2021] [\"Bob\",2021]",
                "SELECT p.name AS n FROM orders o INNER JOIN person p ON p.id = o.person_id WHERE o.year = 2021 | [\"Ann\"] [\"Bob\"]",
                "SELECT p.* FROM person p CROSS JOIN orders o WHERE p.id = o.person_id AND o.price < 0 | [2,\"Bob\",40]",
                "SELECT orders.* FROM orders JOIN note ON note.orderId = orders.id WHERE note.who = :sender | [1,1,2020,5.0] [2,1,2021,7.5]",
                "SELECT p.name, n.text FROM person p JOIN orders o ON p.id = o.person_id JOIN note n ON n.order_id = o.id | [\"Ann\",\"a\"] [\"Ann\",\"b\"] [\"Ann\",\"c\"]",
                "SELECT a.id AS x, b.id AS y FROM person a JOIN person b ON a.age = b.age WHERE a.id > 1 | [2,2] [3,3]",
                "SELECT a.id AS x, b.id AS y FROM person a JOIN person b WHERE a.age > b.age AND b.id = 2 | [3,2]",
                "SELECT COUNT(*) AS n FROM person CROSS JOIN orders | [12]",
                "SELECT COUNT(*) AS n FROM person p JOIN orders o ON p.id = o.person_id WHERE p.name = 'Ann' | [2]",
                "SELECT id FROM orders WHERE price >= -1 AND price < 7.5 | [1] [3]",
                "SELECT id FROM orders WHERE person_id = 1 AND year > 2020 | [2]",
                "SELECT id FROM person WHERE age > 30 AND age > 20 AND age <= 50 AND age < 50 | [2]",
                "SELECT p.id FROM person p JOIN happened h ON h.person_id = p.id | ``"
            })
    void aJoinYieldsEveryCombinationThatFits(String sql, String rows) {
        assertEquals(rows, String.join(" ", run(sql)));

        transaction.commit();
        try (FrozenView view = store.freeze("test")) {
            assertEquals(rows, String.join(" ", run(plan(sql), view.reader(), ScanLimit.none())));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT * FROM orders WHERE person_id = 1                        | prefix of 1 of orders by BY",
                "SELECT * FROM orders WHERE person_id = 1 AND year = 2020        | point of orders by BY",
                "SELECT * FROM orders WHERE year = 2020 AND 1 = person_id        | point of orders by BY",
                "SELECT * FROM orders WHERE year = 2020                          | scan of orders",
                "SELECT * FROM orders WHERE person_id = 1 AND year >= 2020 AND year < 2022 | prefix of 1 and range between of orders by BY",
                "SELECT * FROM orders WHERE price > 5                            | range from of orders by BY",
                "SELECT * FROM orders WHERE price <= 5                           | range to of orders by BY",
                "SELECT * FROM orders WHERE price = 5                            | point of orders by BY",
                "SELECT * FROM orders WHERE price <> 5                           | scan of orders",
                "SELECT * FROM orders WHERE id = 1 AND price > 5                 | point of orders by BY",
                "SELECT p.* FROM person p JOIN orders o ON p.id = o.person_id WHERE o.id = 3 | point of orders by BY, point of person by BY",
                "SELECT o.* FROM person p JOIN orders o ON p.id = o.person_id WHERE p.id = 3 | point of person by BY, prefix of 1 of orders by BY",
                "SELECT o.* FROM person p JOIN orders o ON p.id = o.person_id WHERE p.name = 'Ann' | scan of person, prefix of 1 of orders by BY",
                "SELECT n.* FROM note n JOIN orders o ON n.order_id = o.id       | scan of note, point of orders by BY",
                "SELECT n.* FROM note n JOIN orders o ON n.order_id = o.year     | expected an error",
                "SELECT n.* FROM note n JOIN note m ON n.text = m.text           | scan of note, hash of note by text",
                "SELECT p.* FROM person p JOIN note n                            | scan of person, scan of note",
                "SELECT p.* FROM person p JOIN orders o ON p.id = o.person_id WHERE p.age > 3 AND false | nothing",
                "SELECT * FROM happened                                          | nothing"
            })
    void thePlanTakesTheIndexThatSettlesMost(String sql, String expected) {
        if (expected.startsWith("expected")) {
            assertTrue(refused(sql).startsWith("unexpected type: year is of type U16, not U32"), refused(sql));
            return;
        }
        assertEquals(expected, plan(sql).describe().replaceAll("by index \\d+", "by BY"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT * FROM person JOIN orders ON person.id = orders.person_id | * of a join needs a table: table.*, at position 8",
                "SELECT name FROM person JOIN orders ON person.id = orders.person_id | in a join every column needs its table: table.name, at position 8",
                "SELECT person.* FROM person JOIN orders ON id = orders.person_id | in a join every column needs its table: table.id, at position 44",
                "SELECT person.* FROM person JOIN person ON person.id = person.id | two tables are called person, at position 34",
                "SELECT x.* FROM person p JOIN orders o ON p.id = o.person_id | x is not in scope, only p, o are, at position 8",
                "SELECT p.* FROM person p JOIN orders o ON p.id = n.order_id JOIN note n ON n.order_id = o.id | n is joined later, at position 50",
                "SELECT p.* FROM person p JOIN orders o ON p.name = o.person_id | unexpected type: person_id is of type U32, not String, at position 52",
                "SELECT p.* FROM person p JOIN nobody o ON p.id = o.id | no such table: nobody (if it exists, it may be private), at position 31"
            })
    void aJoinThatCannotBeReadIsRefused(String sql, String message) {
        assertEquals(message, refused(sql));
    }

    @Test
    void moreThan64TablesAreTooMany() {
        StringBuilder sql = new StringBuilder("SELECT t.* FROM person t");
        for (int i = 0; i < 64; i++) {
            sql.append(" JOIN person t").append(i);
        }

        assertTrue(refused(sql.toString()).startsWith("more than 64 tables"), refused(sql.toString()));
    }

    @Test
    void aLimitEndsTheScan() {
        ScanLimit limit = ScanLimit.of(1);

        assertEquals(
                1,
                run(plan("SELECT * FROM person LIMIT 1"), new CountlessRows(transaction), limit)
                        .size());
    }

    /** Hides sizes, so that no limit refuses beforehand. */
    private record CountlessRows(RowSource rows) implements RowSource {
        @Override
        public int tableId(String name) {
            return rows.tableId(name);
        }

        @Override
        public int indexId(String name) {
            return rows.indexId(name);
        }

        @Override
        public long rowCount(int tableId) {
            return 0;
        }

        @Override
        public int scanTable(int tableId, RowSink sink) {
            return rows.scanTable(tableId, sink);
        }

        @Override
        public int scanPoint(int indexId, byte[] bytes, int offset, int length, RowSink sink) {
            return rows.scanPoint(indexId, bytes, offset, length, sink);
        }

        @Override
        public int scanRange(int indexId, IndexRange range, RowSink sink) {
            return rows.scanRange(indexId, range, sink);
        }

        @Override
        public RowSource nested() {
            return rows.nested();
        }

        @Override
        public void checkStop() {
            rows.checkStop();
        }
    }

    @Test
    void aJoinOfManySmallScansIsStopped() {
        StringBuilder values = new StringBuilder("(100, 'x', 1)");
        for (int i = 101; i < 200; i++) {
            values.append(", (").append(i).append(", 'x', 1)");
        }
        change("INSERT INTO person (id, name, age) VALUES " + values);
        transaction.commit();
        int[] asked = new int[1];
        transaction = store.begin(0, () -> ++asked[0] > 3);

        SelectPlan cross = plan("SELECT COUNT(*) AS n FROM person a JOIN person b JOIN person c");

        assertThrows(OperationStoppedException.class, () -> run(cross, transaction, ScanLimit.none()));
        assertEquals(4, asked[0]);
    }

    // The row limit

    @Test
    void othersThanTheOwnerAreHeldToTheRowLimit() {
        assertEquals(List.of(), run("SHOW row_limit"));
        change("SET row_limit = 2");
        assertEquals(List.of("[[8,2]]"), run("SHOW row_limit"));
        SelectPlan scan = plan("SELECT * FROM person");
        SelectPlan join = plan("SELECT o.* FROM person p JOIN orders o ON p.id = o.person_id WHERE p.id = 1");

        assertEquals(3, run(scan, transaction, limit(OWNER)).size());
        SqlException beforehand = assertThrows(SqlException.class, () -> run(scan, transaction, limit(STRANGER)));
        assertTrue(String.valueOf(beforehand.getMessage()).contains("about 3 rows, and 2 are allowed"));
        SqlException meanwhile = assertThrows(SqlException.class, () -> run(join, transaction, limit(STRANGER)));
        assertTrue(String.valueOf(meanwhile.getMessage()).contains("more than the 2 rows"));
        assertEquals(
                1,
                run(plan("SELECT * FROM person WHERE id = 1"), transaction, limit(STRANGER))
                        .size());
    }

    private ScanLimit limit(Caller caller) {
        return ScanLimit.of(caller, new DatastoreCatalog(store), transaction);
    }

    @Test
    void aLimitThatIsSetIsClearedBeforeAnother() {
        change("SET row_limit TO 2");
        SqlException again = assertThrows(SqlException.class, () -> change("SET row_limit = 3"));
        assertTrue(String.valueOf(again.getMessage()).contains("is set already"), again.getMessage());

        assertEquals(0, change("DELETE FROM st_var WHERE name = 'other'").deleted());
        assertEquals(1, change("DELETE FROM st_var WHERE name = 'row_limit'").deleted());
        change("SET row_limit = 3");

        assertEquals(List.of("[[8,3]]"), run("SHOW row_limit"));
        assertTrue(refused("SET x = 3").startsWith("x is not a system variable"), refused("SET x = 3"));
        assertTrue(refused("SHOW x").startsWith("x is not a system variable"));
        assertTrue(refused("SET row_limit = 'a'").startsWith("row_limit takes a number"));
    }

    // Changes

    @Test
    void anInsertCountsTheRowsThatAreNew() {
        assertEquals(
                new ChangePlan.Changes(1, 0, 0),
                change("INSERT INTO person (x, x, y) VALUES (1, 'Ann', 30), (4, 'Dan', 1), (4, 'Dan', 1)"));
        assertEquals(List.of("[4,\"Dan\",1]"), run("SELECT * FROM person WHERE id > 3"));
    }

    @Test
    void aRowThatViolatesAConstraintIsNamed() {
        SqlException thrown = assertThrows(
                SqlException.class, () -> change("INSERT INTO person (id, name, age) VALUES (7, 'a', 1), (1, 'b', 1)"));

        assertEquals(
                "unique constraint violated: person has a row with the same id, at position 56", thrown.getMessage());
    }

    @Test
    void anUpdateWritesWhatItChose() {
        assertEquals(new ChangePlan.Changes(0, 0, 2), change("UPDATE person SET age = 9, age = 8 WHERE id < 3"));

        assertEquals(List.of("[1,\"Ann\",9]", "[2,\"Bob\",9]", "[3,\"Cem\",50]"), run("SELECT * FROM person"));
        assertEquals(new ChangePlan.Changes(0, 0, 0), change("UPDATE person SET age = 9 WHERE id = 77"));
        assertEquals(new ChangePlan.Changes(0, 0, 1), change("UPDATE note SET text = 'z' WHERE note.who <> :sender"));
        assertThrows(SqlException.class, () -> change("UPDATE person SET id = 5"));
    }

    @Test
    void aDeleteTakesWhatItChose() {
        assertEquals(new ChangePlan.Changes(0, 1, 0), change("DELETE FROM person WHERE person.age >= 50"));
        assertEquals(new ChangePlan.Changes(0, 4, 0), change("DELETE FROM orders"));
        assertEquals(List.of("[2]"), run("SELECT COUNT(*) AS n FROM person"));
    }

    @Test
    void anInsertedEventIsInTheDeltaAndNowhereElse() {
        transaction.commit();
        transaction = store.begin();
        assertEquals(new ChangePlan.Changes(1, 0, 0), change("INSERT INTO happened (person_id) VALUES (7)"));

        assertEquals(1, transaction.commit().tables().getFirst().inserts().count());

        transaction = store.begin();
        assertEquals(List.of("[0]"), run("SELECT COUNT(*) AS n FROM happened"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "INSERT INTO person (id) VALUES (1) | person has 3 columns, and 1 are listed, at position 13",
                "INSERT INTO person (a, b, c) VALUES (1, 'x') | person has 3 columns, and there are 2 values, at position 37",
                "INSERT INTO person (a, b, c) VALUES ('1', 'x', 1) | the literal '1' is not a value of type U32: a string is written into String columns only, at position 38",
                "INSERT INTO person (a, b, c) VALUES (1, true, 1) | the literal TRUE is not a value of type String, at position 41",
                "INSERT INTO note (a, b, c) VALUES (1, 5, 5) | `the literal 5 is not a value of type Identity: a`",
                "UPDATE person SET nobody = 1 | person has no column nobody, at position 19",
                "UPDATE person SET age = 1 WHERE nobody = 1 | person has no column nobody, at position 33",
                "DELETE FROM st_table | st_table is written by the system alone, at position 13",
                "INSERT INTO st_client (a, b) VALUES (1, 2) | st_client is written by the system alone, at position 13",
                "DELETE FROM nobody | no such table: nobody (if it exists, it may be private), at position 13"
            })
    void aChangeThatDoesNotFitIsRefused(String sql, String message) {
        assertTrue(refused(sql).startsWith(message), refused(sql));
    }

    @Test
    void changesAreTheOwnersAndTypesComeFirst() {
        assertTrue(refused("DELETE FROM person", STRANGER).startsWith("DELETE is for the owner"));
        assertTrue(refused("SET row_limit = 5", STRANGER).startsWith("SET is for the owner"));
        assertTrue(refused("UPDATE person SET x = 1", STRANGER).startsWith("person has no column x"));
        assertTrue(refused("DELETE FROM secret", STRANGER).startsWith("no such table: secret"));
    }
}
