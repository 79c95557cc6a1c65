package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.Failed;
import io.pinion.actors.database.Database.Limit;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Stopped;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors that nobody catches elsewhere, thrown by guests and at every point of a call: the database is right or fenced. */
class FatalErrorsTest {
    private static final GuestResult RETURNED = new GuestResult.Returned(Bytes.EMPTY);
    private static final Pattern TOO_LARGE =
            Pattern.compile("the transaction changes \\d+ bytes, more than the \\d+ that are allowed");

    private final FaultyClock clock = new FaultyClock();

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;

    /** Throws when it is asked for the n-th time on a core, which it is at many points of a call. */
    private static final class FaultyClock implements Clock {
        private volatile int left;
        private volatile Supplier<Error> error = AssertionError::new;

        void failAt(int asked, Supplier<Error> with) {
            error = with;
            left = asked;
        }

        /** @return whether it has thrown */
        boolean disarm() {
            boolean hasThrown = left == 0;
            left = 0;
            return hasThrown;
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one database at a time is asked things
        private void asked() {
            if (left > 0 && Thread.currentThread().getName().startsWith("pinion-core")) {
                left--;
                if (left == 0) {
                    throw error.get();
                }
            }
        }

        @Override
        public long epochMicros() {
            asked();
            return SYSTEM.epochMicros();
        }

        @Override
        public long nanoTime() {
            asked();
            return SYSTEM.nanoTime();
        }
    }

    @SuppressWarnings("removal") // ThreadDeath: a guest's engine may throw it
    static Stream<Supplier<Error>> fatalErrors() {
        return Stream.of(
                () -> new StackOverflowError("made up"),
                () -> new OutOfMemoryError("made up"),
                () -> new NoClassDefFoundError("made up"),
                ThreadDeath::new);
    }

    @BeforeEach
    void start() {
        node = TestDatabases.start(
                directory,
                "pinion.durability.restart-backoff-min = 10 ms",
                (program, _) -> ScriptedModule.load(program),
                clock);
        database = node.database();
        database.publish();
    }

    @AfterEach
    void stop() {
        ScriptedModule.mischief = (_, _) -> RETURNED;
        node.close();
    }

    private static void insert(Transaction transaction, long value) {
        byte[] row = new BsatnWriter().writeLong(0).writeLong(value).toBytes().unsafeArray();
        assertEquals(0, transaction.insert(transaction.tableId("item"), row, 0, row.length, new BsatnWriter()));
    }

    private void assertOnlyOrdinaryRowsAndGoesOn() {
        assertEquals(Set.of(1000L), Set.copyOf(database.numbers("SELECT value FROM item")));
        assertInstanceOf(Committed.class, database.call("add", "[1]"));
        assertEquals(Set.of(1000L, 1L), Set.copyOf(database.numbers("SELECT value FROM item")));
    }

    @ParameterizedTest
    @MethodSource("fatalErrors")
    void whatAGuestThrowsEndsItsCallAndItsInstanceOnly(Supplier<Error> error) {
        Set<?> before = Set.copyOf(ScriptedModule.OPEN);
        ScriptedModule.mischief = (transaction, _) -> {
            insert(transaction, 5);
            throw error.get();
        };

        CallOutcome outcome = database.call("mischief", "[]");

        if (error.get() instanceof OutOfMemoryError) {
            assertEquals(
                    Limit.MEMORY_LIMIT, assertInstanceOf(Stopped.class, outcome).limit());
        } else {
            assertInstanceOf(Failed.class, outcome);
        }
        assertOnlyOrdinaryRowsAndGoesOn();
        assertFalse(ScriptedModule.OPEN.containsAll(before), "the instance is in use again");
    }

    @ParameterizedTest
    @MethodSource("fatalErrors")
    void whatIsThrownWhileRowsAreReadEndsItsCallOnly(Supplier<Error> error) {
        ScriptedModule.mischief = (transaction, _) -> {
            insert(transaction, 5);
            transaction.scanTable(transaction.tableId("item"), (_, _, _) -> {
                throw error.get();
            });
            return RETURNED;
        };

        CallOutcome outcome = database.call("mischief", "[]");

        assertTrue(outcome instanceof Failed || outcome instanceof Stopped, outcome.toString());
        assertOnlyOrdinaryRowsAndGoesOn();
    }

    /** Inserts at every depth until the stack ends, in the middle of a change of the table as likely as not. */
    @SuppressWarnings("InfiniteRecursion") // that is what it is for
    private static void insertDeeper(Transaction transaction, long depth) {
        insert(transaction, depth);
        insertDeeper(transaction, depth + 1);
    }

    @Test
    void aStackThatEndsInsideTheStoreLeavesNoTrace() {
        ScriptedModule.mischief = (transaction, _) -> {
            insertDeeper(transaction, 2_000_000);
            return RETURNED;
        };

        assertInstanceOf(Failed.class, database.call("mischief", "[]"));

        assertOnlyOrdinaryRowsAndGoesOn();
    }

    @Test
    void aGuestThatSwallowsTheEndOfItsStackCommitsAllOrNothing() {
        long[] deepest = new long[1];
        ScriptedModule.mischief = (transaction, _) -> {
            for (int i = 0; i < 20; i++) {
                try {
                    insertDeeper(transaction, 2_000_000);
                } catch (StackOverflowError | IllegalStateException e) {
                    deepest[0]++; // and goes on as if nothing had happened
                }
            }
            return RETURNED;
        };

        CallOutcome outcome = database.call("mischief", "[]");

        assertEquals(20, deepest[0]);
        if (outcome instanceof Committed) {
            assertTrue(database.numbers("SELECT value FROM item").contains(2_000_000L));
            assertInstanceOf(Committed.class, database.call("add", "[1]"));
        } else {
            Failed failed = assertInstanceOf(Failed.class, outcome);
            assertTrue(
                    failed.reason().contains("cannot be committed")
                            || TOO_LARGE.matcher(failed.reason()).find(), // where stacks are deep
                    failed.reason());
            assertOnlyOrdinaryRowsAndGoesOn();
        }
    }

    @Test
    void anInterruptThatAGuestLeavesBehindReachesNobody() {
        ScriptedModule.mischief = (_, _) -> {
            Thread.currentThread().interrupt();
            return RETURNED;
        };

        for (int i = 0; i < 50; i++) {
            assertInstanceOf(Committed.class, database.call("mischief", "[]"));
            assertInstanceOf(Committed.class, database.call("add", "[1]"));
        }
    }

    @Test
    void aTransactionThatSomebodyElseHasEndedFencesTheDatabase() {
        ScriptedModule.mischief = (transaction, _) -> {
            insert(transaction, 5);
            transaction.commit();
            return RETURNED;
        };

        assertInstanceOf(Database.OutcomeUnknown.class, database.call("mischief", "[]"));

        assertEquals(Set.of(1000L), Set.copyOf(database.numbersWhenServing("SELECT value FROM item")));
        assertOnlyOrdinaryRowsAndGoesOn();
    }

    @ParameterizedTest
    @MethodSource("fatalErrors")
    void whateverIsThrownWhereverACallIsAnsweredOnceAndItsRowsAreAsItWasAnswered(Supplier<Error> error) {
        int faults = 0;
        for (boolean confirmed : new boolean[] {true, false}) {
            boolean hasThrown = true;
            for (int asked = 1; hasThrown; asked++) {
                clock.failAt(asked, error);
                TestProbe<CallOutcome> probe = node.kit().createTestProbe();
                long value = 5_000L + asked + (confirmed ? 1_000 : 0);
                database.ref()
                        .tell(new Command.CallReducer(
                                "add",
                                new Arguments.Json("[" + value + "]"),
                                new Caller(OWNER, ConnectionId.NONE),
                                RequestId.NONE,
                                confirmed,
                                Database.NO_DEADLINE,
                                probe.getRef()));
                CallOutcome outcome = probe.receiveMessage(TestDatabases.DEADLINE);
                hasThrown = clock.disarm();
                faults += hasThrown ? 1 : 0;

                boolean isThere =
                        database.numbersWhenServing("SELECT value FROM item").contains(value);
                switch (outcome) {
                    case Committed _ -> assertTrue(isThere, "lost at " + asked);
                    case Database.OutcomeUnknown _ -> {}
                    case CallOutcome other -> assertFalse(isThere, other + " but written at " + asked);
                }
                assertInstanceOf(Committed.class, database.call("add", "[1]"));
                probe.expectNoMessage(Duration.ZERO);
            }
        }
        assertTrue(faults >= 6, "the clock was asked on a core only " + faults + " times");
    }

    @Test
    void anErrorWhileAFirstProgramIsTakenOverLeavesNoTrace() {
        boolean hasThrown = true;
        for (int asked = 1; hasThrown; asked++) {
            TestDatabase fresh = node.database(Identity.derive("localhost", "database " + asked));
            clock.failAt(asked, () -> new OutOfMemoryError("made up"));
            Database.PublishOutcome outcome = fresh.publish();
            hasThrown = clock.disarm();

            if (outcome instanceof Database.Published) {
                assertEquals(Set.of(1000L), Set.copyOf(fresh.numbersWhenServing("SELECT value FROM item")));
            } else {
                node.kit().createTestProbe().awaitAssert(TestDatabases.DEADLINE, () -> {
                    assertInstanceOf(Database.Published.class, fresh.publish());
                    return true;
                });
            }
            assertInstanceOf(Committed.class, fresh.call("add", "[1]"));
        }
    }
}
