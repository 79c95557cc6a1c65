package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static io.pinion.actors.database.TestDatabases.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.BadArguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.DeleteOutcome;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.InvalidProgram;
import io.pinion.actors.database.Database.LogLines;
import io.pinion.actors.database.Database.LogOutcome;
import io.pinion.actors.database.Database.NoSuchModule;
import io.pinion.actors.database.Database.NoSuchReducer;
import io.pinion.actors.database.Database.Published;
import io.pinion.actors.database.Database.Rejected;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.Database.UpdateRefused;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseActorTest {
    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, "pinion.limits.reducer-time = 300 ms");
        database = node.database();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void whatWasNeverPublishedToHasNoModule() {
        assertInstanceOf(NoSuchModule.class, database.call("add", "[1]"));
        assertInstanceOf(NoSuchModule.class, database.query(OWNER, "SELECT * FROM item"));
    }

    @Test
    void aPublishedDatabaseIsCalledAndAnswersWithItsRows() {
        Published published = assertInstanceOf(Published.class, database.publish("warns"));
        assertTrue(published.created());
        assertEquals(List.of("a script is no module"), published.warnings());
        assertEquals(1, published.offset());

        assertEquals(
                2,
                assertInstanceOf(Committed.class, database.call("add", "[7]")).offset());

        assertEquals(List.of(1000L, 7L), database.numbers("SELECT value FROM item"));
        assertEquals(List.of(2L), database.numbers("SELECT id FROM item WHERE value = 7"));
    }

    @Test
    void everyBadEndIsATypedAnswerAndChangesNothing() {
        database.publish();

        assertEquals(
                "no",
                assertInstanceOf(Rejected.class, database.call("fail", "[\"no\", 5]"))
                        .message());
        assertEquals(
                "trapped",
                assertInstanceOf(Failed.class, database.call("trap", "[]")).reason());
        assertInstanceOf(Stopped.class, database.call("loop", "[]"));
        assertInstanceOf(Failed.class, database.call("overflow", "[]"));

        assertEquals(List.of(1000L), database.numbers("SELECT value FROM item"));
        assertInstanceOf(Committed.class, database.call("add", "[8]"));
    }

    @Test
    void unknownAndHiddenReducersDoNotExistForGuests() {
        database.publish();

        NoSuchReducer unknown = assertInstanceOf(NoSuchReducer.class, database.call("nobody", "[]"));
        assertTrue(unknown.message().startsWith("no such reducer"), unknown.message());
        assertInstanceOf(NoSuchReducer.class, database.call(GUEST, "hidden", "[]"));
        assertInstanceOf(NoSuchReducer.class, database.call(GUEST, "tick", "[[1, {\"Time\": 5}]]"));
        assertInstanceOf(Failed.class, database.call(OWNER, "hidden", "[]"));
        assertInstanceOf(Database.NotCallable.class, database.call(OWNER, "init", "[]"));
    }

    @Test
    void wrongArgumentsAreNamed() {
        database.publish();

        BadArguments arity = assertInstanceOf(BadArguments.class, database.call("fail", "[\"a\"]"));
        assertTrue(
                arity.message().contains("invalid length 1, expected reducer args for fail with 2 elements"),
                arity.message());
        BadArguments type = assertInstanceOf(BadArguments.class, database.call("fail", "[\"a\", \"b\"]"));
        assertTrue(type.message().contains("[1]"), type.message());
    }

    @Test
    void argumentsInBsatnAreCheckedBeforeTheCall() {
        database.publish();
        Bytes whole = new BsatnWriter().writeLong(5).toBytes();
        Bytes broken = Bytes.copyOf(whole.unsafeArray(), 0, 7);

        assertInstanceOf(Committed.class, await(database.callLater(GUEST, "add", new Arguments.Bsatn(whole))));
        BadArguments bad = assertInstanceOf(
                BadArguments.class, await(database.callLater(GUEST, "add", new Arguments.Bsatn(broken))));
        assertTrue(bad.message().contains("argument 0 (value)"), bad.message());
    }

    @Test
    void aCallThatIsTooLateIsNotStarted() {
        database.publish();

        CallOutcome outcome = await(database.ask(replyTo -> new Command.CallReducer(
                "add",
                new Arguments.Json("[1]"),
                new Caller(OWNER, ConnectionId.NONE),
                RequestId.NONE,
                true,
                System.nanoTime() - 1,
                replyTo)));

        assertInstanceOf(Database.DeadlineExceeded.class, outcome);
        assertEquals(List.of(1000L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void privateTablesAreForTheOwnerAndViewsRunTheirFunction() {
        database.publish();
        database.call("secret", "[42]");
        database.call("add", "[1]");
        database.call("add", "[501]");

        assertInstanceOf(Database.BadQuery.class, database.query(GUEST, "SELECT * FROM secret"));
        assertEquals(List.of(42L), database.numbers("SELECT value FROM secret"));
        assertEquals(List.of(1000L, 501L), database.numbers("SELECT value FROM large"));
        assertEquals(List.of(501L), database.numbers("SELECT value FROM large WHERE value < 900"));
        assertInstanceOf(Database.BadQuery.class, database.query(OWNER, "SELECT * FROM nowhere"));
    }

    @Test
    void aLongQueryReadsTheTablesAsTheyWereWhileCallsGoOn() {
        database.publish();
        fill(400);

        CompletionStage<Database.QueryOutcome> query = database.queryLater(OWNER, TRIPLES);
        Committed call = assertInstanceOf(Committed.class, database.call("add", "[7]"));
        boolean wasCallFirst = !query.toCompletableFuture().isDone();

        Database.Rows rows = assertInstanceOf(Database.Rows.class, await(query));
        assertTrue(wasCallFirst, "the call waited for the query");
        assertEquals(call.offset() - 1, rows.offset());
        BsatnReader reader = new BsatnReader(rows.rows());
        assertEquals(1, reader.readCount());
        assertEquals(401L * 401 * 401, reader.readLong());
    }

    @Test
    void aLongQueryIsStoppedAtItsLimit() {
        node.close();
        node = TestDatabases.start(directory, "pinion.limits.query-time = 100 ms");
        database = node.database();
        database.publish();
        fill(400);

        Database.BadQuery stopped =
                assertInstanceOf(Database.BadQuery.class, database.query(OWNER, TRIPLES + " JOIN item d"));

        assertTrue(stopped.message().contains("stopped: it ran longer than 100 ms"), stopped.message());
        assertInstanceOf(Committed.class, database.call("add", "[7]"));
    }

    @Test
    void aLongQueryOfADatabaseThatEndsIsAnswered() {
        database.publish();
        fill(400);

        CompletionStage<Database.QueryOutcome> query = database.queryLater(OWNER, TRIPLES + " JOIN item d");
        // Calls keep their order: when this one is answered the query has begun, which a delete might overtake.
        assertInstanceOf(Committed.class, database.call("add", "[7]"));
        DeleteOutcome deleted = await(database.ask(replyTo -> new Command.Delete(OWNER, replyTo)));

        assertInstanceOf(Database.Deleted.class, deleted);
        assertInstanceOf(Database.Unavailable.class, await(query));
    }

    @Test
    void aStatementOfTheOwnersChangesRowsAlsoAfterARestart() {
        database.publish();

        Database.Changed changed = assertInstanceOf(
                Database.Changed.class, database.query(OWNER, "INSERT INTO item (a, b) VALUES (70, 5), (71, 6)"));
        assertEquals(new Database.Changed(2, 0, 0, 2, changed.executionNanos()), changed);
        assertInstanceOf(Database.BadQuery.class, database.query(GUEST, "DELETE FROM item"));
        node.close();
        node = TestDatabases.start(directory, "");
        database = node.database();

        assertEquals(List.of(1000L, 5L, 6L), database.numbers("SELECT value FROM item"));
    }

    private static final String TRIPLES = "SELECT COUNT(*) AS n FROM item a JOIN item b JOIN item c";

    private void fill(int rows) {
        String values = IntStream.range(0, rows)
                .mapToObj(row -> "(" + (5_000 + row) + ", 1)")
                .collect(Collectors.joining(", "));
        Database.Changed changed = assertInstanceOf(
                Database.Changed.class, database.query(OWNER, "INSERT INTO item (a, b) VALUES " + values));
        assertEquals(rows, changed.inserted());
    }

    @Test
    void systemTablesTellWhatWasPublishedAlsoAfterARestart() {
        database.publish();
        database.call("add", "[1]");

        for (int start = 0; start < 2; start++) {
            assertEquals(List.of("item"), strings(GUEST, "SELECT table_name FROM st_table WHERE table_name = 'item'"));
            assertEquals(List.of("large"), strings(GUEST, "SELECT view_name FROM st_view"));
            assertEquals(List.of("tick"), strings(GUEST, "SELECT reducer_name FROM st_scheduled"));
            List<String> program = bytes(OWNER, "SELECT program_bytes FROM st_module");
            assertEquals(List.of(ScriptedModule.script().toHex()), program);
            assertEquals(List.of(""), bytes(GUEST, "SELECT program_bytes FROM st_module"));
            assertInstanceOf(Database.BadQuery.class, database.query(GUEST, "SELECT * FROM st_connection_credentials"));
            node.close();
            node = TestDatabases.start(directory, "");
            database = node.database();
        }
    }

    private List<String> strings(Identity caller, String sql) {
        return values(caller, sql, BsatnReader::readString);
    }

    private List<String> bytes(Identity caller, String sql) {
        return values(caller, sql, reader -> reader.readByteArray().toHex());
    }

    private List<String> values(Identity caller, String sql, Function<BsatnReader, String> value) {
        Database.Rows rows = assertInstanceOf(Database.Rows.class, database.query(caller, sql));
        BsatnReader reader = new BsatnReader(rows.rows());
        List<String> values = new ArrayList<>();
        for (long left = reader.readCount(); left > 0; left--) {
            values.add(value.apply(reader));
        }
        return values;
    }

    @Test
    void confirmedAnswersLeaveInTheOrderOfCommits() {
        database.publish();
        TestProbe<CallOutcome> probe = node.kit().createTestProbe();
        int calls = 2000;

        for (int i = 0; i < calls; i++) {
            String reducer = i % 3 == 2 ? "fail" : "add";
            String arguments = i % 3 == 2 ? "[\"no\", 1]" : "[" + i + "]";
            database.ref()
                    .tell(new Command.CallReducer(
                            reducer,
                            new Arguments.Json(arguments),
                            new Caller(OWNER, ConnectionId.NONE),
                            RequestId.NONE,
                            true,
                            Database.NO_DEADLINE,
                            probe.getRef()));
        }

        long offset = 1;
        for (int i = 0; i < calls; i++) {
            CallOutcome outcome = probe.receiveMessage(TestDatabases.DEADLINE);
            if (i % 3 == 2) {
                assertEquals(offset, assertInstanceOf(Rejected.class, outcome).offset());
            } else {
                offset++;
                assertEquals(offset, assertInstanceOf(Committed.class, outcome).offset());
            }
        }
    }

    @Test
    void aRestartBringsBackRowsSequencesAndTheProgram() {
        database.publish();
        database.call("add", "[1]");
        database.call("add", "[2]");
        node.close();

        node = TestDatabases.start(directory);
        database = node.database();

        assertEquals(List.of(1000L, 1L, 2L), database.numbers("SELECT value FROM item"));
        assertEquals(
                4,
                assertInstanceOf(Committed.class, database.call("add", "[3]")).offset());
        assertEquals(List.of(1L, 2L, 3L, 4L), sorted(database.numbers("SELECT id FROM item")));
    }

    @Test
    void aModuleRunsOnlyWithTheGuestLibraryItWasPublishedWith() {
        node.close();
        node = nodeWithGuestLibrary("aa");
        database = node.database();
        database.publish();
        database.call("add", "[1]");
        node.close();

        node = nodeWithGuestLibrary("bb");
        database = node.database();

        assertEquals(
                new Database.Unavailable(
                        "the module cannot be loaded: it was published with build aa of the guest library, and"
                                + " this node has build bb; publish it again"),
                database.call("add", "[2]"));
        assertFalse(assertInstanceOf(Published.class, database.publish()).created());
        assertInstanceOf(Committed.class, database.call("add", "[3]"));
        assertEquals(List.of(1000L, 1L, 3L), database.numbers("SELECT value FROM item"));
    }

    private TestDatabases nodeWithGuestLibrary(String hash) {
        return TestDatabases.start(
                directory, "", (program, _) -> ScriptedModule.load(program, Optional.of(Bytes.ofHex(hash))));
    }

    @Test
    void aDatabaseWhoseJournalFailsRecoversWhatWasConfirmed() {
        database.publish();
        database.call("add", "[1]");

        database.killDurability();

        assertEquals(List.of(1000L, 1L), database.numbersWhenServing("SELECT value FROM item"));
        assertEquals(
                3,
                assertInstanceOf(Committed.class, database.call("add", "[2]")).offset());
    }

    @Test
    void whatIsUnsettledWhenTheJournalFailsIsAnsweredOnce() {
        database.publish();
        List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            answers.add(database.callLater(OWNER, "add", new Arguments.Json("[" + i + "]")));
            if (i == 250) {
                database.killDurability();
            }
        }

        long committed = 0;
        long unknown = 0;
        for (CompletionStage<CallOutcome> answer : answers) {
            switch (await(answer)) {
                case Committed _ -> committed++;
                case Database.OutcomeUnknown _ -> unknown++;
                case CallOutcome other -> assertInstanceOf(Database.Unavailable.class, other);
            }
        }

        long rows = database.numbersWhenServing("SELECT value FROM item").size() - 1L;
        assertTrue(committed <= rows && rows <= committed + unknown, committed + " <= " + rows + " + " + unknown);
    }

    @Test
    void aRefusedPublishLeavesNoTrace() {
        assertInstanceOf(InvalidProgram.class, database.publish(Bytes.ofUtf8("rubbish"), OWNER, false));
        InvalidProgram init = assertInstanceOf(InvalidProgram.class, database.publish("init-fails"));
        assertTrue(init.message().contains("init does not want to"), init.message());
        assertInstanceOf(InvalidProgram.class, database.publish("no-instance"));
        assertInstanceOf(NoSuchModule.class, database.call("add", "[1]"));

        assertInstanceOf(Published.class, database.publish());
        Database.NotOwner notOwner =
                assertInstanceOf(Database.NotOwner.class, database.publish(ScriptedModule.script(), GUEST, true));
        assertEquals(OWNER, notOwner.owner());
        UpdateRefused refused = assertInstanceOf(UpdateRefused.class, database.publish("other-type"));
        assertFalse(refused.reasons().isEmpty());
        assertInstanceOf(InvalidProgram.class, database.publish(ScriptedModule.script("init-fails"), OWNER, true));

        assertEquals(
                2,
                assertInstanceOf(Committed.class, database.call("add", "[1]")).offset());
        for (String words : List.of("init-fails", "no-instance", "other-type")) {
            assertTrue(await(node.services().programs().read(Hashes.keccak256(ScriptedModule.script(words))))
                    .isEmpty());
        }
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
        assertEquals(List.of(1000L, 1L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void anUpdateKeepsTheRowsAndSurvivesARestart() {
        database.publish();
        database.call("add", "[1]");

        Published updated = assertInstanceOf(Published.class, database.publish("wider"));
        Published same = assertInstanceOf(Published.class, database.publish("wider"));
        database.call("add", "[2]");

        assertFalse(updated.created());
        assertEquals(3, updated.offset());
        assertEquals(3, same.offset());
        assertEquals(List.of(), database.numbers("SELECT value FROM extra"));
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
        assertEquals(List.of(1000L, 1L, 2L), database.numbers("SELECT value FROM item"));
        assertEquals(List.of(), database.numbers("SELECT value FROM extra"));
    }

    @Test
    void aClearingPublishStartsAfresh() {
        database.publish();
        database.call("add", "[1]");

        Published cleared =
                assertInstanceOf(Published.class, database.publish(ScriptedModule.script("other-type"), OWNER, true));

        // The script's init writes numbers, which the column of texts does not take.
        assertEquals(3, cleared.offset());
        assertEquals(List.of(), database.numbers("SELECT id FROM item"));
    }

    @Test
    void aDeletedDatabaseIsGoneAndAPublishBeginsANewOne() {
        database.publish();
        assertInstanceOf(
                Database.NotOwner.class,
                await(database.<DeleteOutcome>ask(replyTo -> new Command.Delete(GUEST, replyTo))));

        assertInstanceOf(
                Database.Deleted.class,
                await(database.<DeleteOutcome>ask(replyTo -> new Command.Delete(OWNER, replyTo))));

        assertInstanceOf(NoSuchModule.class, database.call("add", "[1]"));
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
        assertInstanceOf(NoSuchModule.class, database.call("add", "[1]"));
        assertTrue(assertInstanceOf(Published.class, database.publish()).created());
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
        assertEquals(List.of(1000L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void scheduledReducersRunAndOneShotRowsGo() {
        database.publish();

        database.call("later", "[{\"Time\": {\"__timestamp_micros_since_unix_epoch__\": 5}}]");

        database.awaitNumbers("SELECT value FROM item", List.of(1000L, -1L));
        database.awaitNumbers("SELECT id FROM timer", List.of());
    }

    @Test
    void whatInitSchedulesForNowRunsWhenTheProgramIsPublished() {
        database.publish("init-schedules");

        database.awaitNumbers("SELECT value FROM item", List.of(1000L, -1L));
        database.awaitNumbers("SELECT id FROM timer", List.of());
    }

    /** More than are entered at once, so they are read by a worker and come in while the first ones fire. */
    @Test
    void everyRowOfAScheduleThatAnUpdateAddsFiresOnceAndAgainAfterARestartNone() {
        int rows = 3000;
        database.publish("timeless");
        ScriptedModule.mischief = (transaction, _) -> insertTimers(transaction, rows);
        assertInstanceOf(Committed.class, database.call("mischief", "[]"));

        assertInstanceOf(Published.class, database.publish());
        ScriptedModule.mischief = (transaction, _) -> insertTimers(transaction, 100);
        for (int i = 0; i < 5; i++) {
            assertInstanceOf(Committed.class, database.call("mischief", "[]"));
        }

        database.awaitNumbers("SELECT COUNT(*) AS n FROM timer", List.of(0L));
        List<Long> fired = database.numbers("SELECT value FROM item WHERE value < 0");
        assertEquals(rows + 500, fired.size());
        assertEquals(rows + 500, new HashSet<>(fired).size());
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
        assertEquals(List.of(rows + 501L), database.numbersWhenServing("SELECT COUNT(*) AS n FROM item"));
    }

    private static Instance.GuestResult insertTimers(Transaction transaction, int count) {
        int timer = transaction.tableId("timer");
        for (int i = 0; i < count; i++) {
            BsatnWriter row = new BsatnWriter().writeLong(0).writeByte(1).writeLong(1 + i);
            transaction.insert(timer, row.buffer(), 0, row.length(), new BsatnWriter());
        }
        return new Instance.GuestResult.Returned(Bytes.EMPTY);
    }

    @Test
    void whatInitAsksToBeCalledImmediatelyRunsWhenTheProgramIsPublished() {
        database.publish("init-calls");

        database.awaitNumbers("SELECT value FROM item", List.of(1000L, 77L));
        assertInstanceOf(Committed.class, database.call("soon", "[78]"));
        database.awaitNumbers("SELECT value FROM item", List.of(1000L, 77L, 78L));
    }

    @Test
    void whatTheInitOfAnotherProgramAsksToBeCalledImmediatelyRunsInItsOwnTables() {
        database.publish();
        database.call("add", "[1]");

        database.publish(ScriptedModule.script("init-calls"), OWNER, true);

        database.awaitNumbers("SELECT value FROM item", List.of(1000L, 77L));
    }

    @Test
    void whatAnInitThatFailsAskedToBeCalledImmediatelyIsNotCalled() {
        database.publish();

        InvalidProgram refused = assertInstanceOf(
                InvalidProgram.class, database.publish(ScriptedModule.script("init-calls", "init-fails"), OWNER, true));

        assertTrue(refused.message().contains("init does not want to"), refused.message());
        database.call("add", "[1]");
        assertEquals(List.of(1000L, 1L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void whatTheInitOfAnotherProgramSchedulesRunsInItsOwnTables() {
        database.publish();
        database.call("add", "[1]");

        database.publish(ScriptedModule.script("init-schedules"), OWNER, true);

        database.awaitNumbers("SELECT value FROM item", List.of(1000L, -1L));
    }

    @Test
    void schedulesGoOnAfterARestart() {
        database.publish();
        database.call("later", "[{\"Interval\": {\"__time_duration_micros__\": 20000}}]");
        database.awaitMoreThan("SELECT value FROM item", 3);
        node.close();

        node = TestDatabases.start(directory);
        database = node.database();

        int before = database.numbers("SELECT value FROM item").size();
        database.awaitMoreThan("SELECT value FROM item", before + 2);
    }

    @Test
    void theModuleLogTellsItsOwnerWhatHappened() {
        database.publish();
        database.call("fail", "[\"the reason\", 5]");

        LogLines lines = assertInstanceOf(
                LogLines.class, await(database.<LogOutcome>ask(replyTo -> new Command.ReadLog(OWNER, -1, replyTo))));
        assertTrue(lines.lines().stream().anyMatch(line -> line.contains("Creating table `item`")), lines.toString());
        assertTrue(
                lines.lines().stream()
                        .anyMatch(line -> line.contains("\"function\":\"fail\",\"message\":\"the reason\"")),
                lines.toString());
        assertInstanceOf(
                Database.NotOwner.class,
                await(database.<LogOutcome>ask(replyTo -> new Command.ReadLog(GUEST, -1, replyTo))));
    }

    @Test
    void aFollowerOfTheLogGetsOldAndNewLinesOnce() {
        database.publish();
        TestProbe<LogOutcome> probe = node.kit().createTestProbe();

        database.ref().tell(new Command.FollowLog(OWNER, 1, probe.getRef()));
        assertEquals(
                1,
                assertInstanceOf(LogLines.class, probe.receiveMessage()).lines().size());
        database.call("fail", "[\"first\", 5]");
        assertTrue(assertInstanceOf(LogLines.class, probe.receiveMessage())
                .lines()
                .getFirst()
                .contains("first"));
    }

    @Test
    void aLogHasNoMoreFollowersThanItMayHave() {
        node.close();
        node = TestDatabases.start(directory, "pinion.log.followers-max = 2");
        database = node.database();
        database.publish();
        TestProbe<LogOutcome> first = node.kit().createTestProbe();
        TestProbe<LogOutcome> second = node.kit().createTestProbe();
        TestProbe<LogOutcome> third = node.kit().createTestProbe();
        follow(first, LogLines.class);
        follow(second, LogLines.class);

        follow(third, Database.Unavailable.class);

        follow(first, LogLines.class); // anew, which is no further one
        second.stop();
        third.awaitAssert(TestDatabases.DEADLINE, () -> follow(third, LogLines.class));
    }

    private LogOutcome follow(TestProbe<LogOutcome> follower, Class<? extends LogOutcome> expected) {
        database.ref().tell(new Command.FollowLog(OWNER, 0, follower.getRef()));
        return assertInstanceOf(expected, follower.receiveMessage(TestDatabases.DEADLINE));
    }

    @Test
    void instancesAreClosedWhenTheirDatabaseStops() {
        int before = ScriptedModule.OPEN.size();
        database.publish();
        database.call("add", "[1]");

        node.kit().stop(database.ref());

        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(before, ScriptedModule.OPEN.size());
            return null;
        });
    }

    @Test
    void aDatabaseThatIsToldToStopAnswersEveryCallAndLosesNoCommit() {
        database.publish();
        TestProbe<CallOutcome> before = node.kit().createTestProbe();
        TestProbe<CallOutcome> after = node.kit().createTestProbe();
        tellAdd(1000, true, before);
        database.ref().tell(Command.Stop.INSTANCE);
        tellAdd(1000, true, after);

        long committed = 0;
        for (CallOutcome answer : before.receiveSeveralMessages(1000, TestDatabases.DEADLINE)) {
            if (answer instanceof Committed) {
                committed++;
            } else {
                assertInstanceOf(Database.Moved.class, answer);
            }
        }
        after.receiveSeveralMessages(1000, TestDatabases.DEADLINE)
                .forEach(answer -> assertInstanceOf(Database.Moved.class, answer));
        after.expectTerminated(database.ref(), TestDatabases.DEADLINE);
        tellAdd(1, true, after);
        assertInstanceOf(Database.Moved.class, after.receiveMessage(TestDatabases.DEADLINE));
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
        assertEquals(List.of(1 + committed), database.numbers("SELECT COUNT(*) AS n FROM item"));
    }

    @Test
    void anUnconfirmedCommitIsWrittenBeforeAStop() {
        database.publish();
        TestProbe<CallOutcome> probe = node.kit().createTestProbe();
        tellAdd(100, false, probe);
        probe.receiveSeveralMessages(100, TestDatabases.DEADLINE);
        database.ref().tell(Command.Stop.INSTANCE);

        probe.expectTerminated(database.ref(), TestDatabases.DEADLINE);
        node.close();
        node = TestDatabases.start(directory);
        database = node.database();
        assertEquals(List.of(101L), database.numbers("SELECT COUNT(*) AS n FROM item"));
    }

    @Test
    void whatRecoversOrIsEmptyStopsAtOnce() {
        database.ref().tell(Command.Stop.INSTANCE);
        node.kit().createTestProbe().expectTerminated(database.ref(), TestDatabases.DEADLINE);

        TestDatabase empty = node.database();
        assertInstanceOf(NoSuchModule.class, empty.call("add", "[1]"));
        empty.ref().tell(Command.Stop.INSTANCE);
        node.kit().createTestProbe().expectTerminated(empty.ref(), TestDatabases.DEADLINE);
    }

    @Test
    void aBusyDatabaseGoesOnInOrderOnTheCoreItIsReboundTo() {
        node.close();
        node = TestDatabases.start(directory, "pinion.cores.reserve = 2");
        database = node.database();
        database.publish();
        database.call("add", "[0]");
        int core = ScriptedModule.threadOfLastCall.equals("pinion-core-0") ? 1 : 0;

        List<CompletionStage<CallOutcome>> answers = new ArrayList<>(add(500));
        database.ref().tell(new Command.Rebind(core));
        answers.addAll(add(500));

        long offset = 2;
        for (CompletionStage<CallOutcome> answer : answers) {
            offset++;
            assertEquals(
                    offset, assertInstanceOf(Committed.class, await(answer)).offset());
        }
        assertEquals("pinion-core-" + core, ScriptedModule.threadOfLastCall);
    }

    @Test
    void whatAGuestAsksToBeCalledImmediatelyIsCalledInATransactionOfItsOwn() {
        database.publish();

        assertInstanceOf(Committed.class, database.call("soon", "[77]"));

        database.awaitNumbers("SELECT value FROM item", List.of(1000L, 77L));
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            LogLines lines = assertInstanceOf(
                    LogLines.class,
                    await(database.<LogOutcome>ask(replyTo -> new Command.ReadLog(OWNER, -1, replyTo))));
            assertTrue(
                    lines.lines().stream()
                            .anyMatch(line -> line.contains("no such reducer to call immediately: nobody")),
                    lines.toString());
            return lines;
        });
    }

    @Test
    void aRealEngineIsStoppedAtTheTimeLimitAndTheDatabaseGoesOn() throws IOException {
        node.close();
        node = TestDatabases.start(directory, "pinion.limits.reducer-time = 500 ms", ModuleLoader::load);
        database = node.database();
        Bytes bank = Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", "bank-c", "bank.wasm")));
        assertInstanceOf(Published.class, database.publish(bank, OWNER, false));

        assertInstanceOf(Stopped.class, database.call("seed", "[4000000000, 5]"));

        assertEquals(List.of(0L), database.numbers("SELECT COUNT(*) AS n FROM accounts"));
        assertInstanceOf(Committed.class, database.call("seed", "[10, 5]"));
        assertEquals(List.of(10L), database.numbers("SELECT COUNT(*) AS n FROM accounts"));
    }

    private void tellAdd(int count, boolean confirmed, TestProbe<CallOutcome> probe) {
        for (int i = 0; i < count; i++) {
            database.ref()
                    .tell(new Command.CallReducer(
                            "add",
                            new Arguments.Json("[" + i + "]"),
                            new Caller(OWNER, ConnectionId.NONE),
                            RequestId.NONE,
                            confirmed,
                            Database.NO_DEADLINE,
                            probe.getRef()));
        }
    }

    private List<CompletionStage<CallOutcome>> add(int count) {
        List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(database.callLater(OWNER, "add", new Arguments.Json("[" + i + "]")));
        }
        return answers;
    }

    @Test
    void aTransactionLargerThanAnEventIsWrittenAsATrainAndReplayed() {
        database.publish();
        assertInstanceOf(Committed.class, database.call("huge", "[100000]"));
        node.close();

        node = TestDatabases.start(directory);
        database = node.database();

        assertEquals(List.of(100001L), database.numbers("SELECT COUNT(*) AS n FROM item"));
    }

    @Test
    void aTransactionAboveItsLimitFailsAndIsTakenBack() {
        node.close();
        node = TestDatabases.start(directory, "pinion.durability.transaction-bytes-max = 1 MiB");
        database = node.database();
        database.publish();

        Failed failed = assertInstanceOf(Failed.class, database.call("huge", "[100000]"));

        assertTrue(failed.reason().contains("more than the 1048576"), failed.reason());
        assertEquals(List.of(1000L), database.numbers("SELECT value FROM item"));
        assertEquals(
                2,
                assertInstanceOf(Committed.class, database.call("add", "[1]")).offset());
    }

    @Test
    void aDatabaseWhosePoolFailsRecoversAndGoesOn() {
        database.publish();
        database.call("add", "[1]");
        int open = ScriptedModule.OPEN.size();

        database.killPool();
        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertTrue(ScriptedModule.OPEN.size() < open);
            return null;
        });

        assertEquals(List.of(1L, 1000L), sorted(database.numbersWhenServing("SELECT value FROM item")));
        node.kit()
                .createTestProbe()
                .awaitAssert(
                        TestDatabases.DEADLINE, () -> assertInstanceOf(Committed.class, database.call("add", "[2]")));
    }

    @Test
    void anIdleDatabaseGivesItsInstanceBackAndGetsAnother() {
        node.close();
        node = TestDatabases.start(directory, """
                pinion.database.idle-after = 1 s
                pinion.pool.idle-after = 100 ms
                """);
        database = node.database();
        int before = ScriptedModule.OPEN.size();
        database.publish();

        node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
            assertEquals(before, ScriptedModule.OPEN.size());
            return null;
        });

        assertInstanceOf(Committed.class, database.call("add", "[1]"));
    }

    private static List<Long> sorted(List<Long> numbers) {
        return numbers.stream().sorted().toList();
    }
}
