package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.cluster.PinionHost.PublishResult;
import io.pinion.actors.cluster.PinionHost.Target;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command.CallReducer;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PinionTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Identity ALICE = Identity.derive("localhost", "alice");
    private static final Identity BOB = Identity.derive("localhost", "bob");

    /** Where the one node that all tests share keeps its data; each test has databases and owners of its own. */
    @TempDir
    private static Path directory;

    private TestNode node;

    @BeforeAll
    void start() {
        node = TestNode.start(directory);
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private static Bytes program(String path) {
        try {
            return Bytes.wrap(Files.readAllBytes(Path.of("..", "examples").resolve(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private PublishResult publish(Target target, Bytes program, Identity publisher) {
        return await(node.pinion().publish(target, program, publisher, false));
    }

    private Identity publishBank(String name) {
        PublishResult result = publish(new Target.Named(name), program("bank-js/bank.js"), ALICE);
        assertInstanceOf(Database.Published.class, result.outcome());
        return result.database();
    }

    private CallOutcome call(Identity database, String reducer, String arguments) {
        EntityRef<Database.Command> bank = node.pinion().database(database);
        return await(bank.ask(
                replyTo -> new CallReducer(
                        reducer,
                        new Arguments.Json(arguments),
                        new Caller(ALICE, ConnectionId.NONE),
                        RequestId.NONE,
                        true,
                        Database.NO_DEADLINE,
                        replyTo),
                TIMEOUT));
    }

    private long sumOfBalances(Identity database) {
        Database.QueryOutcome outcome = await(node.pinion()
                .database(database)
                .ask(
                        replyTo -> new Database.Command.Query(
                                "SELECT balance FROM accounts",
                                new Caller(ALICE, ConnectionId.NONE),
                                true,
                                Database.NO_DEADLINE,
                                replyTo),
                        TIMEOUT));
        BsatnReader rows =
                new BsatnReader(assertInstanceOf(Database.Rows.class, outcome).rows());
        long sum = 0;
        for (long left = rows.readCount(); left > 0; left--) {
            sum += rows.readLong();
        }
        return sum;
    }

    @Test
    void aPublishedModuleIsCalledByAskAndItsRowsAreSeen() {
        Identity bank = publishBank("called");

        assertInstanceOf(Committed.class, call(bank, "seed", "[10, 1000]"));
        assertInstanceOf(Committed.class, call(bank, "transfer", "[1, 2, 300]"));
        Database.Rejected rejected = assertInstanceOf(Database.Rejected.class, call(bank, "transfer", "[1, 2, 701]"));

        assertEquals("insufficient funds", rejected.message());
        assertEquals(10_000, sumOfBalances(bank));
    }

    @Test
    void aWebAssemblyModuleIsHostedTheSameWay() {
        PublishResult result = publish(new Target.Named("wasm"), program("bank-c/bank.wasm"), ALICE);

        assertInstanceOf(Committed.class, call(result.database(), "seed", "[10, 1000]"));
        assertInstanceOf(Committed.class, call(result.database(), "transfer", "[1, 2, 300]"));
        assertEquals(10_000, sumOfBalances(result.database()));
    }

    @Test
    void everythingIsThereAfterARestart() {
        Identity bank = publishBank("restarted");
        call(bank, "seed", "[10, 1000]");
        call(bank, "transfer", "[1, 2, 300]");

        node.close();
        node = TestNode.start(directory);

        assertEquals(Optional.of(bank), await(node.pinion().resolve("restarted")));
        assertEquals(List.of("restarted"), await(node.pinion().names(bank)));
        assertTrue(await(node.pinion().ownedBy(ALICE)).contains(bank));
        assertEquals(10_000, sumOfBalances(bank));
        assertInstanceOf(Committed.class, call(bank, "transfer", "[2, 1, 1300]"));
    }

    @Test
    void aNodeWhoseDatabasesHaveNothingToDoStopsAtOnce() {
        Identity bank = publishBank("quiet");
        call(bank, "seed", "[10, 1000]");

        long start = System.nanoTime();
        node.close();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

        node = TestNode.start(directory);
        assertTrue(millis < 5000, "stopped after " + millis + " ms");
        assertEquals(10_000, sumOfBalances(bank));
    }

    @Test
    void publishingToANameAgainUpdatesItsDatabase() {
        Identity bank = publishBank("again");

        PublishResult again = publish(new Target.Named("again"), program("bank-js/bank.js"), ALICE);

        assertEquals(bank, again.database());
        assertInstanceOf(Database.Published.class, again.outcome());
    }

    @Test
    void aNameThatBelongsToAnotherIsRefused() {
        Identity bank = publishBank("taken");

        PublishResult result = publish(new Target.Named("taken"), program("bank-js/bank.js"), BOB);

        assertEquals(new Database.NotOwner(ALICE), result.outcome());
        assertEquals(Optional.of(bank), await(node.pinion().resolve("taken")));
    }

    @Test
    void aRefusedPublishLeavesTheNameFreeForAnyone() {
        PublishResult refused = publish(new Target.Named("free"), Bytes.ofUtf8("this is no module"), BOB);

        assertInstanceOf(Database.InvalidProgram.class, refused.outcome());
        assertEquals(Optional.empty(), await(node.pinion().resolve("free")));
        assertFalse(await(node.pinion().ownedBy(BOB)).contains(refused.database()));
        assertInstanceOf(Database.NoSuchModule.class, call(refused.database(), "seed", "[1, 1]"));
        assertInstanceOf(
                Database.Published.class,
                publish(new Target.Named("free"), program("bank-js/bank.js"), ALICE)
                        .outcome());
    }

    @Test
    void aDeletedDatabaseAnswersNoSuchModuleAndKeepsItsName() {
        Identity bank = publishBank("deleted");
        call(bank, "seed", "[10, 1000]");

        assertInstanceOf(Database.NotOwner.class, await(node.pinion().delete(bank, BOB)));
        assertInstanceOf(Database.Deleted.class, await(node.pinion().delete(bank, ALICE)));

        assertInstanceOf(Database.NoSuchModule.class, call(bank, "empty", "[]"));
        assertFalse(await(node.pinion().ownedBy(ALICE)).contains(bank));
        assertEquals(Optional.of(bank), await(node.pinion().resolve("deleted")));
        assertEquals(bank, publishBank("deleted"));
        assertEquals(0, sumOfBalances(bank));
    }

    @Test
    void aDatabaseWithoutANameHasAnIdentityOfItsOwn() {
        Bytes program = program("bank-js/bank.js");

        PublishResult first = publish(new Target.Fresh(), program, BOB);
        PublishResult second = publish(new Target.Fresh(), program, BOB);

        assertNotEquals(first.database(), second.database());
        assertTrue(await(node.pinion().ownedBy(BOB)).containsAll(List.of(first.database(), second.database())));
    }

    @Test
    void anInvalidNameIsRefusedWithTheReason() {
        Bytes program = program("bank-js/bank.js");
        Target target = new Target.Named("bank_js");

        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class, () -> node.pinion().publish(target, program, ALICE, false));

        assertEquals(
                "the database name bank_js is not valid: it has invalid characters: only a-z, 0-9 and - are allowed",
                refusal.getMessage());
    }

    @Test
    void aReservationWhosePublisherDiedIsSettledByItsDatabase() {
        Identity bank =
                publish(new Target.Fresh(), program("bank-js/bank.js"), ALICE).database();
        DirectoryClient directoryClient = node.pinion().directory();
        await(directoryClient.reserveName("half-done", bank, ALICE));
        await(directoryClient.reserveName("never-done", Identity.derive("localhost", "nobody"), ALICE));

        assertEquals(Optional.of(bank), await(node.pinion().resolve("half-done")));
        assertEquals(Optional.empty(), await(node.pinion().resolve("never-done")));

        assertInstanceOf(Directory.NameBound.class, await(directoryClient.findName("half-done")));
    }
}
