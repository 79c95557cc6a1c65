package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.subscription.SetKind;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ProcedureHost;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node crashes between a commit and the journal's word that it is durable. Of that commit nobody has heard who hears only
 * what is: callers are HeldJournalTest's matter, here are connections, procedures and whom those ask.
 */
class LostCommitTest {
    private static final String ALL = "SELECT * FROM item";
    private static final String VALUES = "SELECT value FROM item";

    @TempDir
    private Path directory;

    private final AtomicInteger requests = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // set before each test
    private HttpServer server;

    private TestDatabases node;
    private TestDatabase database;
    private int connections;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.incrementAndGet();
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
        HeldJournal.reset();
        startNode();
        database.publish("aside");
    }

    private void startNode() {
        node = TestDatabases.start(directory, """
                held-journal.class = "io.pinion.actors.database.HeldJournal"
                held-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                pekko.persistence.journal.plugin = held-journal
                held-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
                held-read-journal.logs = held
                pinion.durability.journal-plugin-id = held-journal
                pinion.durability.read-journal-id = held-read-journal
                pinion.durability.journal-is-shared = off
                pinion.procedure.http { enabled = on, allow-addresses = ["127.0.0.0/8", "::1/128"] }
                pinion.database.stop-timeout = 200 ms
                """);
        database = node.database();
    }

    @AfterEach
    void stop() {
        HeldJournal.reset();
        node.close();
        server.stop(0);
    }

    /** What was held is lost; another node starts with what there is. */
    private void crash() {
        node.close();
        HeldJournal.drop();
        startNode();
        assertEquals(List.of(1000L), database.numbersWhenServing(VALUES));
    }

    /** One connection, and what it hears. */
    private final class Connection {
        private final BlockingQueue<Delivery> heard = new LinkedBlockingQueue<>();
        private final ActorRef<Delivery> ref = node.kit().spawn(Behaviors.receiveMessage(delivery -> {
            heard.add(delivery);
            return Behaviors.same();
        }));
        private final Caller caller = new Caller(GUEST, new ConnectionId(++connections, 7));
        private final boolean confirmed;

        Connection(boolean confirmed) {
            this.confirmed = confirmed;
            tell(new Client.Open(caller, "{}", confirmed, false, ref));
            hears(Client.Opened.class);
        }

        void tell(Client.Request request) {
            database.ref().tell(new Command.ForClient(request));
        }

        void subscribe(int setId) {
            tell(new Client.Subscribe(caller, setId, setId, SetKind.SET, List.of(ALL), ref));
        }

        void ask() {
            tell(new Client.Ask(caller, 9, Bytes.EMPTY, ALL, ref));
        }

        CompletionStage<CallOutcome> call(String reducer, String arguments) {
            return database.ask(replyTo -> new Command.CallReducer(
                    reducer,
                    new Database.Arguments.Json(arguments),
                    caller,
                    RequestId.NONE,
                    confirmed,
                    Database.NO_DEADLINE,
                    replyTo));
        }

        void hears(Class<? extends Delivery> type) {
            try {
                assertInstanceOf(type, heard.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void noConnectionIsToldOfACommitThatIsLost() {
        Connection subscriber = new Connection(true);
        subscriber.subscribe(1);
        subscriber.hears(Client.Applied.class);
        Connection newcomer = new Connection(true);
        Connection caller = new Connection(true);
        Connection eager = new Connection(false);
        eager.subscribe(1);
        eager.hears(Client.Applied.class);
        HeldJournal.hold();

        CompletionStage<CallOutcome> call = caller.call("add", "[7]");
        newcomer.subscribe(1);
        newcomer.ask();
        subscriber.ask();
        eager.ask();
        eager.hears(Client.Updated.class); // it wants to hear at once
        eager.hears(Client.Result.class);
        crash();

        // At most that it has to look for its database.
        for (Connection confirmed : List.of(subscriber, newcomer, caller)) {
            assertTrue(
                    confirmed.heard.stream().allMatch(Client.Moving.UNSETTLED::equals),
                    () -> confirmed.caller.toString());
        }
        CallOutcome told = call.toCompletableFuture().getNow(null);
        assertTrue(told == null || told instanceof Database.OutcomeUnknown, String.valueOf(told));
    }

    private static GuestResult done() {
        return new GuestResult.Returned(new BsatnWriter().writeLong(1).toBytes());
    }

    private static void insert(ProcedureHost host, long value) throws InterruptedException {
        Transaction transaction = host.begin().transaction();
        byte[] row = new BsatnWriter().writeLong(0).writeLong(value).toBytes().unsafeArray();
        assertEquals(
                StoreCode.OK, transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter()));
        assertInstanceOf(ProcedureHost.CommitOutcome.Committed.class, host.commit());
    }

    private HttpRequest request() {
        String url = "http://localhost:" + server.getAddress().getPort() + "/";
        return new HttpRequest("GET", url, HttpVersion.HTTP_1_1, List.of(), null, Bytes.EMPTY);
    }

    private void awaitHeld() {
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertTrue(HeldJournal.hasHeld("database-"), "nothing is written");
            return null;
        });
    }

    @Test
    void neitherWhoCallsAProcedureNorWhoAsksForAPageIsToldOfACommitThatIsLost() {
        ScriptedModule.errand = (_, number, host) -> {
            insert(host, number);
            return done();
        };
        HeldJournal.hold();
        CompletionStage<?> procedure = database.runLater(5);
        CompletionStage<?> page = database.<Database.HttpOutcome>ask(
                replyTo -> new Command.HandleHttp("/page", request(), Database.NO_DEADLINE, replyTo));
        awaitHeld();
        database.awaitTurn();
        assertFalse(procedure.toCompletableFuture().isDone());
        assertFalse(page.toCompletableFuture().isDone());

        crash();

        for (CompletionStage<?> receiver : List.of(procedure, page)) {
            Object told = receiver.toCompletableFuture().getNow(null);
            assertTrue(
                    told == null || told instanceof Database.OutcomeUnknown || told instanceof Database.Moved,
                    String.valueOf(told));
        }
    }

    @Test
    void nobodyIsAskedByAProcedureWhoseCommitIsLost() throws Exception {
        CountDownLatch hasCommitted = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            insert(host, number);
            hasCommitted.countDown();
            host.request(request());
            return done();
        };
        HeldJournal.hold();
        CompletionStage<?> procedure = database.runLater(5);
        assertTrue(hasCommitted.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        awaitHeld();
        assertEquals(List.of(2L), countNow());

        crash();

        assertEquals(0, requests.get(), "somebody was asked for the sake of a commit that is lost");
        assertFalse(procedure.toCompletableFuture().getNow(null) instanceof Database.Returned);
    }

    /** What a procedure has only read may be lost as well. */
    @Test
    void nobodyIsAskedByAProcedureThatHasReadACommitThatIsLost() throws Exception {
        CountDownLatch hasRead = new CountDownLatch(1);
        ScriptedModule.errand = (_, _, host) -> {
            host.begin();
            host.rollback();
            hasRead.countDown();
            host.request(request());
            return done();
        };
        HeldJournal.hold();
        CompletionStage<?> added = database.callLater(OWNER, "add", new Database.Arguments.Json("[7]"));
        database.awaitTurn();
        CompletionStage<?> procedure = database.runLater(5);
        assertTrue(hasRead.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        awaitHeld();

        crash();

        assertEquals(0, requests.get(), "somebody was asked for the sake of a commit that is lost");
        assertFalse(procedure.toCompletableFuture().getNow(null) instanceof Database.Returned);
        assertFalse(added.toCompletableFuture().getNow(null) instanceof Database.Committed);
    }

    @Test
    void aRequestLeavesWhenWhatWasCommittedBeforeItIsDurable() {
        ScriptedModule.errand = (_, number, host) -> {
            insert(host, number);
            host.request(request());
            return done();
        };
        HeldJournal.hold();
        CompletionStage<Database.ProcedureOutcome> procedure = database.runLater(5);
        awaitHeld();
        HeldJournal.letGo();

        assertInstanceOf(Database.Returned.class, TestDatabases.await(procedure));
        assertEquals(1, requests.get());
        assertEquals(List.of(1000L, 5L), database.numbers(VALUES));
    }

    /** For whoever does not wait for the journal. */
    private List<Long> countNow() {
        Database.QueryOutcome rows = TestDatabases.await(database.ask(replyTo -> new Command.Query(
                "SELECT COUNT(*) AS n FROM item",
                new Caller(OWNER, ConnectionId.NONE),
                false,
                Database.NO_DEADLINE,
                replyTo)));
        return database.numbers(assertInstanceOf(Database.Rows.class, rows));
    }
}
