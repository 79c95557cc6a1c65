package io.pinion.store.query;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.query.SubscriptionSet.Evaluated;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.Transaction;
import io.pinion.store.tx.ViewRows;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.Typespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Subscriptions over a small forum: who shares a plan, what a commit costs, and what it delivers. */
class SubscriptionTest {
    private static final Identity ANN = Identity.derive("localhost", "ann");
    private static final Identity BOB = Identity.derive("localhost", "bob");
    private static final int BYTES_MAX = 1 << 20;
    private static final Caller OWNER = new Caller(Identity.derive("localhost", "owner"), true);
    private static final Caller ANNS = new Caller(ANN, false);
    private static final Caller BOBS = new Caller(BOB, false);

    private final SubscriptionSet set = new SubscriptionSet();
    private Datastore store;

    @BeforeEach
    void openAForum() throws InvalidModuleDefException {
        Product count = AlgebraicType.product(
                AlgebraicType.element("topic", Primitive.U32), AlgebraicType.element("n", Primitive.U64));
        store = Datastore.create(aModule()
                .type("Count", count)
                .table(
                        "topic",
                        table -> table.column("id", Primitive.U32)
                                .column("title", Primitive.STRING)
                                .primaryKey(0)
                                .isPublic())
                .table(
                        "post",
                        table -> table.column("id", Primitive.U32)
                                .column("topic", Primitive.U32)
                                .column("text", Primitive.STRING)
                                .primaryKey(0)
                                .index("post_topic", IndexAlgorithm.HASH, 1)
                                .isPublic())
                .table(
                        "letter",
                        table -> table.column("id", Primitive.U32)
                                .column("sender", AlgebraicType.IDENTITY)
                                .column("receiver", AlgebraicType.IDENTITY)
                                .primaryKey(0)
                                .isPublic())
                .table(
                        "typing",
                        table -> table.column("topic", Primitive.U32).isPublic().isEvent())
                .table("hidden", table -> table.column("id", Primitive.U32))
                .view("counts", 0, true, new AlgebraicType.Array(new AlgebraicType.Ref(0)))
                .view("mine", 1, false, new AlgebraicType.Array(new AlgebraicType.Ref(0)))
                .rowLevelSecurity("SELECT * FROM letter WHERE sender = :sender")
                .rowLevelSecurity("SELECT * FROM letter WHERE receiver = :sender")
                .build());
        change("INSERT INTO topic (id, title) VALUES (1, 'cats'), (2, 'dogs')");
        change("INSERT INTO post (id, topic, text) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')");
    }

    private Catalog catalog() {
        return new DatastoreCatalog(store);
    }

    private Delta change(String... statements) {
        Transaction transaction = store.begin();
        for (String sql : statements) {
            ((ChangePlan) SqlPlanner.plan(sql, catalog(), OWNER)).execute(transaction, store.records());
        }
        return transaction.commit();
    }

    private SubscriptionPlan compile(String sql, Caller caller) {
        return SubscriptionPlan.compile(sql, catalog(), caller);
    }

    private SubscriptionPlan subscribe(String sql, Caller caller) {
        return set.add(compile(sql, caller));
    }

    private String refused(String sql, Caller caller) {
        return Objects.requireNonNull(
                assertThrows(SqlException.class, () -> compile(sql, caller)).getMessage());
    }

    /** What the commit delivers: {@code +row -row}, sorted. */
    private List<String> deliver(Delta delta) {
        Transaction reads = store.begin();
        List<String> all = new ArrayList<>();
        for (Evaluated evaluated : set.onCommit(delta, reads)) {
            Evaluated.Changed changed = assertInstanceOf(Evaluated.Changed.class, evaluated);
            for (RowsChange change : changed.changes()) {
                rows(changed.plan(), change.inserts()).forEach(row -> all.add("+" + row));
                rows(changed.plan(), change.deletes()).forEach(row -> all.add("-" + row));
            }
        }
        reads.rollback();
        all.sort(null);
        return all;
    }

    private static List<String> rows(SubscriptionPlan plan, RowList list) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < list.count(); i++) {
            rows.add(SatsJson.toJson(Spelling.POSITIONAL, Typespace.EMPTY, plan.rowType(), list.get(i)));
        }
        rows.sort(null);
        return rows;
    }

    private List<String> initial(SubscriptionPlan plan) {
        Transaction reads = store.begin();
        List<String> rows = new ArrayList<>();
        plan.initial(reads, ScanLimit.none(), BYTES_MAX).forEach(list -> rows.addAll(rows(plan, list)));
        reads.rollback();
        return rows;
    }

    @Test
    void anUpdateIsOneRowThatGoesAndOneThatComes() {
        SubscriptionPlan plan = subscribe("SELECT * FROM topic", ANNS);
        assertEquals(List.of("[1,\"cats\"]", "[2,\"dogs\"]"), initial(plan));

        Delta delta = change("UPDATE topic SET title = 'cows' WHERE id = 1");

        assertEquals(List.of("+[1,\"cows\"]", "-[1,\"cats\"]"), deliver(delta));
        assertEquals("topic", plan.tableName());
        assertFalse(plan.isEvent());
    }

    @Test
    void aThousandQueriesByKeyCostOneEvaluationForEachRow() {
        for (int id = 0; id < 1_000; id++) {
            subscribe("SELECT * FROM post WHERE id = " + id, ANNS);
        }

        List<String> delivered =
                deliver(change("INSERT INTO post (id, topic, text) VALUES (777, 1, 'x'), (5000, 1, 'y')"));

        assertEquals(List.of("+[777,1,\"x\"]"), delivered);
        assertEquals(1, set.evaluations());
    }

    @Test
    void anEqualityCountsForTheColumnThatIsJoinedToo() {
        for (int topic = 0; topic < 100; topic++) {
            subscribe("SELECT post.* FROM topic JOIN post ON post.topic = topic.id WHERE topic.id = " + topic, ANNS);
        }

        List<String> delivered = deliver(change("INSERT INTO post (id, topic, text) VALUES (7, 2, 'x')"));

        assertEquals(List.of("+[7,2,\"x\"]"), delivered);
        assertEquals(1, set.evaluations());
    }

    @Test
    void aCommitToOtherTablesCostsNothing() {
        subscribe("SELECT * FROM post", ANNS);

        assertEquals(List.of(), deliver(change("INSERT INTO topic (id, title) VALUES (3, 'x')")));
        assertEquals(0, set.evaluations());
    }

    @Test
    void aJoinDeliversARowForEachPartnerAndCancelsWhatStays() {
        SubscriptionPlan plan = subscribe("SELECT topic.* FROM post JOIN topic ON post.topic = topic.id", ANNS);
        assertEquals(List.of("[1,\"cats\"]", "[1,\"cats\"]", "[2,\"dogs\"]"), initial(plan));

        assertEquals(
                List.of("+[2,\"dogs\"]"), deliver(change("INSERT INTO post (id, topic, text) VALUES (4, 2, 'd')")));
        assertEquals(List.of(), deliver(change("UPDATE post SET text = 'z' WHERE topic = 1")));
        assertEquals(
                List.of("+[2,\"dogs\"]", "-[1,\"cats\"]"), deliver(change("UPDATE post SET topic = 2 WHERE id = 1")));
        assertEquals(
                List.of("+[1,\"cows\"]", "-[1,\"cats\"]"),
                deliver(change("UPDATE topic SET title = 'cows' WHERE id = 1")));
        assertEquals(
                List.of("-[1,\"cows\"]"),
                deliver(change("DELETE FROM topic WHERE id = 1", "DELETE FROM post WHERE topic = 1")));
    }

    @Test
    void plansAreSharedByTextUnlessTheyDependOnTheCaller() {
        SubscriptionPlan anns = subscribe("SELECT * FROM post ", ANNS);

        assertSame(anns, subscribe(" SELECT * FROM post", BOBS));
        assertSame(anns, subscribe("SELECT * FROM post", OWNER));
        assertSame(anns, set.find(anns.key()));
        assertNotEquals(
                compile("SELECT * FROM letter", ANNS).key(),
                compile("SELECT * FROM letter", BOBS).key());
        assertNotEquals(
                compile("SELECT * FROM letter WHERE sender = :sender", OWNER).key(),
                compile("SELECT * FROM letter WHERE sender = :sender", ANNS).key());
        assertNotEquals(
                compile("SELECT * FROM mine", ANNS).key(),
                compile("SELECT * FROM mine", BOBS).key());
        assertEquals(
                compile("SELECT * FROM counts", ANNS).key(),
                compile("SELECT * FROM counts", BOBS).key());
        assertEquals(1, set.size());
        set.remove(anns);
        assertEquals(0, set.size());
        assertEquals(List.of(), deliver(change("DELETE FROM post")));
        assertThrows(IllegalArgumentException.class, () -> set.remove(anns));
    }

    @Test
    void aRowThatTwoRulesLetThroughIsThereTwice() {
        SubscriptionPlan plan = subscribe("SELECT * FROM letter", ANNS);
        String ann = "0x" + ANN.toHex();
        String bob = "0x" + BOB.toHex();

        Delta delta = change("INSERT INTO letter (id, a, b) VALUES (1, " + ann + ", " + ann + "), (2, " + ann + ", "
                + bob + "), (3, " + bob + ", " + bob + ")");

        assertEquals(3, deliver(delta).size());
        assertEquals(3, initial(plan).size());
        assertEquals(2, plan.initial(store.begin(), ScanLimit.none(), BYTES_MAX).size());
    }

    @Test
    void anEventIsDeliveredOnceAndIsInNoResult() {
        SubscriptionPlan plan = subscribe("SELECT * FROM typing", ANNS);
        SubscriptionPlan joined = subscribe("SELECT typing.* FROM typing JOIN topic ON topic.id = typing.topic", ANNS);
        assertTrue(plan.isEvent());

        assertEquals(List.of("+[1]", "+[1]", "+[9]"), deliver(change("INSERT INTO typing (topic) VALUES (1), (9)")));

        assertEquals(List.of(), initial(plan));
        assertEquals(List.of(), initial(joined));
        assertEquals(List.of(), deliver(change("DELETE FROM topic")));
    }

    @Test
    void aViewIsReadByItsInstance() {
        SubscriptionPlan mine = subscribe("SELECT * FROM mine", ANNS);
        SubscriptionPlan joined = subscribe("SELECT topic.* FROM topic JOIN counts ON counts.topic = topic.id", ANNS);
        Bytes anns = ViewRows.argHash(ANN.toBsatn());
        int table = store.tableId("mine");
        assertEquals(Set.of(new ViewInstance(table, "mine", false, anns)), mine.views());
        assertEquals(
                List.of("counts"),
                joined.views().stream().map(ViewInstance::view).toList());
        assertEquals(List.of(), initial(mine));

        assertEquals(List.of("+[1,5]"), deliver(replace("mine", ANN, 1, 5)));
        assertEquals(List.of(), deliver(replace("mine", BOB, 1, 6)));
        assertEquals(List.of("+[1,7]", "-[1,5]"), deliver(replace("mine", ANN, 1, 7)));

        assertEquals(List.of("[1,7]"), initial(mine));
        assertEquals("U32", mine.rowType().elements().getFirst().type().toString());
        assertEquals(2, set.evaluations());
    }

    /** Makes one row all that an instance has. */
    private Delta replace(String view, Identity caller, int topic, long count) {
        RowList rows = new RowList();
        BsatnWriter row = new BsatnWriter().writeInt(topic).writeLong(count);
        rows.row(row.buffer(), 0, row.length());
        Transaction transaction = store.begin();
        assertEquals(0, store.views().replace(store.tableId(view), ViewRows.argHash(caller.toBsatn()), rows));
        return transaction.commit();
    }

    @Test
    void theRowLimitIsForTheWholeSet() {
        ScanLimit limit = ScanLimit.of(4);
        Transaction reads = store.begin();

        compile("SELECT * FROM post", ANNS).initial(reads, limit, BYTES_MAX);

        SqlException thrown = assertThrows(
                SqlException.class, () -> compile("SELECT * FROM topic", ANNS).initial(reads, limit, BYTES_MAX));
        assertTrue(String.valueOf(thrown.getMessage()).startsWith("row limit exceeded"));
    }

    @Test
    void aSetHasEachTextOnceAndAStarForEveryTable() {
        List<String> texts = List.of("SELECT * FROM post", " SELECT * FROM post ", "select  *  from * ;");

        assertEquals(
                List.of("post", "letter", "post", "topic"),
                SubscriptionPlan.compileSet(texts, new DatastoreCatalog(store), ANNS).stream()
                        .map(SubscriptionPlan::tableName)
                        .toList());
        assertEquals(
                List.of("hidden", "letter", "post", "topic"),
                SubscriptionPlan.compileSet(List.of("SELECT * FROM *"), new DatastoreCatalog(store), OWNER).stream()
                        .map(SubscriptionPlan::tableName)
                        .toList());
        SqlException empty = assertThrows(
                SqlException.class, () -> SubscriptionPlan.compileSet(List.of(" "), new DatastoreCatalog(store), ANNS));
        assertEquals("Empty string", empty.problem());
    }

    @Test
    void aRefusalNamesTheQuery() {
        assertEquals(
                "no such table: nobody (if it exists, it may be private), at position 15,"
                        + " executing: `SELECT * FROM nobody`",
                refused("SELECT * FROM nobody ", ANNS));
    }

    @Test
    void rowsBeyondTheBoundFailTheQuery() {
        SubscriptionPlan plan = compile("SELECT * FROM post", ANNS);

        assertThrows(SqlException.class, () -> plan.initial(store.begin(), ScanLimit.none(), 30));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT id FROM post | a subscription must return a table type",
                "SELECT COUNT(*) AS n FROM post | a subscription must return a table type",
                "SELECT * FROM post LIMIT 1 | LIMIT is not supported in subscriptions",
                "DELETE FROM post | only SELECT is supported here",
                "SHOW row_limit | only SELECT is supported here",
                "SELECT * FROM hidden | no such table: hidden (if it exists, it may be private)",
                "SELECT a.* FROM post a JOIN post b ON a.text = b.text | a subscription needs an index on both columns that join post and post",
                "SELECT topic.* FROM topic JOIN post ON topic.title = post.text | a subscription needs an index on both columns",
                "SELECT a.* FROM post a JOIN post b | a subscription needs an index on both columns",
                "SELECT a.* FROM post a JOIN post b ON a.id = b.id JOIN post c ON a.id = c.id | a subscription reads one or two tables, and this one reads 3",
                "SELECT topic.* FROM topic JOIN typing ON topic.id = typing.topic | rows of the event table typing cannot be looked up in a join"
            })
    void whatIsNoSubscriptionIsRefused(String sql, String message) {
        assertTrue(refused(sql, ANNS).startsWith(message), refused(sql, ANNS));
    }
}
