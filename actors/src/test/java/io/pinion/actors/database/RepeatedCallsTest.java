package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.GUEST;
import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.OutcomeUnknown;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call with a request id runs once, however often it is sent, and everybody who sends it is told what became of it. */
class RepeatedCallsTest {
    private static final String ITEMS = "SELECT value FROM item";
    private static final String COUNT = "SELECT COUNT(*) AS n FROM item";

    /** No snapshot comes by itself. */
    private static final String WHOLE_LOG = "";

    private static final String MANY_SNAPSHOTS =
            "pinion.durability.event-bytes-max = 4 KiB, pinion.snapshot { log-entries = 7, keep = 1 }";

    @TempDir
    private Path directory;

    private final AtomicLong aheadMicros = new AtomicLong();

    @SuppressWarnings("NullAway.Init") // every test starts it in its own way
    private TestDatabases node;

    @SuppressWarnings("NullAway.Init") // as above
    private TestDatabase database;

    private void start(String settings) {
        Clock clock = new Clock() {
            @Override
            public long epochMicros() {
                return Clock.SYSTEM.epochMicros() + aheadMicros.get();
            }

            @Override
            public long nanoTime() {
                return Clock.SYSTEM.nanoTime();
            }
        };
        node = TestDatabases.start(directory, settings, (program, _) -> ScriptedModule.load(program), clock);
        database = node.database();
    }

    private void restart(String settings) {
        node.close();
        start(settings);
    }

    @AfterEach
    void stop() {
        HeldJournal.reset();
        node.close();
    }

    private CallOutcome call(RequestId id, String reducer, String arguments) {
        return database.call(OWNER, id, reducer, arguments);
    }

    private static long offset(CallOutcome outcome) {
        return assertInstanceOf(Committed.class, outcome).offset();
    }

    @Test
    void aRepeatedCallIsAnsweredAsTheFirstAndDoesNotRunAgain() {
        start(WHOLE_LOG);
        database.publish();
        RequestId id = RequestId.next();

        long first = offset(call(id, "add", "[1]"));
        assertInstanceOf(Committed.class, call(RequestId.NONE, "add", "[2]"));

        assertEquals(new Committed(first, 0), call(id, "add", "[1]"));
        assertEquals(List.of(1000L, 1L, 2L), database.numbers(ITEMS));
    }

    @Test
    void callsWithoutAnIdRunEachTime() {
        start(WHOLE_LOG);
        database.publish();

        assertInstanceOf(Committed.class, call(RequestId.NONE, "add", "[1]"));
        assertInstanceOf(Committed.class, call(RequestId.NONE, "add", "[1]"));

        assertEquals(List.of(1000L, 1L, 1L), database.numbers(ITEMS));
    }

    @Test
    void anIdIsItsCallersAlone() {
        start(WHOLE_LOG);
        database.publish();
        RequestId id = RequestId.next();

        assertInstanceOf(Committed.class, database.call(OWNER, id, "add", "[1]"));
        assertInstanceOf(Committed.class, database.call(GUEST, id, "add", "[2]"));

        assertEquals(List.of(1000L, 1L, 2L), database.numbers(ITEMS));
    }

    /** Sends each call twice, and again after whatever happens in between; every answer has to be that of the first. */
    private void assertEveryEndIsKept(String settings) {
        start(settings + "\npinion.limits.reducer-time = 200 ms");
        database.publish();
        Map<RequestId, CallOutcome> first = new LinkedHashMap<>();
        Map<RequestId, String> calls = new LinkedHashMap<>();
        for (String reducer : List.of("add", "fail", "trap", "loop", "nothing")) {
            RequestId id = RequestId.next();
            calls.put(id, reducer);
            first.put(id, call(id, reducer, arguments(reducer)));
            assertEquals(withoutTime(Objects.requireNonNull(first.get(id))), call(id, reducer, arguments(reducer)));
        }
        assertInstanceOf(Database.Rejected.class, withoutTime(byReducer(calls, first, "fail")));
        assertInstanceOf(Database.Failed.class, withoutTime(byReducer(calls, first, "trap")));
        assertInstanceOf(Database.Stopped.class, withoutTime(byReducer(calls, first, "loop")));
        for (int i = 0; i < 30; i++) {
            assertInstanceOf(Committed.class, call(RequestId.NONE, "add", "[9]"));
        }
        List<Long> items = database.numbers(ITEMS);

        for (int round = 0; round < 2; round++) {
            restart(settings);
            calls.forEach((id, reducer) -> assertEquals(
                    withoutTime(Objects.requireNonNull(first.get(id))),
                    call(id, reducer, arguments(reducer)),
                    reducer));
            assertEquals(items, database.numbers(ITEMS));
        }
    }

    private static CallOutcome byReducer(
            Map<RequestId, String> calls, Map<RequestId, CallOutcome> outcomes, String reducer) {
        return calls.entrySet().stream()
                .filter(call -> call.getValue().equals(reducer))
                .map(call -> outcomes.get(call.getKey()))
                .findFirst()
                .orElseThrow();
    }

    private static String arguments(String reducer) {
        return switch (reducer) {
            case "add" -> "[1]";
            case "fail" -> "[\"not enough\", 1]";
            default -> "[]";
        };
    }

    /** Nothing runs for a repeated call. */
    private static CallOutcome withoutTime(CallOutcome outcome) {
        return switch (outcome) {
            case Committed(long offset, long _) -> new Committed(offset, 0);
            case Database.Rejected(String message, long offset, long _) -> new Database.Rejected(message, offset, 0);
            case Database.Failed(String reason, long offset, long _) -> new Database.Failed(reason, offset, 0);
            case Database.Stopped(Database.Limit limit, long offset, long _) -> new Database.Stopped(limit, offset, 0);
            default -> outcome;
        };
    }

    @Test
    void howeverACallEndedThatIsKeptInTheLog() {
        assertEveryEndIsKept(WHOLE_LOG);
    }

    @Test
    void howeverACallEndedThatIsKeptInSnapshots() {
        assertEveryEndIsKept(MANY_SNAPSHOTS);
    }

    @Test
    void aCallThatWasNotRunIsNoOutcome() {
        start(WHOLE_LOG);
        database.publish();
        RequestId id = RequestId.next();

        assertInstanceOf(Database.BadArguments.class, call(id, "add", "[\"one\"]"));
        assertInstanceOf(Database.NoSuchReducer.class, call(id, "subtract", "[1]"));

        assertInstanceOf(Committed.class, call(id, "add", "[1]"));
        assertEquals(List.of(1000L, 1L), database.numbers(ITEMS));
    }

    @Test
    void aRepetitionWaitsAsTheFirstDoesForWhatIsNotDurable() {
        HeldJournal.reset();
        start("""
                held-journal.class = "io.pinion.actors.database.HeldJournal"
                held-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                pekko.persistence.journal.plugin = held-journal
                held-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
                held-read-journal.logs = held
                pinion.durability.journal-plugin-id = held-journal
                pinion.durability.read-journal-id = held-read-journal
                """);
        database.publish();
        RequestId id = RequestId.next();
        RequestId rejected = RequestId.next();
        HeldJournal.hold();
        List<CompletableFuture<CallOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(database.callLater(OWNER, id, "add", new Arguments.Json("[1]"))
                    .toCompletableFuture());
            answers.add(database.callLater(OWNER, rejected, "fail", new Arguments.Json("[\"no\", 2]"))
                    .toCompletableFuture());
        }
        database.awaitTurn();

        assertTrue(answers.stream().noneMatch(CompletableFuture::isDone));
        HeldJournal.letGo();

        for (int i = 0; i < answers.size(); i += 2) {
            assertEquals(2, offset(TestDatabases.await(answers.get(i))));
            assertEquals(
                    "no",
                    assertInstanceOf(Database.Rejected.class, TestDatabases.await(answers.get(i + 1)))
                            .message());
        }
        assertEquals(List.of(1000L, 1L), database.numbers(ITEMS));
    }

    @Test
    void anUnconfirmedCallIsKnownAtOnce() {
        start(WHOLE_LOG);
        database.publish();
        RequestId id = RequestId.next();
        TestProbe<CallOutcome> probe = node.kit().createTestProbe();
        for (int i = 0; i < 2; i++) {
            database.ref()
                    .tell(new Command.CallReducer(
                            "add",
                            new Arguments.Json("[1]"),
                            new Database.Caller(OWNER, ConnectionId.NONE),
                            id,
                            false,
                            Database.NO_DEADLINE,
                            probe.getRef()));
        }

        assertEquals(2, offset(probe.receiveMessage(TestDatabases.DEADLINE)));
        assertEquals(new Committed(2, 0), probe.receiveMessage(TestDatabases.DEADLINE));
    }

    @Test
    void anIdThatIsTooOldIsUnknownAndNotRun() {
        start("pinion.durability.requests { age = 1 minute, per-caller-max = 2 }");
        database.publish();
        RequestId ran = RequestId.at(System.currentTimeMillis() - 1);
        assertInstanceOf(Committed.class, call(ran, "add", "[1]"));
        RequestId old =
                RequestId.at(System.currentTimeMillis() - Duration.ofMinutes(2).toMillis());

        assertInstanceOf(OutcomeUnknown.class, call(old, "add", "[2]"));
        for (int i = 0; i < 2; i++) {
            assertInstanceOf(Committed.class, call(RequestId.next(), "nothing", "[]"));
        }
        assertInstanceOf(OutcomeUnknown.class, call(ran, "add", "[1]"));
        aheadMicros.set(TimeUnit.MINUTES.toMicros(3));
        assertInstanceOf(OutcomeUnknown.class, call(RequestId.next(), "add", "[3]"));

        aheadMicros.set(0);
        restart("pinion.durability.requests { age = 1 minute, per-caller-max = 2 }");
        assertInstanceOf(OutcomeUnknown.class, call(ran, "add", "[1]"));
        assertInstanceOf(Committed.class, call(RequestId.next(), "add", "[4]"));
        assertEquals(List.of(1000L, 1L, 4L), database.numbers(ITEMS));
    }

    @Test
    void anIdFromFarAheadIsRefused() {
        start(WHOLE_LOG);
        database.publish();
        RequestId ahead =
                RequestId.at(System.currentTimeMillis() + Duration.ofMinutes(5).toMillis());

        Database.BadArguments refused = assertInstanceOf(Database.BadArguments.class, call(ahead, "add", "[1]"));

        assertTrue(refused.message().contains(ahead.toString()), refused.message());
        assertEquals(List.of(1000L), database.numbers(ITEMS));
    }

    @Test
    void whatWasCalledBeforeADeleteDoesNotRunInTheDatabaseAfterIt() {
        start(WHOLE_LOG);
        database.publish();
        RequestId id = RequestId.next();
        assertInstanceOf(Committed.class, call(id, "add", "[1]"));
        assertInstanceOf(
                Database.Deleted.class,
                TestDatabases.await(
                        database.<Database.DeleteOutcome>ask(replyTo -> new Command.Delete(OWNER, replyTo))));
        database.publish();

        assertInstanceOf(OutcomeUnknown.class, call(id, "add", "[1]"));
        restart(WHOLE_LOG);

        assertInstanceOf(OutcomeUnknown.class, call(id, "add", "[1]"));
        assertEquals(List.of(1000L), database.numbers(ITEMS));
    }

    @Test
    void aDatabaseThatIsClearedStillKnowsWhatItWasAsked() {
        start(WHOLE_LOG);
        database.publish();
        RequestId id = RequestId.next();
        assertInstanceOf(Committed.class, call(id, "add", "[1]"));
        database.publish(ScriptedModule.script("wider"), OWNER, true);

        assertEquals(new Committed(2, 0), call(id, "add", "[1]"));
        restart(WHOLE_LOG);

        assertEquals(new Committed(2, 0), call(id, "add", "[1]"));
        assertEquals(List.of(1000L), database.numbers(ITEMS));
    }

    /** The node ends with calls under way; whoever heard nothing sends the same again, to the node that follows. */
    @Test
    void whoeverRepeatsUntilAnAnswerComesHasOneEffectForEachCall() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<RequestId> all = new ArrayList<>();
        List<RequestId> unanswered = new ArrayList<>();
        int repeated = 0;
        for (int round = 0; round < 6; round++) {
            start(MANY_SNAPSHOTS);
            if (round == 0) {
                database.publish();
            }
            for (int i = 0; i < 60; i++) {
                RequestId id = RequestId.next();
                all.add(id);
                unanswered.add(id);
            }
            Map<RequestId, CompletionStage<CallOutcome>> sent = new LinkedHashMap<>();
            Collections.shuffle(unanswered, random);
            unanswered.forEach(id -> sent.put(id, database.callLater(OWNER, id, "add", new Arguments.Json("[1]"))));
            RequestId one = unanswered.get(random.nextInt(unanswered.size() / 2));
            TestDatabases.await(Objects.requireNonNull(sent.get(one)));
            node.close();
            unanswered.removeIf(id -> isCommitted(Objects.requireNonNull(sent.get(id))));
            repeated += unanswered.size();
        }

        start(MANY_SNAPSHOTS);
        Collections.shuffle(all, random);
        all.forEach(id -> assertInstanceOf(Committed.class, call(id, "add", "[1]"), "seed " + seed));
        assertEquals(List.of(all.size() + 1L), database.numbers(COUNT), "seed " + seed);
        assertTrue(repeated > 0, "nothing was left unanswered");
    }

    private static boolean isCommitted(CompletionStage<CallOutcome> answer) {
        CompletableFuture<CallOutcome> future = answer.toCompletableFuture();
        return future.state() == java.util.concurrent.Future.State.SUCCESS && future.resultNow() instanceof Committed;
    }
}
