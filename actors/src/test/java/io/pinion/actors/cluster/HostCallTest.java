package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Moved;
import io.pinion.actors.database.Database.OutcomeUnknown;
import io.pinion.actors.database.Database.QueryOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.testkit.javadsl.TestEntityRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How a command finds its database, and what is sent again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostCallTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration REPEAT_AFTER = Duration.ofMillis(200);
    private static final Committed COMMITTED = new Committed(1, 1);

    private final ActorTestKit kit = ActorTestKit.create();
    private final AtomicInteger names = new AtomicInteger();
    private final Map<Identity, Subject> subjects = new ConcurrentHashMap<>();
    private final LiveDatabases live = new LiveDatabases(
            kit.system(),
            database -> TestEntityRef.of(
                    Pinion.DATABASE, database.toHex(), Objects.requireNonNull(subjects.get(database)).actor));

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    /** What a database does with its nth command. */
    private interface Script {
        Behavior<Command> on(int number, Command command);
    }

    /** One database, which sharding starts again whenever it has stopped. */
    private final class Subject {
        private final Identity identity = Identity.derive("localhost", "database " + names.incrementAndGet());
        private final Script script;
        private final boolean isSpread;
        private final List<Command> heard = Collections.synchronizedList(new ArrayList<>());
        private final HostCall.Surroundings around;
        private volatile ActorRef<Command> actor;

        Subject(boolean isSpread, Script script) {
            this.script = script;
            this.isSpread = isSpread;
            this.actor = spawn();
            subjects.put(identity, this);
            this.around = new HostCall.Surroundings(kit.system(), live, () -> this.isSpread, REPEAT_AFTER);
        }

        private ActorRef<Command> spawn() {
            return kit.spawn(Behaviors.receiveMessage(this::onMessage));
        }

        private Behavior<Command> onMessage(Command command) {
            if (command instanceof Command.Locate locate) {
                locate.replyTo().tell(new Database.Located(actor));
                return Behaviors.same();
            }
            heard.add(command);
            Behavior<Command> next = script.on(heard.size(), command);
            if (next.equals(Behaviors.<Command>stopped())) {
                actor = spawn();
            }
            return next;
        }

        CompletionStage<CallOutcome> call(RequestId id, Duration timeout) {
            return HostCall.ask(
                    around,
                    identity,
                    replyTo -> new Command.CallReducer(
                            "add",
                            new Arguments.Json("[1]"),
                            new Caller(Identity.ZERO, ConnectionId.NONE),
                            id,
                            true,
                            Database.NO_DEADLINE,
                            replyTo),
                    timeout);
        }

        CompletionStage<QueryOutcome> query(String sql, Duration timeout) {
            Function<ActorRef<QueryOutcome>, Command> query = replyTo -> new Command.Query(
                    sql, new Caller(Identity.ZERO, ConnectionId.NONE), true, Database.NO_DEADLINE, replyTo);
            return HostCall.ask(around, identity, query, timeout);
        }

        List<RequestId> ids() {
            return heard.stream()
                    .map(command -> ((Command.CallReducer) command).requestId())
                    .toList();
        }
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private static Behavior<Command> answer(Command command, CallOutcome outcome) {
        ((Command.CallReducer) command).replyTo().tell(outcome);
        return Behaviors.same();
    }

    @Test
    void aDatabaseThatMovesIsAskedAgainWithTheSameId() {
        Subject subject = new Subject(true, (number, call) -> answer(call, number <= 2 ? new Moved() : COMMITTED));

        assertEquals(COMMITTED, await(subject.call(RequestId.NONE, TIMEOUT)));

        assertEquals(3, subject.heard.size());
        assertEquals(1, subject.ids().stream().distinct().count());
        assertFalse(subject.ids().getFirst().isNone());
    }

    @Test
    void aCallerKeepsItsOwnIdAndOneNodeAloneGivesNone() {
        RequestId own = RequestId.next();
        Subject several = new Subject(true, (_, call) -> answer(call, COMMITTED));
        Subject alone = new Subject(false, (_, call) -> answer(call, COMMITTED));

        await(several.call(own, TIMEOUT));
        await(alone.call(RequestId.NONE, TIMEOUT));

        assertEquals(List.of(own), several.ids());
        assertEquals(List.of(RequestId.NONE), alone.ids());
    }

    @Test
    void whatIsNotAnsweredIsSentAgainIfItMayBe() {
        Subject subject = new Subject(true, (number, call) -> number == 1 ? Behaviors.same() : answer(call, COMMITTED));

        assertEquals(COMMITTED, await(subject.call(RequestId.NONE, TIMEOUT)));

        assertEquals(1, subject.ids().stream().distinct().count());
    }

    @Test
    void aCallWithoutAnIdIsSentOnce() {
        Subject subject = new Subject(false, (_, _) -> Behaviors.same());

        CompletionException failure = assertThrows(
                CompletionException.class, () -> await(subject.call(RequestId.NONE, REPEAT_AFTER.multipliedBy(5))));

        assertInstanceOf(TimeoutException.class, failure.getCause());
        assertEquals(1, subject.heard.size());
    }

    @Test
    void whoStopsWithoutAWordIsAskedAgainIfThatMayBeDone() {
        Subject subject =
                new Subject(true, (number, call) -> number == 1 ? Behaviors.stopped() : answer(call, COMMITTED));

        assertEquals(COMMITTED, await(subject.call(RequestId.NONE, TIMEOUT)));
        assertEquals(2, subject.heard.size());
    }

    @Test
    void whatHadBegunWhereThatMayNotBeDoneIsOfUnknownOutcome() {
        Subject subject = new Subject(false, (_, _) -> Behaviors.stopped());

        assertInstanceOf(OutcomeUnknown.class, await(subject.call(RequestId.NONE, TIMEOUT)));
        assertInstanceOf(OutcomeUnknown.class, await(subject.query("DELETE FROM item WHERE value = 1", TIMEOUT)));
        assertEquals(2, subject.heard.size());
    }

    @Test
    void aQueryThatOnlyReadsIsSentAgain() {
        Database.BadQuery answer = new Database.BadQuery("no");
        Subject subject = new Subject(false, (number, query) -> {
            if (number == 1) {
                return Behaviors.stopped();
            }
            ((Command.Query) query).replyTo().tell(answer);
            return Behaviors.same();
        });

        assertEquals(answer, await(subject.query(" select 1", TIMEOUT)));
    }

    @Test
    void anUnknownOutcomeIsAskedForSomeTimesAndThenSaid() {
        Subject subject = new Subject(true, (_, call) -> answer(call, new OutcomeUnknown()));

        assertInstanceOf(OutcomeUnknown.class, await(subject.call(RequestId.NONE, TIMEOUT)));

        assertEquals(4, subject.heard.size());
        assertEquals(1, subject.ids().stream().distinct().count());
    }

    @Test
    void aRefusalAfterAnAttemptThatMayHaveBeenCarriedOutIsNotPassedOn() {
        Subject silent = new Subject(true, (number, call) -> switch (number) {
            case 1 -> Behaviors.same();
            case 2 -> answer(call, new Database.Unavailable("it recovers"));
            case 3 -> answer(call, new Database.Overloaded(Duration.ofMillis(1)));
            default -> answer(call, COMMITTED);
        });
        Subject gone = new Subject(true, (number, call) -> switch (number) {
            case 1 -> Behaviors.stopped();
            case 2 -> answer(call, new Database.Unavailable("it recovers"));
            default -> answer(call, COMMITTED);
        });
        Subject deleted = new Subject(
                true, (number, call) -> answer(call, number == 1 ? new OutcomeUnknown() : new Database.NoSuchModule()));

        assertEquals(COMMITTED, await(silent.call(RequestId.NONE, TIMEOUT)));
        assertEquals(COMMITTED, await(gone.call(RequestId.NONE, TIMEOUT)));
        assertInstanceOf(OutcomeUnknown.class, await(deleted.call(RequestId.NONE, TIMEOUT)));
    }

    @Test
    void aRefusalOfTheFirstAttemptIsPassedOn() {
        Database.Unavailable refusal = new Database.Unavailable("it recovers");
        Subject subject = new Subject(true, (number, call) -> answer(call, number == 1 ? new Moved() : refusal));

        assertEquals(refusal, await(subject.call(RequestId.NONE, TIMEOUT)));
        assertEquals(2, subject.heard.size());
    }

    @Test
    void oneThatMovesForEverIsGivenUpInTime() {
        Subject subject = new Subject(true, (_, call) -> answer(call, new Moved()));
        long begin = System.nanoTime();

        CompletionException failure = assertThrows(
                CompletionException.class, () -> await(subject.call(RequestId.NONE, Duration.ofSeconds(1))));

        assertInstanceOf(TimeoutException.class, failure.getCause());
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(10));
    }
}
