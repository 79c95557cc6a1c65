package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.OutcomeUnknown;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.ResultNotKept;
import io.pinion.actors.database.Database.Returned;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ProcedureHost;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A procedure that is called with a request id runs once, whatever is sent again and whatever ends in between. */
class RepeatedProceduresTest {
    private static final String VALUES = "SELECT value FROM item";
    private static final String WHOLE_LOG = "pinion.procedure.at-once-max = 2, pinion.limits.procedure-time = 20 s";
    private static final String MANY_SNAPSHOTS =
            WHOLE_LOG + "\npinion.durability.event-bytes-max = 4 KiB, pinion.snapshot { log-entries = 3, keep = 1 }";
    private static final String HELD_JOURNAL = WHOLE_LOG + """

            held-journal.class = "io.pinion.actors.database.HeldJournal"
            held-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
            pekko.persistence.journal.plugin = held-journal
            held-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
            held-read-journal.logs = held
            pinion.durability.journal-plugin-id = held-journal
            pinion.durability.read-journal-id = held-read-journal
            """;

    @TempDir
    private Path directory;

    private final AtomicInteger runs = new AtomicInteger();
    private final RequestId id = RequestId.next();

    @SuppressWarnings("NullAway.Init") // every test starts it in its own way
    private TestDatabases node;

    @SuppressWarnings("NullAway.Init") // as above
    private TestDatabase database;

    private void start(String settings) {
        node = TestDatabases.start(directory, settings);
        database = node.database();
    }

    private void restart(String settings) {
        node.close();
        start(settings);
    }

    @BeforeEach
    void addOnce() {
        HeldJournal.reset();
        ScriptedModule.errand = (_, number, host) -> {
            runs.incrementAndGet();
            add(host, number);
            return number(7 * number);
        };
    }

    @AfterEach
    void stop() {
        HeldJournal.reset();
        node.close();
    }

    private static GuestResult number(long number) {
        return new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
    }

    private static void add(ProcedureHost host, long value) throws InterruptedException {
        Transaction transaction = host.begin().transaction();
        byte[] row = new BsatnWriter().writeLong(0).writeLong(value).toBytes().unsafeArray();
        assertEquals(
                StoreCode.OK, transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter()));
        assertInstanceOf(ProcedureHost.CommitOutcome.Committed.class, host.commit());
    }

    private static void pass(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }

    private CompletionStage<ProcedureOutcome> later(RequestId request, long number) {
        return database.procedureLater(OWNER, request, "run", "[" + number + "]");
    }

    private ProcedureOutcome call(RequestId request, long number) {
        return await(later(request, number));
    }

    private static long value(ProcedureOutcome outcome) {
        return new BsatnReader(assertInstanceOf(Returned.class, outcome).value()).readLong();
    }

    private static ProcedureOutcome withoutTime(ProcedureOutcome outcome) {
        return switch (outcome) {
            case Returned(var type, var value, long offset, long start, long _) ->
                new Returned(type, value, offset, start, 0);
            case Failed(String reason, long offset, long _) -> new Failed(reason, offset, 0);
            case Database.Stopped(Database.Limit limit, long offset, long _) -> new Database.Stopped(limit, offset, 0);
            default -> outcome;
        };
    }

    @Test
    void aRepeatedCallIsAnsweredWithWhatTheFirstReturned() {
        start(WHOLE_LOG);
        database.publish("aside");

        ProcedureOutcome first = call(id, 6);
        ProcedureOutcome again = call(id, 6);

        assertEquals(42, value(first));
        assertEquals(withoutTime(first), again);
        assertEquals(1, runs.get());
        assertEquals(42, value(await(database.procedureLater(GUEST, id, "run", "[6]"))), "an id is its caller's alone");
        assertEquals(42, value(call(RequestId.NONE, 6)));
        assertEquals(List.of(1000L, 6L, 6L, 6L), database.numbers(VALUES));
    }

    @Test
    void whoSendsACallAgainWhileItRunsWaitsForTheSameOutcome() throws InterruptedException {
        start(WHOLE_LOG);
        database.publish("aside");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            runs.incrementAndGet();
            begun.countDown();
            pass(mayEnd);
            add(host, number);
            return number(number);
        };
        List<CompletionStage<ProcedureOutcome>> answers = new ArrayList<>();
        answers.add(later(id, 5));
        answers.add(later(id, 5));
        pass(begun);
        for (int i = 0; i < 5; i++) {
            answers.add(later(id, 5));
        }
        // Nothing is decided by time: the calls before this one have had their turn.
        assertInstanceOf(Committed.class, database.call("add", "[1]"));

        assertTrue(answers.stream()
                .noneMatch(answer -> answer.toCompletableFuture().isDone()));
        mayEnd.countDown();

        ProcedureOutcome first = await(answers.getFirst());
        assertEquals(5, value(first));
        answers.forEach(answer -> assertEquals(first, await(answer)));
        assertEquals(1, runs.get());
        assertEquals(List.of(1000L, 1L, 5L), database.numbers(VALUES));
    }

    @ParameterizedTest
    @ValueSource(strings = {WHOLE_LOG, MANY_SNAPSHOTS})
    void howeverAProcedureEndedThatOutlivesItsNode(String settings) {
        start(settings + "\npinion.limits.procedure-transaction-time = 200 ms");
        database.publish("aside");
        ScriptedModule.errand = (_, number, host) -> {
            runs.incrementAndGet();
            add(host, number);
            return switch ((int) number) {
                case 1 -> number(number);
                case 2 -> new GuestResult.Failed("it gave up");
                case 3 -> throw new IllegalStateException("it broke");
                default -> {
                    host.begin();
                    Thread.sleep(DEADLINE); // until its transaction is too long
                    throw new AssertionError("it was not stopped");
                }
            };
        };
        List<RequestId> ids = new ArrayList<>();
        List<ProcedureOutcome> first = new ArrayList<>();
        for (int number = 1; number <= 4; number++) {
            ids.add(RequestId.next());
            first.add(withoutTime(call(ids.getLast(), number)));
        }
        assertEquals("it gave up", assertInstanceOf(Failed.class, first.get(1)).reason());
        assertInstanceOf(Failed.class, first.get(2));
        assertInstanceOf(Database.Stopped.class, first.get(3));
        for (int i = 0; i < 10; i++) {
            assertInstanceOf(Committed.class, database.call("add", "[9]"));
        }
        List<Long> items = database.numbers(VALUES);

        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < ids.size(); i++) {
                assertEquals(first.get(i), call(ids.get(i), i + 1));
            }
            restart(settings);
        }
        assertEquals(4, runs.get());
        assertEquals(items, database.numbers(VALUES));
    }

    @Test
    void ofAResultThatIsTooLargeItIsKeptThatThereWasOne() {
        String settings = WHOLE_LOG + "\npinion.durability.requests.result-bytes-max = 8 B";
        start(settings);
        database.publish("aside");

        Returned first = assertInstanceOf(Returned.class, call(id, 6));

        assertEquals(new ResultNotKept(first.offset(), first.startMicros()), call(id, 6));
        restart(settings);
        assertEquals(new ResultNotKept(first.offset(), first.startMicros()), call(id, 6));
        assertEquals(1, runs.get());
    }

    @Test
    void whatHadBegunWhenItsNodeEndedIsUnknownAndNotRunAgain() throws InterruptedException {
        start(WHOLE_LOG);
        database.publish("aside");
        CountDownLatch begun = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            runs.incrementAndGet();
            add(host, number);
            begun.countDown();
            Thread.sleep(DEADLINE);
            return number(number);
        };
        CompletionStage<ProcedureOutcome> first = later(id, 5);
        CompletionStage<ProcedureOutcome> joined = later(id, 5);
        pass(begun);
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        database.ref().tell(Database.Command.Stop.INSTANCE);

        assertInstanceOf(OutcomeUnknown.class, await(first));
        assertInstanceOf(OutcomeUnknown.class, await(joined));
        for (int round = 0; round < 2; round++) {
            restart(WHOLE_LOG);
            assertInstanceOf(OutcomeUnknown.class, call(id, 5));
        }
        assertEquals(1, runs.get());
        assertEquals(List.of(1000L, 5L, 1L), database.numbers(VALUES));
    }

    @Test
    void nothingRunsBeforeItIsDurableThatItBegins() {
        start(HELD_JOURNAL);
        database.publish("aside");
        HeldJournal.hold();
        CompletionStage<ProcedureOutcome> first = later(id, 5);
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertTrue(HeldJournal.hasHeld("database-"), "it does not write that it begins");
            return null;
        });
        CompletionStage<ProcedureOutcome> again = later(id, 5);
        database.awaitTurn();

        assertEquals(0, runs.get());
        assertFalse(first.toCompletableFuture().isDone());
        HeldJournal.letGo();

        assertEquals(35, value(await(first)));
        assertEquals(await(first), await(again));
        assertEquals(1, runs.get());
    }

    /** The node ends before it is durable that the procedure begins: it did not begin, and its caller may send it again. */
    @Test
    void whatIsLostBeforeItBeganRunsWhenItIsSentAgain() {
        start(HELD_JOURNAL);
        database.publish("aside");
        HeldJournal.hold();
        CompletionStage<ProcedureOutcome> first = later(id, 5);
        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertTrue(HeldJournal.hasHeld("database-"), "it does not write that it begins");
            return null;
        });

        node.close();
        HeldJournal.drop();
        start(HELD_JOURNAL);

        assertEquals(List.of(1000L), database.numbersWhenServing(VALUES));
        assertEquals(0, runs.get());
        assertFalse(first.toCompletableFuture().getNow(null) instanceof Returned);
        assertEquals(35, value(call(id, 5)));
        assertEquals(List.of(1000L, 5L), database.numbers(VALUES));
    }

    @Test
    void aCallThatWasNotRunIsNoOutcome() {
        start(WHOLE_LOG);
        database.publish("aside");

        assertInstanceOf(Database.BadArguments.class, await(database.procedureLater(OWNER, id, "run", "[\"five\"]")));
        assertInstanceOf(Database.NoSuchProcedure.class, await(database.procedureLater(OWNER, id, "walk", "[5]")));

        assertEquals(35, value(call(id, 5)));
    }

    @Test
    void anIdOfTheOtherKindOfCallRunsNothing() {
        start(WHOLE_LOG);
        database.publish("aside");
        RequestId ofReducer = RequestId.next();
        assertInstanceOf(Committed.class, database.call(OWNER, ofReducer, "add", "[1]"));
        assertEquals(35, value(call(id, 5)));

        Database.NoSuchReducer reducer =
                assertInstanceOf(Database.NoSuchReducer.class, database.call(OWNER, id, "add", "[2]"));
        Database.NoSuchProcedure procedure = assertInstanceOf(Database.NoSuchProcedure.class, call(ofReducer, 6));

        assertTrue(reducer.message().contains("names a call of a procedure"), reducer.message());
        assertTrue(procedure.message().contains("names a call of a reducer"), procedure.message());
        assertEquals(List.of(1000L, 1L, 5L), database.numbers(VALUES));
    }

    @Test
    void anIdThatIsTooOldIsUnknownAndOneFromFarAheadIsRefused() {
        start(WHOLE_LOG);
        database.publish("aside");
        long now = System.currentTimeMillis();

        assertInstanceOf(OutcomeUnknown.class, call(RequestId.at(now - TimeUnit.HOURS.toMillis(1)), 5));
        assertInstanceOf(Database.BadArguments.class, call(RequestId.at(now + TimeUnit.HOURS.toMillis(1)), 5));

        assertEquals(0, runs.get());
    }
}
