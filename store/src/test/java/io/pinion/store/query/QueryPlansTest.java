package io.pinion.store.query;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.RawModuleBuilder;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.MigrationResult;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Identity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which plans are kept, and for whom. */
class QueryPlansTest {
    private static final Caller OWNER = new Caller(Identity.derive("localhost", "ann"), true);
    private static final Caller BOB = new Caller(Identity.derive("localhost", "bob"), false);
    private static final Caller CEM = new Caller(Identity.derive("localhost", "cem"), false);
    private static final String NOTES = "SELECT * FROM notes WHERE id < 1000";

    private Datastore store;
    private QueryPlans plans;

    @BeforeEach
    void createTables() throws InvalidModuleDefException {
        store = Datastore.create(module().build());
        plans = new QueryPlans(new DatastoreCatalog(store));
        insertNotes(0, 10);
    }

    private static RawModuleBuilder module() {
        return aModule()
                .table(
                        "notes",
                        notes -> notes.column("id", Primitive.U64)
                                .column("author", AlgebraicType.IDENTITY)
                                .primaryKey(0)
                                .isPublic())
                .table("secrets", secrets -> secrets.column("id", Primitive.U64))
                .table(
                        "letters",
                        letters -> letters.column("id", Primitive.U64)
                                .column("reader", AlgebraicType.IDENTITY)
                                .isPublic())
                .rowLevelSecurity("SELECT * FROM letters WHERE reader = :sender")
                .view("latest", 0, true, new Array(new Ref(0)));
    }

    /** Each of them is Bob's if its number is even, else Cem's. */
    private void insertNotes(int from, int to) {
        Transaction transaction = store.begin();
        for (int id = from; id < to; id++) {
            BsatnWriter row = new BsatnWriter()
                    .writeLong(id)
                    .writeRaw(author(id).identity().toBsatn());
            insert(transaction, "notes", row);
            insert(transaction, "letters", row);
        }
        transaction.commit();
    }

    private static Caller author(int id) {
        return id % 2 == 0 ? BOB : CEM;
    }

    private void insert(Transaction transaction, String table, BsatnWriter row) {
        assertEquals(
                StoreCode.OK,
                transaction.insert(store.tableId(table), row.buffer(), 0, row.length(), new BsatnWriter()));
    }

    private SqlPlan plan(String sql, Caller caller) {
        return plans.plan(sql, plans.tables(), caller);
    }

    private long count(String sql, Caller caller) {
        SelectPlan plan = assertInstanceOf(SelectPlan.class, plan(sql, caller));
        Transaction reading = store.begin();
        try {
            return plan.execute(reading, ScanLimit.none(), (_, _, _) -> {});
        } finally {
            reading.rollback();
        }
    }

    @Test
    void aTextThatComesAgainHasItsPlanWhoeverSendsIt() {
        SqlPlan first = plan(NOTES, BOB);

        assertSame(first, plan(NOTES, BOB));
        assertSame(first, plan(NOTES, CEM));
        assertNotSame(first, plan(NOTES + " LIMIT 1", BOB));
    }

    @Test
    void whatTheOwnerMayReadIsNotThereForOthersAfterwards() {
        assertEquals(0, count("SELECT * FROM secrets", OWNER));
        assertEquals(10, count("SELECT * FROM letters", OWNER));

        assertThrows(SqlException.class, () -> plan("SELECT * FROM secrets", BOB));
        assertEquals(5, count("SELECT * FROM letters", BOB));
        assertEquals(10, count("SELECT * FROM letters", OWNER));
    }

    @Test
    void whatDependsOnTheSenderIsPlannedForEachOfThem() {
        insertNotes(10, 11);

        assertEquals(6, count("SELECT * FROM notes WHERE author = :sender", BOB));
        assertEquals(5, count("SELECT * FROM notes WHERE author = :sender", CEM));
        assertEquals(6, count("SELECT * FROM letters", BOB));
        assertEquals(5, count("SELECT * FROM letters", CEM));
        assertEquals(0, plans.size());
    }

    @Test
    void changesAndQueriesOfViewsAreNotKept() {
        assertInstanceOf(ChangePlan.class, plan("DELETE FROM secrets", OWNER));
        assertInstanceOf(SelectPlan.class, plan("SELECT * FROM latest", OWNER));
        assertInstanceOf(SelectPlan.class, plan(" ".repeat(QueryPlans.TEXT_LENGTH_MAX) + NOTES, OWNER));

        assertEquals(0, plans.size());
    }

    @Test
    void aTextThatIsRefusedIsRefusedAgain() {
        for (int i = 0; i < 3; i++) {
            assertThrows(SqlException.class, () -> plan("SELECT * FROM nothing", BOB));
        }
        assertEquals(0, plans.size());
    }

    @Test
    void anUpdateOfTheSchemaEndsAllPlans() throws InvalidModuleDefException {
        SqlPlan before = plan(NOTES, BOB);
        String tags = "SELECT * FROM tags";
        assertThrows(SqlException.class, () -> plan(tags, OWNER));

        assertInstanceOf(
                MigrationResult.Updated.class,
                store.tryUpdate(module().table("tags", tag -> tag.column("id", Primitive.U64))
                        .build()));

        assertNotSame(before, plan(NOTES, BOB));
        assertEquals(1, plans.size());
        assertEquals(0, count(tags, OWNER));
    }

    @Test
    void anotherRuleForATableIsHeededAtOnce() throws InvalidModuleDefException {
        assertEquals(5, count("SELECT * FROM letters", BOB));

        store.tryUpdate(
                module().rowLevelSecurity("SELECT * FROM letters WHERE id < 4").build());

        assertEquals(5 + 4, count("SELECT * FROM letters", BOB));
    }

    @Test
    void aTableThatHasGrownIsPlannedForAgain() {
        SqlPlan small = plan(NOTES, BOB);
        insertNotes(10, 50);
        assertSame(small, plan(NOTES, BOB));

        insertNotes(50, 500);

        SqlPlan large = plan(NOTES, BOB);
        assertNotSame(small, large);
        assertEquals(500, count(NOTES, BOB));
        assertSame(large, plan(NOTES, BOB));
    }

    @Test
    void thePlanThatWasNotAskedForForLongestGoesFirst() {
        SqlPlan asked = plan(NOTES, BOB);
        SqlPlan forgotten = plan(NOTES + " LIMIT 0", BOB);
        for (int i = 1; i < QueryPlans.PLANS_MAX; i++) {
            plan(NOTES + " LIMIT " + i, BOB);
            assertSame(asked, plan(NOTES, BOB));
        }

        assertEquals(QueryPlans.PLANS_MAX, plans.size());
        assertNotSame(forgotten, plan(NOTES + " LIMIT 0", BOB));
    }
}
