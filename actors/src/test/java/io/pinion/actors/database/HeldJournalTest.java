package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.core.Cores;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.OutcomeUnknown;
import io.pinion.actors.database.Database.Overloaded;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Hashes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a journal that does not answer for a while. */
class HeldJournalTest {
    private static final int CALLS = 200;
    /** So few that the journal has room for all their commits. */
    private static final int CALLS_WAITING_MAX = 30;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        HeldJournal.reset();
        node = start("8 s");
        database = node.database();
        database.publish();
    }

    private TestDatabases start(String stopTimeout) {
        return start(stopTimeout, "auto", 10_000);
    }

    private TestDatabases start(String stopTimeout, String isJournalShared, int callsWaitingMax) {
        return TestDatabases.start(directory, """
                held-journal.class = "io.pinion.actors.database.HeldJournal"
                held-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                pekko.persistence.journal.plugin = held-journal
                held-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
                held-read-journal.logs = held
                pinion.durability.journal-plugin-id = held-journal
                pinion.durability.read-journal-id = held-read-journal
                pinion.durability.bytes-in-flight-max = 16 KiB
                pinion.database.queue.calls-max = %d
                pinion.database.stop-timeout = %s
                pinion.durability.journal-is-shared = %s
                """.formatted(callsWaitingMax, stopTimeout, isJournalShared));
    }

    @AfterEach
    void stop() {
        HeldJournal.reset();
        node.close();
    }

    private List<CompletionStage<CallOutcome>> add(int count) {
        List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(database.callLater(TestDatabases.OWNER, "add", new Arguments.Json("[" + i + "]")));
        }
        return answers;
    }

    @Test
    void aJournalThatIsBehindMakesCallsBeRefusedUntilItHasCaughtUp() {
        HeldJournal.hold();
        List<CompletionStage<CallOutcome>> answers = add(CALLS);

        // Refusals do not wait for the journal; the last call is one, as the first ones fill what may be in flight.
        Overloaded refusal = assertInstanceOf(Overloaded.class, TestDatabases.await(answers.getLast()));
        assertTrue(refusal.retryAfter().isPositive(), refusal.toString());
        HeldJournal.letGo();

        List<CallOutcome> outcomes = answers.stream().map(TestDatabases::await).toList();
        long committed = outcomes.stream().filter(Committed.class::isInstance).count();
        long refused = outcomes.stream().filter(Overloaded.class::isInstance).count();
        assertEquals(CALLS, committed + refused, outcomes.toString());
        assertTrue(committed > 0, outcomes.toString());
        assertInstanceOf(Committed.class, TestDatabases.await(add(1).getFirst()));
        assertEquals(List.of(committed + 2), database.numbers("SELECT COUNT(*) AS n FROM item"));
    }

    @Test
    void anUpdateThatIsRefusedWhenItsProgramIsStoredLeavesNoProgramBehind() {
        node.close();
        node = start("8 s", "off", 10_000);
        database = node.database();
        database.numbersWhenServing("SELECT value FROM item");
        Bytes program = ScriptedModule.script("unique-value");
        HeldJournal.hold();
        CompletionStage<Database.PublishOutcome> publish =
                database.ask(replyTo -> new Command.Publish(program, TestDatabases.OWNER, false, replyTo));
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertTrue(HeldJournal.hasHeld("program-"));
            return true;
        });
        add(1);
        add(1); // the same value, which the new index would not take
        database.awaitTurn();
        HeldJournal.letGo();

        assertInstanceOf(Database.UpdateRefused.class, TestDatabases.await(publish));

        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertFalse(isStored(program));
            return true;
        });
        database.call("add", "[2]");
        assertEquals(List.of(1000L, 0L, 0L, 2L), database.numbers("SELECT value FROM item"));
    }

    private boolean isStored(Bytes program) {
        return TestDatabases.await(node.services().programs().read(Hashes.keccak256(program)))
                .isPresent();
    }

    @Test
    void nobodyWhoWantsItConfirmedIsToldOfWhatIsNotDurable() {
        HeldJournal.hold();
        CompletionStage<CallOutcome> added = add(1).getFirst();
        CompletionStage<CallOutcome> wroteNothing =
                database.callLater(TestDatabases.OWNER, "nothing", new Arguments.Json("[]"));
        CompletionStage<Database.QueryOutcome> confirmed = count(true);
        Database.Rows unconfirmed = assertInstanceOf(Database.Rows.class, TestDatabases.await(count(false)));

        assertEquals(List.of(2L), database.numbers(unconfirmed));
        assertFalse(added.toCompletableFuture().isDone());
        assertFalse(wroteNothing.toCompletableFuture().isDone());
        assertFalse(confirmed.toCompletableFuture().isDone());
        HeldJournal.letGo();

        assertEquals(
                2, assertInstanceOf(Committed.class, TestDatabases.await(added)).offset());
        assertEquals(
                2,
                assertInstanceOf(Committed.class, TestDatabases.await(wroteNothing))
                        .offset());
        assertEquals(
                2,
                assertInstanceOf(Database.Rows.class, TestDatabases.await(confirmed))
                        .offset());
    }

    @Test
    void aDatabaseThatRecoversKeepsWhatComesWithinItsBounds() {
        node.close();
        node = start("8 s", "auto", CALLS_WAITING_MAX);
        HeldJournal.hold();
        database = node.database();
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertTrue(HeldJournal.hasHeld("database-"), "it does not take its log over");
            return null;
        });

        List<CompletionStage<CallOutcome>> answers = add(CALLS_WAITING_MAX + 20);

        List<CompletionStage<CallOutcome>> refused = answers.subList(CALLS_WAITING_MAX, answers.size());
        refused.forEach(answer -> assertInstanceOf(Overloaded.class, TestDatabases.await(answer)));
        List<CompletionStage<CallOutcome>> kept = answers.subList(0, CALLS_WAITING_MAX);
        assertTrue(
                kept.stream().noneMatch(answer -> answer.toCompletableFuture().isDone()));
        HeldJournal.letGo();
        kept.forEach(answer -> assertInstanceOf(Committed.class, TestDatabases.await(answer)));
        assertEquals(List.of(CALLS_WAITING_MAX + 1L), database.numbers("SELECT COUNT(*) AS n FROM item"));
    }

    @Test
    void aCrashTakesBackNothingThatAnybodyWasTold() {
        RequestId id = RequestId.next();
        HeldJournal.hold();
        List<CompletionStage<?>> receivers = new ArrayList<>();
        receivers.add(call(RequestId.NONE, "add", "[1]"));
        receivers.add(call(id, "add", "[2]"));
        receivers.add(call(id, "add", "[2]"));
        database.awaitTurn(); // a description goes before calls, and is to be one of what these made
        receivers.add(call(RequestId.NONE, "fail", "[\"no\", 3]"));
        receivers.add(call(RequestId.next(), "fail", "[\"no\", 4]"));
        receivers.add(call(RequestId.NONE, "nothing", "[]"));
        receivers.add(call(RequestId.NONE, "trap", "[]"));
        receivers.add(call(RequestId.NONE, "subtract", "[]"));
        receivers.add(call(RequestId.NONE, "add", "[\"one\"]"));
        receivers.add(count(true));
        receivers.add(database.<Database.DescribeOutcome>ask(Command.Describe::new));
        receivers.add(database.<Database.PublishOutcome>ask(
                replyTo -> new Command.Publish(ScriptedModule.script(), TestDatabases.OWNER, false, replyTo)));
        assertEquals(
                List.of(3L),
                database.numbers(assertInstanceOf(Database.Rows.class, TestDatabases.await(count(false)))));

        assertEquals(
                List.of(),
                receivers.stream()
                        .filter(receiver -> receiver.toCompletableFuture().isDone())
                        .toList());
        node.close();
        HeldJournal.drop();
        for (CompletionStage<?> receiver : receivers) {
            Object told = receiver.toCompletableFuture().getNow(null);
            assertTrue(
                    told == null || told instanceof OutcomeUnknown || told instanceof Database.Moved,
                    String.valueOf(told));
        }

        node = start("8 s");
        database = node.database();
        assertEquals(List.of(1L), database.numbersWhenServing("SELECT COUNT(*) AS n FROM item"));
        assertEquals(2, offset(TestDatabases.await(call(id, "add", "[2]"))));
    }

    private CompletionStage<CallOutcome> call(RequestId id, String reducer, String arguments) {
        return database.callLater(TestDatabases.OWNER, id, reducer, new Arguments.Json(arguments));
    }

    private static long offset(CallOutcome outcome) {
        return assertInstanceOf(Committed.class, outcome).offset();
    }

    private CompletionStage<Database.QueryOutcome> count(boolean isConfirmed) {
        return database.ask(replyTo -> new Command.Query(
                "SELECT COUNT(*) AS n FROM item",
                new Database.Caller(TestDatabases.OWNER, ConnectionId.NONE),
                isConfirmed,
                Database.NO_DEADLINE,
                replyTo));
    }

    @Test
    void aStopDoesNotWaitForeverForAJournalThatDoesNotAnswer() {
        node.close();
        node = start("100 ms");
        database = node.database();
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        HeldJournal.hold();
        List<CompletionStage<CallOutcome>> answers = add(10);
        database.awaitTurn();

        database.ref().tell(Command.Stop.INSTANCE);

        node.kit().createTestProbe().expectTerminated(database.ref(), TestDatabases.DEADLINE);
        answers.forEach(answer -> assertInstanceOf(OutcomeUnknown.class, TestDatabases.await(answer)));
    }

    @Test
    void aStopWaitsForAJournalThatIsSlow() {
        HeldJournal.hold();
        List<CompletionStage<CallOutcome>> answers = add(10);
        database.awaitTurn();
        database.ref().tell(Command.Stop.INSTANCE);
        assertInstanceOf(Database.Moved.class, TestDatabases.await(add(1).getFirst()));

        HeldJournal.letGo();

        answers.forEach(answer -> assertInstanceOf(Committed.class, TestDatabases.await(answer)));
        node.kit().createTestProbe().expectTerminated(database.ref(), TestDatabases.DEADLINE);
    }

    @Test
    void aStopWhileADatabaseIsDeletedLeavesItDeleted() {
        HeldJournal.hold();
        CompletionStage<Database.DeleteOutcome> deleted =
                database.ask(replyTo -> new Command.Delete(TestDatabases.OWNER, replyTo));
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(List.of(), Cores.get(node.kit().system()).bindings());
            return null;
        });
        database.ref().tell(Command.Stop.INSTANCE);

        HeldJournal.letGo();

        assertInstanceOf(Database.Deleted.class, TestDatabases.await(deleted));
        node.kit().createTestProbe().expectTerminated(database.ref(), TestDatabases.DEADLINE);
        assertInstanceOf(Database.NoSuchModule.class, node.database().call("add", "[1]"));
    }
}
