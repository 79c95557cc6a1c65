package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Client.Applied;
import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Client.NotSubscribed;
import io.pinion.actors.database.Client.Opened;
import io.pinion.actors.database.Client.Updated;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Returned;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.SetKind;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ProcedureHost;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who subscribes to a view hears what becomes of its rows, whatever was at hand to evaluate it. */
@Timeout(120)
class SubscribedViewsTest {
    private static final int TOO_MANY_ROWS = 100_000;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;
    private long connections;

    @BeforeEach
    void start() {
        node = TestDatabases.start(
                directory,
                "pinion.durability.transaction-bytes-max = 1 MiB\npinion.database.idle-after = 1 s\npinion.limits.view-time = 2 s");
        database = node.database();
        assertInstanceOf(Published.class, database.publish("aside"));
        counts("item");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    /** The views have one row each: how many rows a table has. */
    private static void counts(String table) {
        ScriptedModule.look =
                (_, _, transaction) -> ViewsTest.rows(1, transaction.rowCount(transaction.tableId(table)));
    }

    /** One connection, and what it hears of its one set. */
    private final class Subscriber {
        private final TestProbe<Delivery> heard = node.kit().createTestProbe(Delivery.class);
        private final Caller caller = new Caller(GUEST, new ConnectionId(++connections, 7));

        Subscriber() {
            tell(new Client.Open(caller, "{}", true, false, heard.getRef()));
            hears(Opened.class);
        }

        Subscriber(long expected) {
            this();
            subscribe(1);
            RowList rows = hears(Applied.class).rows().getFirst().rows();
            assertEquals(List.of(expected), values(rows));
        }

        void subscribe(int setId) {
            subscribe(setId, "SELECT * FROM mine");
        }

        void subscribe(int setId, String query) {
            tell(new Client.Subscribe(caller, setId, setId, SetKind.SET, List.of(query), heard.getRef()));
        }

        private void tell(Client.Request request) {
            database.ref().tell(new Command.ForClient(request));
        }

        <T extends Delivery> T hears(Class<T> type) {
            return assertInstanceOf(type, heard.receiveMessage(DEADLINE));
        }

        void hearsOf(List<Long> deleted, List<Long> inserted) {
            Updated updated = hears(Updated.class);
            ChangedRows rows = updated.sets().getFirst().rows().getFirst();
            assertEquals(deleted, values(rows.deletes()));
            assertEquals(inserted, values(rows.inserts()));
        }

        void hearsNothing() {
            heard.expectNoMessage(Duration.ofMillis(100));
        }
    }

    /** In ascending order. */
    private static List<Long> values(RowList rows) {
        List<Long> values = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            BsatnReader reader = new BsatnReader(rows.get(row));
            reader.readLong();
            values.add(reader.readLong());
        }
        Collections.sort(values);
        return values;
    }

    private void add(long value) {
        assertInstanceOf(Committed.class, database.call("add", "[" + value + "]"));
    }

    private void awaitIdleness() {
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertEquals(0, node.vitals(DATABASE).pool().load().lent());
            return 0;
        });
    }

    private static void addInOne(ProcedureHost host) throws InterruptedException {
        Transaction transaction = host.begin().transaction();
        byte[] row = new BsatnWriter().writeLong(0).writeLong(5).toBytes().unsafeArray();
        int code = transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter());
        assertEquals(StoreCode.OK, code);
        assertInstanceOf(ProcedureHost.CommitOutcome.Committed.class, host.commit());
    }

    @Test
    void aCommitThatIsTakenBackForItsSizeLeavesViewsAndWhatTheyHaveReadAsTheyWere() {
        Subscriber subscriber = new Subscriber(1);
        assertEquals(List.of(1L), database.numbers("SELECT value FROM mine"));
        int before = ScriptedModule.LOOKS.get();

        assertInstanceOf(Failed.class, database.call("huge", "[" + TOO_MANY_ROWS + "]"));

        assertEquals(before + 2, ScriptedModule.LOOKS.get());
        assertEquals(List.of(1L), database.numbers("SELECT value FROM mine"));
        assertEquals(before + 2, ScriptedModule.LOOKS.get(), "it is kept");
        subscriber.hearsNothing();
        add(7);
        subscriber.hearsOf(List.of(1L), List.of(2L));
        assertEquals(List.of(2L), database.numbers("SELECT value FROM mine"));
        assertEquals(before + 4, ScriptedModule.LOOKS.get(), "both were evaluated in the call");
    }

    @Test
    void aViewThatReadSomethingElseInACommitThatIsTakenBackIsStaleByWhatItReadBefore() {
        ScriptedModule.look = (_, _, transaction) -> {
            boolean isLarge = transaction.rowCount(transaction.tableId("timer")) > 0;
            return ViewsTest.rows(1, isLarge ? 0 : transaction.rowCount(transaction.tableId("item")));
        };
        Subscriber subscriber = new Subscriber(1);
        ScriptedModule.mischief = (transaction, _) -> {
            byte[] timer = new BsatnWriter()
                    .writeLong(0)
                    .writeByte(1)
                    .writeLong(Clock.SYSTEM.epochMicros() + TimeUnit.HOURS.toMicros(1))
                    .toBytes()
                    .unsafeArray();
            transaction.insert(transaction.tableId("timer"), timer, 0, timer.length, new BsatnWriter());
            byte[] row = new BsatnWriter().writeLong(0).writeLong(1).toBytes().unsafeArray();
            for (int i = 0; i < TOO_MANY_ROWS; i++) {
                transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter());
            }
            return new GuestResult.Returned(Bytes.EMPTY);
        };

        assertInstanceOf(Failed.class, database.call("mischief", "[]"));
        add(7);

        subscriber.hearsOf(List.of(1L), List.of(2L));
    }

    @Test
    void anUpdateEvaluatesAnewAndTellsTheDifference() {
        Subscriber subscriber = new Subscriber(1);
        ScriptedModule.look =
                (_, _, transaction) -> ViewsTest.rows(1, transaction.rowCount(transaction.tableId("item")), 2, 70);

        assertInstanceOf(Published.class, database.publish("aside", "wider"));

        subscriber.hearsOf(List.of(), List.of(70L));
        add(7);
        subscriber.hearsOf(List.of(1L), List.of(2L));
        counts("item");
        assertInstanceOf(Database.UpdateRefused.class, database.publish("aside"), "a table would go");
        add(8);
        subscriber.hearsOf(List.of(2L, 70L), List.of(3L));
    }

    @Test
    void aViewThatTheNewProgramFailsAtIsGivenUpAndItsSubscribersAreTold() {
        Subscriber subscriber = new Subscriber(1);
        ScriptedModule.look = (_, _, _) -> new GuestResult.UserError("not any more");

        assertInstanceOf(Published.class, database.publish("aside", "wider"));

        assertEquals(1, subscriber.hears(NotSubscribed.class).setId());
        add(7);
        counts("item");
        subscriber.subscribe(2);
        assertEquals(
                List.of(2L),
                values(subscriber.hears(Applied.class).rows().getFirst().rows()));
        add(8);
        subscriber.hearsOf(List.of(2L), List.of(3L));
    }

    @Test
    void whoSubscribesRightAfterAnUpdateSeesTheNewRowsAndOthersHearOfThemFirst() {
        Subscriber first = new Subscriber(1);
        ScriptedModule.look = (_, _, _) -> ViewsTest.rows(1, 50);
        CompletionStage<Database.PublishOutcome> published = database.ask(
                replyTo -> new Command.Publish(ScriptedModule.script("aside", "wider"), OWNER, false, replyTo));
        for (int setId = 2; setId < 50; setId++) {
            first.subscribe(setId);
        }
        assertInstanceOf(Published.class, TestDatabases.await(published));

        boolean isNew = false;
        for (int applied = 0; applied < 48; ) {
            switch (first.heard.receiveMessage(DEADLINE)) {
                case Applied now -> {
                    assertEquals(
                            List.of(isNew ? 50L : 1L),
                            values(now.rows().getFirst().rows()));
                    applied++;
                }
                case Updated _ -> isNew = true;
                case Delivery other -> throw new AssertionError(other.toString());
            }
        }
        if (!isNew) {
            first.hearsOf(List.of(1L), List.of(50L));
        }
    }

    @Test
    void theRowOfAScheduledProcedureIsDeletedAndSubscribersHearOfIt() {
        counts("job");
        ScriptedModule.errand = (_, _, _) -> new GuestResult.Returned(Bytes.EMPTY);
        Subscriber subscriber = new Subscriber(0);

        assertInstanceOf(
                Committed.class,
                database.call("plan", "[{\"Time\": [" + (Clock.SYSTEM.epochMicros() + 50_000) + "]}]"));

        subscriber.hearsOf(List.of(0L), List.of(1L));
        subscriber.hearsOf(List.of(1L), List.of(0L));
    }

    @Test
    void whatTheHostWritesWithoutAnInstanceAtHandHasOneFetchedForViews() {
        counts("st_client");
        Subscriber subscriber = new Subscriber(1);
        awaitIdleness();

        Subscriber other = new Subscriber();
        subscriber.hearsOf(List.of(1L), List.of(2L));
        awaitIdleness();
        other.heard.stop();

        subscriber.hearsOf(List.of(2L), List.of(1L));
    }

    @Test
    void aProcedureOfTheOldProgramWritesAndViewsOfTheNewOneFollow() throws InterruptedException {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch isUpdated = new CountDownLatch(1);
        ScriptedModule.errand = (_, _, host) -> {
            began.countDown();
            assertTrue(isUpdated.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));
            addInOne(host);
            return new GuestResult.Returned(new BsatnWriter().writeLong(1).toBytes());
        };
        Subscriber subscriber = new Subscriber(1);
        CompletionStage<Database.ProcedureOutcome> running = database.runLater(1);
        assertTrue(began.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));

        assertInstanceOf(Published.class, database.publish("aside", "warns"));
        subscriber.hearsNothing();
        isUpdated.countDown();

        subscriber.hearsOf(List.of(1L), List.of(2L));
        assertInstanceOf(Returned.class, TestDatabases.await(running));
    }

    @Test
    void whoIsToldOfACommitThatViewsAreToFollowIsToldWhenTheyHave() throws InterruptedException {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch isUpdated = new CountDownLatch(1);
        ScriptedModule.errand = (_, _, host) -> {
            began.countDown();
            assertTrue(isUpdated.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));
            addInOne(host);
            return new GuestResult.Returned(new BsatnWriter().writeLong(1).toBytes());
        };
        Subscriber subscriber = new Subscriber(1);
        subscriber.subscribe(2, "SELECT * FROM item");
        subscriber.hears(Applied.class);
        Subscriber ofTables = new Subscriber();
        ofTables.subscribe(1, "SELECT * FROM item");
        ofTables.hears(Applied.class);
        CompletionStage<Database.ProcedureOutcome> running = database.runLater(1);
        assertTrue(began.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        assertInstanceOf(Published.class, database.publish("aside", "warns"));

        isUpdated.countDown();

        assertFalse(subscriber.hears(Client.Reached.class).isAll());
        Updated table = subscriber.hears(Updated.class);
        assertEquals(2, table.sets().getFirst().setId());
        Updated view = subscriber.hears(Updated.class);
        assertEquals(1, view.sets().getFirst().setId());
        assertEquals(table.offset(), view.offset());
        assertEquals(table.offset(), subscriber.hears(Client.Reached.class).offset());
        assertEquals(table.offset(), ofTables.hears(Updated.class).offset());
        ofTables.hearsNothing();
        assertInstanceOf(Returned.class, TestDatabases.await(running));
    }

    @Test
    void whatTheHostWritesStandsThoughAViewFailsAndItsSubscribersAreTold() {
        counts("st_client");
        Subscriber subscriber = new Subscriber(1);
        ScriptedModule.look = (_, _, _) -> new GuestResult.UserError("no more clients");

        Subscriber other = new Subscriber();

        NotSubscribed told = subscriber.hears(NotSubscribed.class);
        assertEquals(1, told.setId());
        assertNull(told.requestId());
        assertEquals(List.of(2L), database.numbers("SELECT COUNT(*) AS n FROM st_client"));
        other.hearsNothing();
    }
}
