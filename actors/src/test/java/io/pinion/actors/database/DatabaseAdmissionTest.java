package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.DeadlineExceeded;
import io.pinion.actors.database.Database.DeleteOutcome;
import io.pinion.actors.database.Database.Deleted;
import io.pinion.actors.database.Database.Moved;
import io.pinion.actors.database.Database.NoSuchModule;
import io.pinion.actors.database.Database.Overloaded;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gets in while a database is busy, what waits, and what goes first. */
class DatabaseAdmissionTest {
    private static final int MANY = 1000;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;
    private int openBefore;

    @BeforeEach
    void start() {
        ScriptedModule.HOLDING.drainPermits();
        ScriptedModule.LET_GO.drainPermits();
        openBefore = ScriptedModule.OPEN.size();
        start("");
    }

    private void start(String settings) {
        node = TestDatabases.start(directory, "pinion.cores.reserve = 2\n" + settings);
        database = node.database();
        database.publish();
    }

    private void restart(String settings) {
        node.close();
        start(settings);
    }

    @AfterEach
    void stop() {
        ScriptedModule.LET_GO.release(10);
        node.close();
    }

    /** Begins a call that runs until it is let go. */
    private CompletionStage<CallOutcome> hold() throws InterruptedException {
        CompletionStage<CallOutcome> held = database.callLater(OWNER, "hold", new Arguments.Json("[]"));
        awaitHolding();
        return held;
    }

    private static void awaitHolding() throws InterruptedException {
        assertTrue(ScriptedModule.HOLDING.tryAcquire(DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }

    private static void letGo() {
        ScriptedModule.LET_GO.release();
    }

    private TestProbe<CallOutcome> tellMany() {
        TestProbe<CallOutcome> probe = node.kit().createTestProbe();
        for (int i = 0; i < MANY; i++) {
            database.tell("add", "[" + i + "]", probe.ref());
        }
        return probe;
    }

    private static <T> void assertAll(Class<T> type, TestProbe<CallOutcome> probe) {
        probe.receiveSeveralMessages(MANY, DEADLINE).forEach(answer -> assertInstanceOf(type, answer));
    }

    private CoreSet cores() {
        return Cores.get(node.kit().system());
    }

    private int core() {
        return cores().bindings().getFirst().core();
    }

    @Test
    void aFullLaneAnswersOnTheSendersThreadWhileACallRuns() throws InterruptedException {
        restart("pinion.database.queue.calls-max = 3");
        CompletionStage<CallOutcome> held = hold();
        TestInbox<CallOutcome> inbox = TestInbox.create();
        for (int i = 0; i < 3; i++) {
            database.tell("add", "[1]", inbox.getRef());
        }
        assertFalse(inbox.hasMessages());

        database.tell("add", "[1]", inbox.getRef());

        assertInstanceOf(Overloaded.class, inbox.receiveMessage());
        letGo();
        assertInstanceOf(Committed.class, await(held));
        assertEquals(List.of(5L), database.numbers("SELECT COUNT(*) AS n FROM item"));
        assertEquals(3, inbox.getAllReceived().size());
    }

    @Test
    void largeArgumentsFillALaneByTheirBytes() throws InterruptedException {
        restart("pinion.database.queue.calls-bytes-max = 8 MiB");
        CompletionStage<CallOutcome> held = hold();
        TestInbox<CallOutcome> inbox = TestInbox.create();
        String arguments = "[1" + " ".repeat((1 << 20) - 3) + "]";
        assertEquals(1 << 20, arguments.length());

        for (int i = 0; i < 100; i++) {
            database.tell("add", arguments, inbox.getRef());
            assertTrue(database.admission().numberOfMessages() <= 4);
        }

        // A character counts as two bytes, and every call has its fixed part: three fit, and the rest is refused.
        assertEquals(97, inbox.getAllReceived().size());
        letGo();
        assertInstanceOf(Committed.class, await(held));
        database.awaitNumbers("SELECT COUNT(*) AS n FROM item", List.of(5L));
        assertEquals(3, inbox.getAllReceived().size());
    }

    @Test
    void aRebindOvertakesWhatWaits() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        CompletionStage<CallOutcome> next = database.callLater(OWNER, "hold", new Arguments.Json("[]"));
        TestProbe<CallOutcome> queued = tellMany();
        int other = 1 - core();

        database.ref().tell(new Command.Rebind(other));
        letGo();
        awaitHolding();

        assertEquals(other, core());
        letGo();
        assertInstanceOf(Committed.class, await(held));
        assertInstanceOf(Committed.class, await(next));
        assertAll(Committed.class, queued);
    }

    @Test
    void aDatabaseIsReboundPastItsMailboxWhileItServes() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        int other = 1 - core();

        assertTrue(cores().rebind(TestDatabases.DATABASE.toHex(), other));

        assertEquals(other, core());
        letGo();
        assertInstanceOf(Committed.class, await(held));
    }

    @Test
    void aWeightIsSetAndAWrongOneIgnored() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        CompletionStage<CallOutcome> next = database.callLater(OWNER, "hold", new Arguments.Json("[]"));
        database.ref().tell(new Command.SetWeight(250));
        letGo();
        awaitHolding();
        assertEquals(250, cores().bindings().getFirst().weight());

        database.ref().tell(new Command.SetWeight(0));
        letGo();

        assertInstanceOf(Committed.class, await(held));
        assertInstanceOf(Committed.class, await(next));
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        assertEquals(250, cores().bindings().getFirst().weight());
    }

    @Test
    void aStopOvertakesWhatWaits() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        TestProbe<CallOutcome> queued = tellMany();

        database.ref().tell(Command.Stop.INSTANCE);
        letGo();

        assertInstanceOf(Committed.class, await(held));
        assertAll(Moved.class, queued);
        queued.expectTerminated(database.ref(), DEADLINE);
        assertEquals(List.of(), cores().bindings());
        queued.awaitAssert(DEADLINE, () -> {
            assertEquals(0, Admissions.get(node.kit().system()).count());
            return null;
        });
    }

    @Test
    void whatWaitsForADatabaseThatIsKilledIsAnswered() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        TestProbe<CallOutcome> queued = tellMany();

        Adapter.toClassic(database.ref()).tell(PoisonPill.getInstance(), org.apache.pekko.actor.ActorRef.noSender());
        letGo();

        assertAll(Moved.class, queued);
        CallOutcome outcome = await(held);
        assertTrue(outcome instanceof Committed || outcome instanceof Database.OutcomeUnknown, outcome.toString());
    }

    @Test
    void afterADeleteWhatWaitsAndWhatComesHasNoModule() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        TestProbe<CallOutcome> queued = tellMany();

        CompletionStage<DeleteOutcome> deleted = database.ask(replyTo -> new Command.Delete(OWNER, replyTo));
        letGo();

        assertInstanceOf(Committed.class, await(held));
        assertInstanceOf(Deleted.class, await(deleted));
        assertAll(NoSuchModule.class, queued);
        assertInstanceOf(NoSuchModule.class, database.call("add", "[1]"));
        assertEquals(List.of(), cores().bindings());
        assertFalse(cores().rebind(TestDatabases.DATABASE.toHex(), 0));
        queued.awaitAssert(DEADLINE, () -> {
            assertEquals(openBefore, ScriptedModule.OPEN.size());
            return null;
        });
    }

    @Test
    void whatIsTooLateWhenItsTurnComesIsNotStarted() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        Caller caller = new Caller(OWNER, ConnectionId.NONE);
        long soon = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1);
        CompletionStage<CallOutcome> call = database.ask(replyTo ->
                new Command.CallReducer("add", new Arguments.Json("[1]"), caller, RequestId.NONE, true, soon, replyTo));
        CompletionStage<QueryOutcome> query =
                database.ask(replyTo -> new Command.Query("SELECT value FROM item", caller, true, soon, replyTo));
        while (System.nanoTime() - soon <= 0) {
            Thread.onSpinWait();
        }

        letGo();

        assertInstanceOf(DeadlineExceeded.class, await(call));
        assertInstanceOf(DeadlineExceeded.class, await(query));
        assertInstanceOf(Committed.class, await(held));
        assertEquals(List.of(2L), database.numbers("SELECT COUNT(*) AS n FROM item"));
    }

    @Test
    void theTimeOfACallIsWhenItWasSent() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        long before = Clock.SYSTEM.epochMicros();
        CompletionStage<CallOutcome> call = database.callLater(OWNER, "add", new Arguments.Json("[1]"));
        long after = Clock.SYSTEM.epochMicros();

        letGo();

        assertInstanceOf(Committed.class, await(held));
        assertInstanceOf(Committed.class, await(call));
        long timestamp = ScriptedModule.timestampMicrosOfLastCall;
        assertTrue(before <= timestamp && timestamp <= after, before + " <= " + timestamp + " <= " + after);
    }

    @Test
    void callsAreRefusedWhileTheDatabaseIsCaughtInOne() throws InterruptedException {
        CompletionStage<CallOutcome> held = hold();
        TestInbox<CallOutcome> inbox = TestInbox.create();
        database.tell("add", "[1]", inbox.getRef());
        Unavailable stuck = new Unavailable("stuck");

        database.admission().refuseCalls(stuck);
        database.tell("add", "[1]", inbox.getRef());

        assertEquals(List.of(stuck, stuck), inbox.getAllReceived());
        database.admission().acceptCalls();
        letGo();
        assertInstanceOf(Committed.class, await(held));
        assertInstanceOf(Committed.class, database.call("add", "[2]"));
        assertEquals(List.of(1000L, 16L, 2L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void whatIsHeldBackOrRefusedCostsTheCoreNoTurn() {
        restart("pinion.cores.reserve = 1\npinion.database.queue.calls-max = 3");
        TestDatabase neighbour = node.database(TestDatabases.GUEST);
        TestProbe<CallOutcome> probe = node.kit().createTestProbe();
        int sent = 50;
        database.admission().holdCalls(); // nobody else does: the database has nothing to do
        long before = turns();

        for (int i = 0; i < sent; i++) {
            database.tell("add", "[1]", probe.ref());
            describe(neighbour); // has its turn on the same core
        }

        assertTrue(turns() - before < sent / 2, (turns() - before) + " turns");
        probe.receiveSeveralMessages(sent - 3, DEADLINE).forEach(answer -> assertInstanceOf(Overloaded.class, answer));
        database.admission().releaseCalls();
        describe(database);
        probe.receiveSeveralMessages(3, DEADLINE).forEach(answer -> assertInstanceOf(Committed.class, answer));
    }

    private long turns() {
        return cores().bindings().getFirst().turns();
    }

    private void describe(TestDatabase described) {
        await(described.<Database.DescribeOutcome>ask(replyTo -> new Command.Describe(replyTo)));
    }

    @Test
    void aDatabaseNeedsItsOwnMailbox() {
        ActorRef<Command> ref = node.kit()
                .spawn(
                        DatabaseActor.create(TestDatabases.GUEST, node.services()),
                        DispatcherSelector.fromConfig("pinion.database-dispatcher"));

        node.kit().createTestProbe().expectTerminated(ref, DEADLINE);
    }
}
