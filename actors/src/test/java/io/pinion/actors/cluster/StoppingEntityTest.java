package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.DescribeOutcome;
import io.pinion.actors.database.Database.Moved;
import io.pinion.actors.database.Database.NoSuchModule;
import io.pinion.actors.database.Database.Overloaded;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Whoever asks an entity just when it stops is answered all the same, once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoppingEntityTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Identity ALICE = Identity.derive("localhost", "alice");
    private static final int ASKS = 10_000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @TempDir
    private static Path directory;

    private TestNode node;

    @BeforeAll
    void start() {
        node = TestNode.start(directory, "pinion.database.empty-after = 1 ms");
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Long enough for an empty database to stop now and then. */
    private void pauseSometimes() {
        if (random.nextInt(20) == 0) {
            LockSupport.parkNanos(random.nextInt(2_000_000));
        }
    }

    @Test
    void anIdentityThatStopsAgainAndAgainAnswersEveryAskOnce() {
        TestProbe<DescribeOutcome> receiver = node.kit().createTestProbe();
        for (int i = 0; i < ASKS; i++) {
            Identity identity = Identity.derive("empty", "database " + random.nextInt(20));
            EntityRef<Command> database = node.pinion().database(identity);
            database.tell(new Command.Describe(receiver.getRef()));
            if (random.nextInt(50) == 0) {
                database.tell(Command.Stop.INSTANCE);
            }
            pauseSometimes();
        }

        Map<Class<?>, Integer> counts = new HashMap<>();
        for (int i = 0; i < ASKS; i++) {
            DescribeOutcome outcome = receiver.receiveMessage(DEADLINE);
            assertTrue(
                    outcome instanceof NoSuchModule || outcome instanceof Moved || outcome instanceof Overloaded,
                    () -> seed + ": " + outcome);
            counts.merge(outcome.getClass(), 1, Integer::sum);
        }
        assertTrue(counts.containsKey(NoSuchModule.class), () -> seed + ": " + counts);
        receiver.expectNoMessage(Duration.ofMillis(200));
    }

    @Test
    void theHostAsksAgainUntilTheEntityIsThere() {
        for (int i = 0; i < 200; i++) {
            Identity identity = Identity.derive("empty", "deleted " + random.nextInt(5));
            if (random.nextInt(3) == 0) {
                node.pinion().database(identity).tell(Command.Stop.INSTANCE);
            }
            pauseSometimes();

            assertInstanceOf(NoSuchModule.class, await(node.pinion().delete(identity, ALICE)), () -> "seed " + seed);
        }
    }

    @Test
    void whatADatabaseThatStopsHasCommittedIsExactlyWhatItSaid() throws IOException {
        Bytes program = Bytes.wrap(Files.readAllBytes(Path.of("..", "examples", "bank-c", "bank.wasm")));
        Identity bank = await(node.pinion().publish(new Target.Fresh(), program, ALICE, false))
                .database();
        assertInstanceOf(Committed.class, await(call(bank, "seed", "[2, 1000000]")));

        List<CompletionStage<CallOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            answers.add(call(bank, "transfer", "[1, 2, 1]"));
            if (i % 100 == 50) {
                // A stop overtakes what waits, so sometimes it has to find nothing that does.
                if (i == 50 || random.nextBoolean()) {
                    await(answers.getLast());
                }
                node.pinion().database(bank).tell(Command.Stop.INSTANCE);
                await(answers.get(random.nextInt(answers.size())));
            }
        }
        int committed = 0;
        for (CompletionStage<CallOutcome> answer : answers) {
            CallOutcome outcome = await(answer);
            assertTrue(outcome instanceof Committed || outcome instanceof Moved, () -> seed + ": " + outcome);
            committed += outcome instanceof Committed ? 1 : 0;
        }

        assertTrue(committed > 0);
        assertEquals(1_000_000 - committed, balanceOfFirst(bank), () -> "seed " + seed);
    }

    private CompletionStage<CallOutcome> call(Identity database, String reducer, String arguments) {
        return node.pinion()
                .database(database)
                .ask(
                        replyTo -> new Command.CallReducer(
                                reducer,
                                new Arguments.Json(arguments),
                                new Caller(ALICE, ConnectionId.NONE),
                                RequestId.NONE,
                                true,
                                Database.NO_DEADLINE,
                                replyTo),
                        DEADLINE);
    }

    private long balanceOfFirst(Identity database) {
        Database.QueryOutcome outcome = new Moved();
        while (outcome instanceof Moved) {
            outcome = await(node.pinion()
                    .database(database)
                    .ask(
                            replyTo -> new Command.Query(
                                    "SELECT balance FROM accounts WHERE id = 1",
                                    new Caller(ALICE, ConnectionId.NONE),
                                    true,
                                    Database.NO_DEADLINE,
                                    replyTo),
                            DEADLINE));
        }
        BsatnReader rows =
                new BsatnReader(assertInstanceOf(Database.Rows.class, outcome).rows());
        assertEquals(1, rows.readCount());
        return rows.readLong();
    }
}
