package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.ProcedureOutcome;
import io.pinion.actors.database.Database.Returned;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.ProcedureHost;
import io.pinion.modules.ProcedureHost.CommitOutcome;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Procedures and HTTP handlers beside a database that goes on: what they may do, and what ends them. */
class ProcedureTest {
    private static final String VALUES = "SELECT value FROM item";
    private static final String LIMITS = """
            pinion.limits { procedure-time = 20 s, procedure-transaction-time = 400 ms, stuck-after = 60 s }
            pinion.procedure.at-once-max = 3
            """;

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, LIMITS);
        database = node.database();
        assertInstanceOf(Database.Published.class, database.publish("aside"));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static GuestResult number(long number) {
        return new GuestResult.Returned(new BsatnWriter().writeLong(number).toBytes());
    }

    private static void add(Transaction transaction, long value) {
        byte[] row = new BsatnWriter().writeLong(0).writeLong(value).toBytes().unsafeArray();
        int code = transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter());
        assertEquals(StoreCode.OK, code);
    }

    private static void addInOne(ProcedureHost host, long value) throws InterruptedException {
        add(host.begin().transaction(), value);
        assertInstanceOf(CommitOutcome.Committed.class, host.commit());
    }

    private static void pass(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void aProcedureReturnsAValueAndWritesInTransactionsOfItsOwn() {
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            add(host.begin().transaction(), 8);
            host.rollback();
            addInOne(host, number + 1);
            return number(7 * number);
        };

        Returned returned = assertInstanceOf(Returned.class, database.run(6));

        assertEquals(42, new BsatnReader(returned.value()).readLong());
        assertEquals(3, returned.offset());
        assertEquals(List.of(1000L, 6L, 7L), database.numbers(VALUES));
        node.close();
        node = TestDatabases.start(directory, LIMITS);
        database = node.database();
        assertEquals(List.of(1000L, 6L, 7L), database.numbers(VALUES));
    }

    @Test
    void wrongNamesArgumentsAndResultsAreToldApart() {
        ScriptedModule.errand = (_, _, _) -> new GuestResult.Returned(Bytes.ofHex("0102"));

        assertInstanceOf(Database.NoSuchProcedure.class, await(database.procedureLater(OWNER, "nobody", "[]")));
        assertInstanceOf(
                Database.NoSuchProcedure.class,
                await(database.procedureLater(GUEST, "work", "[[1, {\"Time\": [5]}]]")));
        Database.BadArguments bad =
                assertInstanceOf(Database.BadArguments.class, await(database.procedureLater(OWNER, "run", "[\"a\"]")));
        assertTrue(bad.message().startsWith("invalid arguments for procedure run: "), bad.message());
        Failed failed = assertInstanceOf(Failed.class, database.run(1));
        assertTrue(failed.reason().contains("declared type"), failed.reason());
    }

    @Test
    void aFailureUndoesTheOpenTransactionAndNotThoseBefore() {
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            add(host.begin().transaction(), 99);
            return new GuestResult.Failed("it gave up");
        };

        assertEquals(
                "it gave up", assertInstanceOf(Failed.class, database.run(5)).reason());

        assertEquals(List.of(1000L, 5L), database.numbers(VALUES));
        assertInstanceOf(Committed.class, database.call("add", "[6]"));
    }

    @Test
    void reducersGoOnWhileAProcedureWaits() throws InterruptedException {
        CountDownLatch waits = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            waits.countDown();
            host.sleepUntil(Long.MAX_VALUE);
            return number(0);
        };

        CompletionStage<ProcedureOutcome> running = database.runLater(3);
        pass(waits);
        for (int i = 0; i < 50; i++) {
            assertInstanceOf(Committed.class, database.call("add", "[1]"));
        }

        assertFalse(running.toCompletableFuture().isDone());
    }

    @Test
    void whileAProcedureWritesOthersWaitAndThenSeeWhatItWrote() throws InterruptedException {
        CountDownLatch writes = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            Transaction transaction = host.begin().transaction();
            add(transaction, number);
            writes.countDown();
            pass(goOn);
            assertInstanceOf(CommitOutcome.Committed.class, host.commit());
            return number(0);
        };

        CompletionStage<ProcedureOutcome> running = database.runLater(3);
        pass(writes);
        CompletionStage<CallOutcome> call = database.callLater(OWNER, "add", new Database.Arguments.Json("[4]"));
        assertFalse(call.toCompletableFuture().isDone());
        goOn.countDown();

        assertInstanceOf(Returned.class, await(running));
        assertInstanceOf(Committed.class, await(call));
        assertEquals(List.of(1000L, 3L, 4L), database.numbers(VALUES));
    }

    @Test
    void aTransactionHeldAcrossAWaitIsUndoneWhenItsTimeIsUp() {
        ScriptedModule.errand = (_, number, host) -> {
            add(host.begin().transaction(), number);
            host.sleepUntil(Long.MAX_VALUE);
            return number(0);
        };

        CompletionStage<ProcedureOutcome> running = database.runLater(3);
        CompletionStage<CallOutcome> call = database.callLater(OWNER, "add", new Database.Arguments.Json("[4]"));

        assertInstanceOf(Stopped.class, await(running));
        assertInstanceOf(Committed.class, await(call));
        assertEquals(List.of(1000L, 4L), database.numbers(VALUES));
    }

    /** A commit waits for its view, whose instance is the procedure's own, while others ask for that view. */
    @Test
    void aCommitAndAQueryThatBothNeedAViewWaitForNobody() throws InterruptedException {
        node.close();
        node = TestDatabases.start(directory, "pinion.pool { max = 2, warm-spare = off }");
        database = node.database();
        CountDownLatch looks = new CountDownLatch(1);
        CountDownLatch isAsked = new CountDownLatch(1);
        ScriptedModule.look =
                (_, _, transaction) -> ViewsTest.rows(1, transaction.rowCount(transaction.tableId("item")));
        assertEquals(List.of(1L), database.numbers("SELECT value FROM mine"));
        ScriptedModule.look = (_, _, transaction) -> {
            looks.countDown();
            try {
                pass(isAsked);
            } catch (InterruptedException e) {
                return new GuestResult.Stopped();
            }
            return ViewsTest.rows(1, transaction.rowCount(transaction.tableId("item")));
        };
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            return number(number);
        };

        CompletionStage<ProcedureOutcome> running = database.runLater(3);
        pass(looks);
        CompletionStage<Database.QueryOutcome> query = database.queryLater(OWNER, "SELECT value FROM mine");
        CompletionStage<Database.QueryOutcome> other = database.queryLater(GUEST, "SELECT value FROM mine");
        CompletionStage<CallOutcome> call = database.callLater(OWNER, "add", new Database.Arguments.Json("[4]"));
        isAsked.countDown();

        assertInstanceOf(Returned.class, await(running));
        assertEquals(List.of(2L), database.numbers(assertInstanceOf(Database.Rows.class, await(query))));
        assertEquals(List.of(2L), database.numbers(assertInstanceOf(Database.Rows.class, await(other))));
        assertInstanceOf(Committed.class, await(call));
        assertEquals(List.of(3L), database.numbers("SELECT value FROM mine"));
    }

    @Test
    void aProcedureThatTakesTooLongIsStoppedWhereverItWaits() {
        node.vitals(TestDatabases.DATABASE).limits(TestVitals.limits(java.time.Duration.ofMillis(200)));
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            host.sleepUntil(Long.MAX_VALUE);
            return number(0);
        };

        assertInstanceOf(Stopped.class, database.run(3));

        assertEquals(List.of(1000L, 3L), database.numbers(VALUES));
    }

    @Test
    void onlySoManyRunAtOnceAndTheOthersWaitInOrder() throws InterruptedException {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ScriptedModule.errand = (_, number, host) -> {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            addInOne(host, number);
            host.sleepUntil(Clock.SYSTEM.epochMicros() + 5_000);
            atOnce.decrementAndGet();
            return number(number);
        };

        List<CompletionStage<ProcedureOutcome>> running = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            running.add(database.runLater(i));
        }
        for (int i = 0; i < 30; i++) {
            Returned returned = assertInstanceOf(Returned.class, await(running.get(i)));
            assertEquals(i, new BsatnReader(returned.value()).readLong());
        }

        assertEquals(3, most.get());
        assertEquals(31, database.numbers(VALUES).size());
    }

    @Test
    void procedureTransactionsAndReducersNeverMeet() {
        ScriptedModule.errand = (_, number, host) -> {
            for (int i = 0; i < 20; i++) {
                Transaction transaction = host.begin().transaction();
                long before = transaction.rowCount(transaction.tableId("item"));
                add(transaction, number);
                Thread.onSpinWait();
                assertEquals(before + 1, transaction.rowCount(transaction.tableId("item")));
                assertInstanceOf(CommitOutcome.Committed.class, host.commit());
            }
            return number(0);
        };

        List<CompletionStage<ProcedureOutcome>> running = new ArrayList<>();
        List<CompletionStage<CallOutcome>> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            running.add(database.runLater(i));
            for (int call = 0; call < 40; call++) {
                calls.add(database.callLater(OWNER, "add", new Database.Arguments.Json("[" + call + "]")));
            }
        }
        running.forEach(one -> assertInstanceOf(Returned.class, await(one)));
        calls.forEach(one -> assertInstanceOf(Committed.class, await(one)));

        assertEquals(1 + 12 * 20 + 12 * 40, database.numbers(VALUES).size());
        List<Long> ids = database.numbers("SELECT id FROM item");
        assertEquals(ids.size(), ids.stream().distinct().count());
    }

    @Test
    void aTransactionThatIsTooLargeIsRefusedAtItsCommit() {
        node.close();
        node = TestDatabases.start(directory, "pinion.durability.transaction-bytes-max = 1 MiB");
        database = node.database();
        ScriptedModule.errand = (_, number, host) -> {
            Transaction transaction = host.begin().transaction();
            for (int i = 0; i < 100_000; i++) {
                add(transaction, number);
            }
            CommitOutcome.Refused refused = assertInstanceOf(CommitOutcome.Refused.class, host.commit());
            return new GuestResult.Failed(refused.reason());
        };

        Failed failed = assertInstanceOf(Failed.class, database.run(1));

        assertTrue(failed.reason().contains("that are allowed"), failed.reason());
        assertEquals(List.of(1000L), database.numbers(VALUES));
    }

    @Test
    void aCommitEvaluatesTheViewsThatItMakesStaleAndFailsWithThem() {
        assertEquals(List.of(1000L), database.numbers("SELECT value FROM large"));
        ScriptedModule.look = (_, _, transaction) -> transaction.rowCount(transaction.tableId("item")) < 4
                ? ViewsTest.rows()
                : new GuestResult.UserError("too many items");
        assertEquals(List.of(), database.numbers("SELECT value FROM mine"));
        int looks = ScriptedModule.LOOKS.get();
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            addInOne(host, number + 1);
            add(host.begin().transaction(), number + 2);
            CommitOutcome.Refused refused = assertInstanceOf(CommitOutcome.Refused.class, host.commit());
            return new GuestResult.Failed(refused.reason());
        };

        Failed failed = assertInstanceOf(Failed.class, database.run(501));

        assertEquals("the view mine failed: too many items", failed.reason());
        assertTrue(ScriptedModule.LOOKS.get() >= looks + 5);
        assertEquals(List.of(1000L, 501L, 502L), database.numbers("SELECT value FROM large"));
        assertEquals(List.of(1000L, 501L, 502L), database.numbers(VALUES));
    }

    @Test
    void aDatabaseThatIsGivenUpKeepsNothingOfWhatAProcedureIsWriting() throws InterruptedException {
        CountDownLatch writes = new CountDownLatch(1);
        Semaphore ended = new Semaphore(0);
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            add(host.begin().transaction(), 99);
            writes.countDown();
            try {
                Thread.sleep(DEADLINE);
                return number(0);
            } finally {
                ended.release();
            }
        };

        CompletionStage<ProcedureOutcome> running = database.runLater(3);
        pass(writes);
        database.killPool();

        assertInstanceOf(Database.OutcomeUnknown.class, await(running));
        assertTrue(ended.tryAcquire(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(List.of(1000L, 3L), database.numbersWhenServing(VALUES));
        assertInstanceOf(Committed.class, database.call("add", "[4]"));
        ScriptedModule.errand = (_, number, host) -> {
            addInOne(host, number);
            return number(0);
        };
        assertInstanceOf(Returned.class, database.run(5));
        assertEquals(List.of(1000L, 3L, 4L, 5L), database.numbers(VALUES));
    }

    @Test
    void aFailedWriteOfTheLogWhileAProcedureWritesLosesNothing() throws InterruptedException {
        CountDownLatch writes = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            add(host.begin().transaction(), number);
            writes.countDown();
            pass(goOn);
            assertInstanceOf(CommitOutcome.Committed.class, host.commit());
            addInOne(host, number + 1);
            return number(0);
        };

        CompletionStage<ProcedureOutcome> running = database.runLater(3);
        pass(writes);
        database.killDurability();
        goOn.countDown();

        assertInstanceOf(Returned.class, await(running));
        assertEquals(List.of(1000L, 3L, 4L), database.numbersWhenServing(VALUES));
        node.close();
        node = TestDatabases.start(directory, LIMITS);
        assertEquals(List.of(1000L, 3L, 4L), node.database().numbersWhenServing(VALUES));
    }

    @Test
    void aRunningProcedureGoesOnWithItsOldProgramAndMayNotWriteTablesThatHaveChanged() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(2);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            runs.countDown();
            pass(goOn);
            addInOne(host, number);
            return number(number);
        };
        CompletionStage<ProcedureOutcome> one = database.runLater(3);
        CompletionStage<ProcedureOutcome> two = database.runLater(4);
        pass(runs);
        assertInstanceOf(Database.Published.class, database.publish("aside", "again"));
        goOn.countDown();

        assertInstanceOf(Returned.class, await(one));
        assertInstanceOf(Returned.class, await(two));
        CountDownLatch runsAgain = new CountDownLatch(1);
        CountDownLatch goOnAgain = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, host) -> {
            runsAgain.countDown();
            pass(goOnAgain);
            addInOne(host, number);
            return number(number);
        };
        CompletionStage<ProcedureOutcome> three = database.runLater(5);
        pass(runsAgain);
        assertInstanceOf(Database.Published.class, database.publish("aside", "wider"));
        goOnAgain.countDown();
        Failed failed = assertInstanceOf(Failed.class, await(three));
        assertTrue(failed.reason().contains("changed by an update"), failed.reason());
        assertInstanceOf(Returned.class, database.run(6));
        assertEquals(4, database.numbers(VALUES).size());
    }

    @Test
    void aScheduledProcedureRunsOnceAndItsRowIsGoneBefore() {
        AtomicInteger runs = new AtomicInteger();
        List<Long> jobsSeen = new ArrayList<>();
        ScriptedModule.errand = (function, _, host) -> {
            assertEquals("work", function);
            Transaction transaction = host.begin().transaction();
            jobsSeen.add(transaction.rowCount(transaction.tableId("job")));
            add(transaction, -1);
            assertInstanceOf(CommitOutcome.Committed.class, host.commit());
            runs.incrementAndGet();
            return new GuestResult.Returned(Bytes.EMPTY);
        };

        database.call("plan", "[{\"Time\": [5]}]");

        database.awaitNumbers(VALUES, List.of(1000L, -1L));
        assertEquals(List.of(), database.numbers("SELECT id FROM job"));
        assertEquals(1, runs.get());
        assertEquals(List.of(0L), jobsSeen);
    }

    @Test
    void aSlowScheduledProcedureDelaysNothing() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(2);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedModule.errand = (_, _, host) -> {
            runs.countDown();
            pass(goOn);
            return new GuestResult.Returned(Bytes.EMPTY);
        };

        database.call("plan", "[{\"Time\": [5]}]");
        database.call("plan", "[{\"Time\": [6]}]");
        pass(runs);
        database.call("later", "[{\"Time\": [7]}]");

        database.awaitNumbers("SELECT value FROM item WHERE value < 0", List.of(-1L));
        goOn.countDown();
    }

    @Test
    void dueProceduresBeyondTheMostThatMayRunWaitInTheirTable() throws InterruptedException {
        Semaphore runs = new Semaphore(0);
        Semaphore goOn = new Semaphore(0);
        ScriptedModule.errand = (_, _, host) -> {
            runs.release();
            assertTrue(goOn.tryAcquire(DEADLINE.toSeconds(), TimeUnit.SECONDS));
            return new GuestResult.Returned(Bytes.EMPTY);
        };
        for (int i = 0; i < 5; i++) {
            database.call("plan", "[{\"Time\": [" + i + "]}]");
        }

        assertTrue(runs.tryAcquire(3, DEADLINE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(2, database.numbers("SELECT id FROM job").size());
        goOn.release(5);

        assertTrue(runs.tryAcquire(2, DEADLINE.toSeconds(), TimeUnit.SECONDS));
        database.awaitNumbers("SELECT id FROM job", List.of());
    }

    @Test
    void aProcedureAtAnIntervalNeverRunsBesideItselfAndSkipsWhatItMissed() throws InterruptedException {
        Semaphore runs = new Semaphore(0);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedModule.errand = (_, _, _) -> {
            runs.release();
            pass(goOn);
            return new GuestResult.Returned(Bytes.EMPTY);
        };

        database.call("plan", "[{\"Interval\": [20000]}]");
        assertTrue(runs.tryAcquire(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        for (int i = 0; i < 20; i++) {
            database.call("add", "[1]");
        }
        long started = System.nanoTime();
        database.call("later", "[{\"Interval\": [50000]}]");
        database.awaitMoreThan("SELECT value FROM item WHERE value < 0", 2);
        assertEquals(0, runs.availablePermits(), "in " + (System.nanoTime() - started) / 1e6 + " ms");
        goOn.countDown();

        assertTrue(runs.tryAcquire(2, DEADLINE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(List.of(1L), database.numbers("SELECT id FROM job"));
    }

    @Test
    void proceduresThatHoldAllInstancesTheyMayLeaveOneForWhatIsScheduled() throws InterruptedException {
        node.close();
        node = TestDatabases.start(directory, LIMITS + "pinion.pool { max = 2, warm-spare = off }");
        database = node.database();
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ScriptedModule.errand = (_, number, _) -> {
            runs.countDown();
            pass(goOn);
            return number(number);
        };
        CompletionStage<ProcedureOutcome> holding = database.runLater(1);
        CompletionStage<ProcedureOutcome> waiting = database.runLater(2);
        pass(runs);

        for (int i = 0; i < 3; i++) {
            assertInstanceOf(Failed.class, database.call("trap", "[]"));
        }
        database.call("later", "[{\"Time\": [7]}]");

        database.awaitNumbers("SELECT value FROM item WHERE value < 0", List.of(-1L));
        assertFalse(waiting.toCompletableFuture().isDone());
        goOn.countDown();
        assertInstanceOf(Returned.class, await(holding));
        assertInstanceOf(Returned.class, await(waiting));
    }

    @Test
    void whatIsDueWhileAProcedureWritesRunsRightAfterIt() throws InterruptedException {
        CountDownLatch writes = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        database.call("later", "[{\"Interval\": [30000]}]");
        ScriptedModule.errand = (_, number, host) -> {
            Transaction transaction = host.begin().transaction();
            long before = transaction.rowCount(transaction.tableId("item"));
            writes.countDown();
            pass(goOn);
            assertEquals(before, transaction.rowCount(transaction.tableId("item")));
            host.rollback();
            return number(number);
        };

        CompletionStage<ProcedureOutcome> running = database.runLater(1);
        pass(writes);
        CompletionStage<Database.PublishOutcome> update = database.ask(replyTo ->
                new Database.Command.Publish(ScriptedModule.script("aside", "again"), OWNER, false, replyTo));
        goOn.countDown();

        assertInstanceOf(Returned.class, await(running));
        assertInstanceOf(Database.Published.class, await(update));
        int ticks = database.numbers("SELECT value FROM item WHERE value < 0").size();
        database.awaitMoreThan("SELECT value FROM item WHERE value < 0", ticks);
    }

    @Test
    void requestsGoToTheHandlerOfTheirRoute() {
        ScriptedModule.errand = (function, _, host) -> {
            addInOne(host, 1);
            return new GuestResult.Returned(Bytes.ofUtf8(function));
        };

        Database.Answered page = assertInstanceOf(Database.Answered.class, database.request("GET", "/page"));
        assertEquals("page", page.response().body().toUtf8());
        assertEquals(201, page.response().code());
        assertInstanceOf(Database.Answered.class, database.request("PROPFIND", "/page"));
        assertInstanceOf(Database.Answered.class, database.request("POST", "/form"));
        assertInstanceOf(Database.NoSuchRoute.class, database.request("GET", "/form"));
        assertInstanceOf(Database.NoSuchRoute.class, database.request("GET", "/page/"));
        ScriptedModule.errand = (_, _, _) -> new GuestResult.Failed("the page is torn");
        Failed failed = assertInstanceOf(Failed.class, database.request("GET", "/page"));
        assertEquals("the page is torn", failed.reason());
        assertEquals(List.of(1000L, 1L, 1L, 1L), database.numbers(VALUES));
    }

    @Test
    void requestsOfProceduresAreOffUntilTheyAreSwitchedOn() {
        ScriptedModule.errand = (_, _, host) -> new GuestResult.Failed(String.valueOf(host.httpRefusal()));

        Failed failed = assertInstanceOf(Failed.class, database.run(1));

        assertTrue(failed.reason().contains("pinion.procedure.http.enabled"), failed.reason());
    }

    @Test
    void theInstanceOfAFailedProcedureIsNotUsedAgain() {
        ScriptedModule.errand = (_, _, _) -> new GuestResult.Failed("no");
        long before = node.vitals(TestDatabases.DATABASE).status().pool().discarded();

        database.run(1);

        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertNotEquals(
                    before, node.vitals(TestDatabases.DATABASE).status().pool().discarded());
            return before;
        });
    }
}
