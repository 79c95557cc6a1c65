package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.BadQuery;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What views yield is kept until what they have read changes, and then evaluated in the transaction that changes it. */
class ViewsTest {
    private static final int ITEM_BYTES = 16;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        restart("");
        assertInstanceOf(Database.Published.class, database.publish("aside"));
    }

    private void restart(String settings) {
        if (node != null) {
            node.close();
        }
        node = TestDatabases.start(directory, settings);
        database = node.database();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    /** The result of a view: rows of item, by id and value. */
    static GuestResult rows(long... idsAndValues) {
        BsatnWriter out = new BsatnWriter().writeByte(0).writeInt(idsAndValues.length / 2);
        for (long number : idsAndValues) {
            out.writeLong(number);
        }
        return new GuestResult.Returned(out.toBytes());
    }

    private static GuestResult query(String sql) {
        return new GuestResult.Returned(
                new BsatnWriter().writeByte(1).writeString(sql).toBytes());
    }

    /** A view of one item: that of the owner has id 1, those of all others id 2. */
    private static GuestResult ownItem(String view, Identity caller, Transaction transaction) {
        byte[] id = new BsatnWriter()
                .writeLong(caller.equals(OWNER) ? 1 : 2)
                .toBytes()
                .unsafeArray();
        BsatnWriter out = new BsatnWriter().writeByte(0).writeInt(0);
        int[] count = new int[1];
        int code = transaction.scanPoint(
                transaction.indexId("item_id_idx_btree"), id, 0, id.length, (bytes, offset, length) -> {
                    out.writeRaw(bytes, offset, length);
                    count[0]++;
                });
        assertEquals(StoreCode.OK, code);
        out.setInt(1, count[0]);
        return new GuestResult.Returned(out.toBytes());
    }

    /** Has the next call of {@code mischief} set the value of an item. */
    private static void mischiefUpdates(long id, long value) {
        ScriptedModule.mischief = (transaction, _) -> {
            byte[] row =
                    new BsatnWriter().writeLong(id).writeLong(value).toBytes().unsafeArray();
            int code = transaction.update(
                    transaction.tableId("item"),
                    transaction.indexId("item_id_idx_btree"),
                    row,
                    0,
                    ITEM_BYTES,
                    new BsatnWriter());
            return code == StoreCode.OK
                    ? new GuestResult.Returned(Bytes.EMPTY)
                    : new GuestResult.Failed("code " + code);
        };
    }

    private int looks() {
        return ScriptedModule.LOOKS.get();
    }

    @Test
    void aViewIsRunOnceAndThenWhenWhatItHasReadChanges() {
        int before = looks();

        assertEquals(List.of(1000L), database.numbers("SELECT value FROM large"));
        assertEquals(List.of(1L), database.numbers("SELECT COUNT(*) AS n FROM large"));
        assertEquals(before + 1, looks());

        database.call("add", "[501]");
        database.call("secret", "[502]");
        database.call("nothing", "[]");
        assertEquals(before + 2, looks());

        assertEquals(List.of(1000L, 501L), database.numbers("SELECT value FROM large"));
        assertEquals(before + 2, looks());
    }

    @Test
    void aViewThatLooksForAKeyIsStaleWhenARowWithThatKeyChanges() {
        ScriptedModule.look = ViewsTest::ownItem;
        assertEquals(List.of(1000L), database.numbers("SELECT value FROM mine"));
        Database.Rows guests = assertInstanceOf(Database.Rows.class, database.query(GUEST, "SELECT value FROM mine"));
        assertEquals(List.of(), database.numbers(guests));
        int before = looks();

        database.call("add", "[7]");
        assertEquals(before + 1, looks(), "the guest's alone, whose id has come");
        database.call("add", "[8]");
        assertEquals(before + 1, looks(), "nobody has looked for that id");
        mischiefUpdates(1, 1001);
        database.call("mischief", "[]");
        assertEquals(before + 2, looks());
        database.call("mischief", "[]");
        assertEquals(before + 2, looks(), "nothing has changed");

        assertEquals(List.of(1001L), database.numbers("SELECT value FROM mine"));
        guests = assertInstanceOf(Database.Rows.class, database.query(GUEST, "SELECT value FROM mine"));
        assertEquals(List.of(7L), database.numbers(guests));
        assertEquals(before + 2, looks());
    }

    @Test
    void aViewThatFailsFailsTheCallThatHasMadeItStale() {
        ScriptedModule.look = (_, _, transaction) ->
                transaction.rowCount(transaction.tableId("item")) < 3 ? rows(1, 2) : new GuestResult.UserError("full");
        assertEquals(List.of(2L), database.numbers("SELECT value FROM mine"));
        assertInstanceOf(Committed.class, database.call("add", "[1]"));

        Failed failed = assertInstanceOf(Failed.class, database.call("add", "[2]"));

        assertEquals("the view mine failed: full", failed.reason());
        assertEquals(List.of(1000L, 1L), database.numbers("SELECT value FROM item"));
        assertEquals(List.of(2L), database.numbers("SELECT value FROM mine"));
        ScriptedModule.look = (_, _, _) -> rows(1, 3);
        assertInstanceOf(Committed.class, database.call("add", "[2]"), "it is still stale by what it read before");
        assertEquals(List.of(3L), database.numbers("SELECT value FROM mine"));
    }

    @Test
    void aViewThatYieldsNoRowsOfItsTypeOrOneKeyTwiceIsAnError() {
        ScriptedModule.look = (_, _, _) -> new GuestResult.Returned(Bytes.ofHex("0001000000ff"));
        assertInstanceOf(BadQuery.class, database.query(OWNER, "SELECT * FROM mine"));
        ScriptedModule.look = (_, _, _) -> rows(1, 2, 1, 3);
        BadQuery sameKey = assertInstanceOf(BadQuery.class, database.query(OWNER, "SELECT * FROM keyed"));
        assertTrue(sameKey.message().contains("same primary key"), sameKey.message());
        ScriptedModule.look = (_, _, _) -> rows(1, 2, 1, 2);
        assertEquals(List.of(2L), database.numbers("SELECT value FROM keyed"));
        assertEquals(List.of(2L), database.numbers("SELECT value FROM mine"));
    }

    @Test
    void aViewMayAnswerWithAQueryWhichIsReadAgainAsWell() {
        ScriptedModule.look = (view, _, _) -> query("SELECT * FROM item WHERE value < 10");
        assertEquals(List.of(), database.numbers("SELECT value FROM mine"));

        database.call("add", "[9]");
        assertEquals(List.of(9L), database.numbers("SELECT value FROM mine"));

        ScriptedModule.look = (_, _, _) -> query("  ");
        assertEquals(List.of(), database.numbers("SELECT value FROM keyed"));
        for (String bad : List.of("SELECT * FROM large", "SELECT id FROM item", "SELECT", "SELECT * FROM nowhere")) {
            restart("");
            ScriptedModule.look = (_, _, _) -> query(bad);
            BadQuery answer = assertInstanceOf(BadQuery.class, database.query(OWNER, "SELECT * FROM mine"));
            assertTrue(answer.message().startsWith("the view mine failed"), answer.message());
        }
    }

    @Test
    void viewsChangeNothing() {
        ScriptedModule.look = (_, _, transaction) -> {
            byte[] row = new BsatnWriter().writeLong(0).writeLong(5).toBytes().unsafeArray();
            int code = transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter());
            return new GuestResult.UserError("code " + code);
        };

        BadQuery answer = assertInstanceOf(BadQuery.class, database.query(OWNER, "SELECT * FROM mine"));

        assertEquals("the view mine failed: code " + StoreCode.NO_SUCH_TABLE, answer.message());
        assertEquals(List.of(1000L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void anUpdateAndARestartEvaluateAnew() {
        ScriptedModule.look = (_, _, _) -> rows(1, 2);
        assertEquals(List.of(2L), database.numbers("SELECT value FROM mine"));
        ScriptedModule.look = (_, _, _) -> rows(1, 3);

        assertInstanceOf(Database.Published.class, database.publish("aside", "wider"));
        assertEquals(List.of(3L), database.numbers("SELECT value FROM mine"));

        ScriptedModule.look = (_, _, _) -> rows(1, 4);
        restart("");
        assertEquals(List.of(4L), database.numbers("SELECT value FROM mine"));
    }

    @Test
    void whatNobodyAsksForIsGivenUp() {
        restart("pinion.database.view-idle-after = 1 s");
        ScriptedModule.look = (_, _, _) -> rows(1, 2);
        assertEquals(List.of(2L), database.numbers("SELECT value FROM mine"));
        ScriptedModule.look = (_, _, _) -> rows(1, 3);

        node.kit().createTestProbe().awaitAssert(DEADLINE, java.time.Duration.ofSeconds(4), () -> {
            assertEquals(List.of(3L), database.numbers("SELECT value FROM mine"));
            return 3;
        });
    }

    @Test
    void onlySoManyAreKept() {
        restart("pinion.limits.views-max = 2");
        ScriptedModule.look = (_, _, _) -> rows(1, 2);
        for (int i = 0; i < 5; i++) {
            Identity caller = Identity.derive("localhost", "caller " + i);
            assertInstanceOf(Database.Rows.class, database.query(caller, "SELECT * FROM mine"));
        }
        int before = looks();

        database.query(Identity.derive("localhost", "caller 4"), "SELECT * FROM mine");
        assertEquals(before, looks());
        database.query(Identity.derive("localhost", "caller 0"), "SELECT * FROM mine");
        assertEquals(before + 1, looks());
    }

    @Test
    void aRowThatItsScheduleDeletesMakesViewsStaleToo() {
        ScriptedModule.look = (_, _, transaction) -> rows(1, transaction.rowCount(transaction.tableId("timer")));
        database.call("later", "[{\"Time\": [" + (Clock.SYSTEM.epochMicros() + 400_000) + "]}]");
        assertEquals(List.of(1L), database.numbers("SELECT value FROM mine"));

        database.awaitNumbers("SELECT value FROM mine", List.of(0L));
        database.awaitNumbers("SELECT value FROM item WHERE value < 0", List.of(-1L));
        BsatnReader reader = new BsatnReader(
                assertInstanceOf(Database.Rows.class, database.query(OWNER, "SELECT COUNT(*) AS n FROM timer"))
                        .rows());
        reader.readCount();
        assertEquals(0, reader.readLong());
    }
}
