package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.NotAdmitted;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Returned;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that come by a connection of their own, which the module hears of. */
@Timeout(120)
class VisitsTest {
    private static final String CLAIMS = "{\"sub\":\"a visitor\"}";

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;
    /** What the module has heard, in order, and by which connections. */
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    private final Set<ConnectionId> connections = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, "pinion.database.idle-after = 1 s");
        database = node.database();
        ScriptedModule.meeting = this::meet;
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private GuestResult meet(
            String function, ConnectionId connection, @Nullable String claims, Transaction transaction) {
        connections.add(connection);
        long rows = transaction.rowCount(transaction.tableId("st_client"));
        heard.add(function + " " + rows + " " + CLAIMS.equals(claims));
        return new GuestResult.Returned(Bytes.EMPTY);
    }

    private static Caller visitor() {
        return new Caller(GUEST, ConnectionId.random(), CLAIMS);
    }

    private CallOutcome call(String reducer, String arguments) {
        return await(database.ask(replyTo -> new Command.CallReducer(
                reducer,
                new Arguments.Json(arguments),
                visitor(),
                RequestId.NONE,
                true,
                Database.NO_DEADLINE,
                replyTo)));
    }

    private ProcedureOutcome procedure(String name, String arguments) {
        return await(database.ask(replyTo -> new Command.CallProcedure(
                name, new Arguments.Json(arguments), visitor(), RequestId.NONE, true, Database.NO_DEADLINE, replyTo)));
    }

    private QueryOutcome query(String sql) {
        return await(database.ask(replyTo -> new Command.Query(sql, visitor(), true, Database.NO_DEADLINE, replyTo)));
    }

    private void awaitHeard(String... expected) {
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(List.of(expected), List.copyOf(heard));
            return 0;
        });
        database.awaitNumbers("SELECT COUNT(*) AS n FROM st_client", List.of(0L));
    }

    @Test
    void aCallIsConnectedCarriedOutAndDisconnectedAsOneConnection() {
        assertInstanceOf(Published.class, database.publish("greets"));

        Committed committed = assertInstanceOf(Committed.class, call("add", "[5]"));

        assertEquals(3, committed.offset(), "the publish, the beginning of the connection, the call");
        awaitHeard("arrive 1 true", "leave 1 true");
        assertEquals(1, connections.size());
        assertEquals(List.of(1000L, 5L), database.numbers("SELECT value FROM item"));
        assertInstanceOf(Committed.class, call("meet", "[]"));
        awaitHeard("arrive 1 true", "leave 1 true", "arrive 1 true", "meet 1 true", "leave 1 true");
        assertEquals(2, connections.size());
    }

    @Test
    void aModuleThatDoesNotAskIsToldOfTheConnectionInTheCallsOwnTransaction() {
        assertInstanceOf(Published.class, database.publish());

        Committed unchanged = assertInstanceOf(Committed.class, call("meet", "[]"));
        Committed committed = assertInstanceOf(Committed.class, call("add", "[5]"));

        assertEquals(1, unchanged.offset());
        assertEquals(2, committed.offset());
        awaitHeard("meet 1 true");
        assertInstanceOf(Failed.class, call("trap", "[]"));
        assertInstanceOf(Database.NoSuchReducer.class, call("nobody", "[]"));
        assertInstanceOf(Committed.class, call("meet", "[]"));
        awaitHeard("meet 1 true", "meet 1 true");
    }

    @Test
    void aConnectionThatTheModuleDoesNotAcceptCallsNothing() {
        assertInstanceOf(Published.class, database.publish("greets", "aside"));
        ScriptedModule.meeting = (function, connection, claims, transaction) -> {
            meet(function, connection, claims, transaction);
            return function.equals("arrive")
                    ? new GuestResult.UserError("not today")
                    : new GuestResult.Returned(Bytes.EMPTY);
        };
        ScriptedModule.errand = (_, _, _) -> {
            throw new AssertionError("called");
        };

        assertEquals(new NotAdmitted("not today"), call("add", "[5]"));
        assertEquals(new NotAdmitted("not today"), procedure("run", "[5]"));
        assertEquals(new NotAdmitted("not today"), query("SELECT * FROM item"));

        awaitHeard("arrive 1 true", "arrive 1 true", "arrive 1 true");
        assertEquals(List.of(1000L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void aCallThatIsSentAgainIsNoOtherVisit() {
        assertInstanceOf(Published.class, database.publish("greets", "aside"));
        AtomicInteger runs = new AtomicInteger();
        ScriptedModule.errand = (_, number, _) -> {
            runs.incrementAndGet();
            return new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
        };
        RequestId reducer = RequestId.next();
        RequestId procedure = RequestId.next();

        assertInstanceOf(Committed.class, await(database.<CallOutcome>ask(replyTo -> call(reducer, replyTo))));
        awaitHeard("arrive 1 true", "leave 1 true");
        assertInstanceOf(
                Database.Returned.class, await(database.<ProcedureOutcome>ask(replyTo -> run(procedure, replyTo))));
        awaitHeard("arrive 1 true", "leave 1 true", "arrive 1 true", "leave 1 true");
        assertInstanceOf(Committed.class, await(database.<CallOutcome>ask(replyTo -> call(reducer, replyTo))));
        assertInstanceOf(
                Database.Returned.class, await(database.<ProcedureOutcome>ask(replyTo -> run(procedure, replyTo))));

        awaitHeard("arrive 1 true", "leave 1 true", "arrive 1 true", "leave 1 true");
        assertEquals(1, runs.get());
        assertEquals(List.of(1000L, 5L), database.numbers("SELECT value FROM item"));
    }

    private static Command call(RequestId id, ActorRef<CallOutcome> replyTo) {
        return call(id, visitor(), replyTo);
    }

    private static Command call(RequestId id, Caller caller, ActorRef<CallOutcome> replyTo) {
        return new Command.CallReducer(
                "add", new Arguments.Json("[5]"), caller, id, true, Database.NO_DEADLINE, replyTo);
    }

    private static Command run(RequestId id, ActorRef<ProcedureOutcome> replyTo) {
        return run(id, visitor(), replyTo);
    }

    private static Command run(RequestId id, Caller caller, ActorRef<ProcedureOutcome> replyTo) {
        return new Command.CallProcedure(
                "run", new Arguments.Json("[5]"), caller, id, true, Database.NO_DEADLINE, replyTo);
    }

    /** As a host does that hears nothing for a while: the same caller, by the same connection. */
    @Test
    void whatIsSentAgainAtOnceComesByTheSameConnection() {
        assertInstanceOf(Published.class, database.publish("greets", "aside"));
        AtomicInteger runs = new AtomicInteger();
        ScriptedModule.errand = (_, number, _) -> {
            runs.incrementAndGet();
            return new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
        };
        long rounds = 20;
        for (int round = 0; round < rounds; round++) {
            RequestId reducer = RequestId.next();
            RequestId procedure = RequestId.next();
            Caller caller = visitor();
            Caller runner = visitor();
            Caller reader = visitor();
            List<CompletionStage<? extends Database.Message>> answers = new ArrayList<>();
            for (int sent = 0; sent < 3; sent++) {
                answers.add(database.<CallOutcome>ask(replyTo -> call(reducer, caller, replyTo)));
                answers.add(database.<ProcedureOutcome>ask(replyTo -> run(procedure, runner, replyTo)));
                answers.add(database.<QueryOutcome>ask(replyTo ->
                        new Command.Query("SELECT * FROM item", reader, true, Database.NO_DEADLINE, replyTo)));
            }
            for (int i = 0; i < answers.size(); i++) {
                Class<?> expected = List.of(Committed.class, Returned.class, Database.Rows.class)
                        .get(i % 3);
                assertInstanceOf(expected, await(answers.get(i)));
            }
            assertInstanceOf(
                    Database.Rows.class,
                    await(database.<QueryOutcome>ask(replyTo ->
                            new Command.Query("SELECT * FROM item", reader, true, Database.NO_DEADLINE, replyTo))));
        }

        database.awaitNumbers("SELECT COUNT(*) AS n FROM st_client", List.of(0L));
        assertEquals(
                3 * rounds,
                heard.stream().filter(line -> line.startsWith("arrive")).count());
        assertEquals(
                3 * rounds,
                heard.stream().filter(line -> line.startsWith("leave")).count());
        assertEquals(rounds, runs.get());
        assertEquals(
                rounds,
                database.numbers("SELECT value FROM item WHERE value = 5").size());
    }

    @Test
    void aCallThatEndsBadlyIsDisconnectedAllTheSame() {
        assertInstanceOf(Published.class, database.publish("greets"));

        assertInstanceOf(Failed.class, call("trap", "[]"));
        awaitHeard("arrive 1 true", "leave 1 true");
        assertInstanceOf(Database.BadArguments.class, call("add", "[\"five\"]"));
        awaitHeard("arrive 1 true", "leave 1 true", "arrive 1 true", "leave 1 true");
        assertInstanceOf(Database.NoSuchReducer.class, call("nobody", "[]"));
        assertInstanceOf(Database.NoSuchProcedure.class, procedure("nobody", "[]"));
        assertEquals(4, heard.size(), "nothing was called");
    }

    @Test
    void aProcedureHasItsConnectionForAsLongAsItRuns() {
        assertInstanceOf(Published.class, database.publish("greets", "aside"));
        ScriptedModule.errand = (_, number, host) -> {
            Transaction transaction = host.begin().transaction();
            heard.add("run " + transaction.rowCount(transaction.tableId("st_client")));
            host.rollback();
            return new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
        };

        assertInstanceOf(Returned.class, procedure("run", "[5]"));
        awaitHeard("arrive 1 true", "run 1", "leave 1 true");

        assertInstanceOf(Published.class, database.publishAndBreak("aside"));
        heard.clear();
        assertInstanceOf(Returned.class, procedure("run", "[5]"));
        awaitHeard("run 0");
    }

    @Test
    void aStatementIsConnectedToo() {
        assertInstanceOf(Published.class, database.publish("greets"));

        assertInstanceOf(Database.Rows.class, query("SELECT * FROM item"));
        awaitHeard("arrive 1 true", "leave 1 true");
        assertInstanceOf(Database.BadQuery.class, query("SELECT"));
        awaitHeard("arrive 1 true", "leave 1 true", "arrive 1 true", "leave 1 true");
    }

    @Test
    void aVisitWaitsForAnInstanceWhereNoneIsAtHand() {
        assertInstanceOf(Published.class, database.publish("greets", "aside"));
        ScriptedModule.errand = (_, number, _) ->
                new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
        for (Runnable visit : List.<Runnable>of(
                () -> assertInstanceOf(Committed.class, call("add", "[1]")),
                () -> assertInstanceOf(Returned.class, procedure("run", "[1]")),
                () -> assertInstanceOf(Database.Rows.class, query("SELECT * FROM item")))) {
            node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
                assertEquals(0, node.vitals(DATABASE).pool().load().lent());
                return 0;
            });
            heard.clear();
            visit.run();
            awaitHeard("arrive 1 true", "leave 1 true");
        }
    }

    @Test
    void manyVisitsAtOnceAreAllAnswered() {
        assertInstanceOf(Published.class, database.publish("greets", "aside"));
        ScriptedModule.errand = (_, number, _) ->
                new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(0, node.vitals(DATABASE).pool().load().lent());
            return 0;
        });
        List<CompletionStage<? extends Database.Message>> answers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            answers.add(database.<ProcedureOutcome>ask(replyTo -> new Command.CallProcedure(
                    "run", new Arguments.Json("[1]"), visitor(), RequestId.NONE, true, Database.NO_DEADLINE, replyTo)));
            answers.add(database.<CallOutcome>ask(replyTo -> new Command.CallReducer(
                    "add", new Arguments.Json("[1]"), visitor(), RequestId.NONE, true, Database.NO_DEADLINE, replyTo)));
            answers.add(database.<QueryOutcome>ask(replyTo ->
                    new Command.Query("SELECT * FROM item", visitor(), true, Database.NO_DEADLINE, replyTo)));
        }

        for (int i = 0; i < answers.size(); i++) {
            Class<?> expected = List.of(Returned.class, Committed.class, Database.Rows.class)
                    .get(i % 3);
            assertInstanceOf(expected, await(answers.get(i)));
        }

        database.awaitNumbers("SELECT COUNT(*) AS n FROM st_client", List.of(0L));
        assertEquals(
                180, heard.stream().filter(line -> line.startsWith("arrive")).count());
        assertEquals(
                180, heard.stream().filter(line -> line.startsWith("leave")).count());
    }

    @Test
    void whatAVisitorAuthenticatedWithIsForgottenWhenItHasGone() {
        assertInstanceOf(Published.class, database.publish("greets"));
        assertInstanceOf(Committed.class, call("add", "[5]"));
        awaitHeard("arrive 1 true", "leave 1 true");
        ConnectionId gone = connections.iterator().next();
        ScriptedModule.meeting = (_, _, claims, _) -> new GuestResult.UserError(String.valueOf(claims));

        CallOutcome outcome = await(database.ask(replyTo -> new Command.CallReducer(
                "meet",
                new Arguments.Json("[]"),
                new Caller(GUEST, gone),
                RequestId.NONE,
                true,
                Database.NO_DEADLINE,
                replyTo)));

        assertTrue(outcome.toString().contains("null"), outcome.toString());
    }

    /** A disconnect waits for an instance, and what is due waits behind it; procedures hold all instances that they may. */
    @Test
    void whatIsDueBehindADisconnectThatWaitsForAnInstanceRunsAsWell() throws InterruptedException {
        node.close();
        node = TestDatabases.start(
                directory, "pinion.pool { max = 2, warm-spare = off }\npinion.database.idle-after = 1 s");
        database = node.database();
        assertInstanceOf(Published.class, database.publish("greets", "aside"));
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            runs.countDown();
            assertTrue(goOn.await(TestDatabases.DEADLINE.toSeconds(), TimeUnit.SECONDS));
            host.begin();
            host.rollback();
            return new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
        };
        TestProbe<Client.Delivery> client = node.kit().createTestProbe(Client.Delivery.class);
        Caller caller = new Caller(GUEST, ConnectionId.random());
        database.ref().tell(new Command.ForClient(new Client.Open(caller, CLAIMS, true, false, client.getRef())));
        assertInstanceOf(Client.Opened.class, client.receiveMessage(TestDatabases.DEADLINE));
        CompletionStage<ProcedureOutcome> running = database.runLater(1);
        assertTrue(runs.await(TestDatabases.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        long dueMicros = Clock.SYSTEM.epochMicros() + TimeUnit.MILLISECONDS.toMicros(2_500);
        assertInstanceOf(Committed.class, database.call("later", "[{\"Time\": [" + dueMicros + "]}]"));
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(1, node.vitals(DATABASE).pool().load().lent(), "the procedure's alone");
            return 0;
        });

        client.stop();

        awaitHeard("arrive 1 true", "leave 1 true");
        database.awaitNumbers("SELECT value FROM item WHERE value < 0", List.of(-1L));
        goOn.countDown();
        assertInstanceOf(Returned.class, await(running));
    }
}
