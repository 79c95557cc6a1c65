package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DATABASE;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.NoSuchModule;
import io.pinion.actors.database.Database.OutcomeUnknown;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.database.UnrulyJournal.Fate;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.TestLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a database and its callers when it is not known what became of a write. */
class FailedWriteTest {
    private static final String LOG = LogNames.log(DATABASE);
    private static final String ITEMS = "SELECT value FROM item";

    /** Those that are told at once. */
    private static final List<Fate> QUICK_FATES = List.of(Fate.DONE, Fate.DONE_AND_FAILED, Fate.FAILED, Fate.REJECTED);

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    @BeforeEach
    void start() {
        UnrulyJournal.reset();
        start("", Clock.SYSTEM);
    }

    private void start(String settings, Clock clock) {
        String all = "pinion.durability.journal-is-shared = off\n" + settings + """

                unruly-journal.class = "io.pinion.actors.database.UnrulyJournal"
                unruly-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                unruly-journal.write-response-global-order = off
                unruly-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
                unruly-read-journal.logs = unruly
                pekko.persistence.journal.plugin = unruly-journal
                pinion.durability {
                  journal-plugin-id = unruly-journal
                  read-journal-id = unruly-read-journal
                  write-timeout = 500 ms
                  restart-backoff-min = 10 ms
                  restart-backoff-max = 50 ms
                }
                """;
        node = TestDatabases.start(directory, all, (program, _) -> ScriptedModule.load(program), clock);
        database = node.database();
    }

    private void restart(String settings) {
        restart(settings, Clock.SYSTEM);
    }

    private void restart(String settings, Clock clock) {
        node.close();
        start(settings, clock);
    }

    @AfterEach
    void stop() {
        node.close();
        UnrulyJournal.reset();
    }

    private List<Long> recovered() {
        node.kit().stop(database.ref());
        database = node.database();
        return database.numbersWhenServing(ITEMS);
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void whateverBecomesOfAWriteItsCommitsAreThereOnceAndTheirCallersAreTold(Fate fate) {
        database.publish();
        UnrulyJournal.FATES.add(fate);

        Committed committed = assertInstanceOf(Committed.class, database.call("add", "[1]"));

        assertEquals(2, committed.offset());
        assertEquals(
                3,
                assertInstanceOf(Committed.class, database.call("add", "[2]")).offset());
        assertEquals(List.of(1000L, 1L, 2L), database.numbers(ITEMS));
        assertEquals(4, UnrulyJournal.LOGS.events(LOG).size());
        assertEquals(List.of(1000L, 1L, 2L), recovered());
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void theFirstWriteOfADatabaseIsNoException(Fate fate) {
        UnrulyJournal.FATES.add(fate);

        assertTrue(
                assertInstanceOf(Database.Published.class, database.publish()).created());

        assertEquals(List.of(1000L), recovered());
    }

    @Test
    void manyFailuresInARowAreOutlived() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        database.publish();
        List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            if (i % 20 == 0) {
                UnrulyJournal.FATES.add(QUICK_FATES.get(random.nextInt(QUICK_FATES.size())));
            }
            answers.add(database.callLater(OWNER, "add", new Arguments.Json("[" + i + "]")));
        }

        long before = 1;
        for (CompletionStage<CallOutcome> answer : answers) {
            long offset = assertInstanceOf(Committed.class, TestDatabases.await(answer))
                    .offset();
            assertEquals(before + 1, offset);
            before = offset;
        }
        assertEquals(201, recovered().size());
    }

    @Test
    void whatSomebodyElseHasWrittenFencesTheDatabase() {
        database.publish();
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        UnrulyJournal.append(LOG, TestLog.opened(2));
        UnrulyJournal.append(
                LOG, TestLog.batch(2, 3, TestLog.transaction(4096, TestLog.pairs(77, 1), TestLog.pairs(0, 0))));

        assertInstanceOf(OutcomeUnknown.class, database.call("add", "[2]"));

        assertEquals(List.of(1000L, 1L, 77L), database.numbersWhenServing(ITEMS));
        assertEquals(
                4,
                assertInstanceOf(Committed.class, database.call("add", "[3]")).offset());
    }

    @Test
    void nobodyTakesForHisOwnWhatAnotherHasWrittenAtTheSameMoment() {
        long micros = Clock.SYSTEM.epochMicros();
        restart("", new Clock() {
            @Override
            public long epochMicros() {
                return micros;
            }

            @Override
            public long nanoTime() {
                return Clock.SYSTEM.nanoTime();
            }
        });
        TestDatabase other = node.database();
        assertInstanceOf(NoSuchModule.class, database.query(OWNER, ITEMS));
        assertInstanceOf(NoSuchModule.class, other.query(OWNER, ITEMS));
        UnrulyJournal.FATES.addAll(List.of(Fate.DONE, Fate.FAILED));

        assertInstanceOf(Database.Published.class, other.publish());
        assertInstanceOf(OutcomeUnknown.class, database.publish());
    }

    @Test
    void aJournalThatStaysSilentMakesTheOutcomeUnknownAfterATime() {
        restart("pinion.durability.settle-timeout = 300 ms");
        database.publish();
        for (int i = 0; i < 3; i++) {
            UnrulyJournal.FATES.add(Fate.NOTHING);
        }

        assertInstanceOf(OutcomeUnknown.class, database.call("add", "[1]"));

        assertEquals(List.of(1000L), database.numbersWhenServing(ITEMS));
    }

    @Test
    void withASharedJournalAnAnswerThatWroteNothingWaitsForABarrier() {
        restart("pinion.durability.journal-is-shared = on");
        database.publish();
        int before = UnrulyJournal.LOGS.queries();

        assertEquals(List.of(1000L), database.numbers(ITEMS));

        assertTrue(UnrulyJournal.LOGS.queries() > before, "the journal was not asked");
        UnrulyJournal.append(LOG, TestLog.opened(2));
        UnrulyJournal.append(
                LOG, TestLog.batch(2, 2, TestLog.transaction(4096, TestLog.pairs(77, 1), TestLog.pairs(0, 0))));
        assertInstanceOf(OutcomeUnknown.class, database.query(OWNER, ITEMS));
        assertEquals(List.of(1000L, 77L), database.numbersWhenServing(ITEMS));
    }

    @Test
    void whatWasWrittenIsNotWrittenAgainWhereTheJournalDoesNotGiveIt() {
        database.publish();
        UnrulyJournal.LOGS.reading((id, events) -> id.equals(LOG) ? List.of() : events);
        UnrulyJournal.FATES.add(Fate.DONE_AND_FAILED);

        CompletionStage<CallOutcome> answer = database.callLater(OWNER, "add", new Arguments.Json("[1]"));
        node.kit().createTestProbe().awaitAssert(() -> {
            assertTrue(UnrulyJournal.LOGS.queries() > 4, "it is not asked again");
            return 0;
        });
        assertFalse(answer.toCompletableFuture().isDone());
        assertEquals(3, UnrulyJournal.LOGS.events(LOG).size());
        UnrulyJournal.LOGS.readingHonestly();

        assertInstanceOf(Committed.class, TestDatabases.await(answer));
        assertEquals(3, UnrulyJournal.LOGS.events(LOG).size());
        assertEquals(List.of(1000L, 1L), database.numbers(ITEMS));
        assertEquals(List.of(1000L, 1L), recovered());
    }

    @Test
    void withAJournalOfItsOwnNobodyIsAsked() {
        database.publish();
        int before = UnrulyJournal.LOGS.queries();

        assertEquals(List.of(1000L), database.numbers(ITEMS));

        assertEquals(before, UnrulyJournal.LOGS.queries());
    }
}
