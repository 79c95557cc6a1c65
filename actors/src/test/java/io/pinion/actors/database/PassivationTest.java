package io.pinion.actors.database;

import static io.pinion.actors.database.TestDatabases.DEADLINE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Committed;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.schedule.Schedule;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases leave memory by themselves, and only those that nobody needs. */
class PassivationTest {
    private static final Identity ALICE = Identity.derive("localhost", "alice");
    private static final Identity FIRST = Identity.derive("localhost", "first");
    private static final Identity SECOND = Identity.derive("localhost", "second");
    private static final String ITEMS = "SELECT value FROM item WHERE value = 7";

    @TempDir
    private Path directory;

    private final Map<Identity, Long> wakes = new ConcurrentHashMap<>();
    private final Queue<Long> recorded = new ConcurrentLinkedQueue<>();
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile boolean isCatalogueAway;
    private TestDatabases node;

    @BeforeEach
    void start() {
        node = TestDatabases.start(directory, """
            pinion.database { passivate-after = 300 ms, idle-after = 1 s }
            pinion.pool.idle-after = 1 s
            """);
        node.services().wakeBy(this::wake);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private CompletionStage<?> wake(Identity database, long atMicros) {
        if (isCatalogueAway) {
            attempts.incrementAndGet();
            return CompletableFuture.failedStage(new IllegalStateException("the catalogue is away"));
        }
        wakes.put(database, atMicros);
        recorded.add(atMicros);
        return CompletableFuture.completedStage(null);
    }

    private TestDatabase published(Identity identity) {
        TestDatabase database = node.database(identity);
        assertInstanceOf(Database.Published.class, database.publish());
        return database;
    }

    private void awaitGone(TestDatabase database) {
        node.kit().createTestProbe().expectTerminated(database.ref(), DEADLINE);
    }

    @Test
    void oneThatNobodyUsesIsGoneAndBackWithAllItHad() {
        TestDatabase database = published(FIRST);
        assertInstanceOf(Committed.class, database.call("add", "[7]"));

        awaitGone(database);

        assertEquals(Schedule.NEVER, wakes.get(FIRST));
        assertEquals(List.of(7L), node.database(FIRST).numbersWhenServing(ITEMS));
    }

    @Test
    void oneWithAConnectionStaysUntilThatEnds() {
        TestDatabase database = published(FIRST);
        TestProbe<Client.Delivery> client = node.kit().createTestProbe();
        Caller caller = new Caller(ALICE, new ConnectionId(1, 1));
        database.ref().tell(new Command.ForClient(new Client.Open(caller, "{}", true, false, client.getRef())));
        client.expectMessageClass(Client.Opened.class, DEADLINE);

        // In that time the connected one was looked at, too.
        awaitGone(published(SECOND));
        assertFalse(wakes.containsKey(FIRST), "it was about to leave");

        client.stop();
        awaitGone(database);
    }

    @Test
    void oneWithAScheduleSaysWhenItIsToBeBack() {
        TestDatabase database = published(FIRST);
        long dueMicros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) + TimeUnit.HOURS.toMicros(1);

        assertInstanceOf(Committed.class, database.call("later", "[{\"Time\": [" + dueMicros + "]}]"));

        awaitGone(database);
        assertEquals(List.of(WakeCatalogue.KEEP_AWAKE, dueMicros), List.copyOf(recorded));
    }

    @Test
    void oneThatCannotSayWhenItIsToBeBackStays() {
        isCatalogueAway = true;
        TestDatabase database = published(FIRST);
        assertInstanceOf(Committed.class, database.call("add", "[7]"));

        node.kit().createTestProbe().awaitAssert(DEADLINE, () -> {
            assertTrue(attempts.get() >= 3, () -> attempts + " attempts");
            return true;
        });
        assertEquals(List.of(7L), database.numbers(ITEMS));

        isCatalogueAway = false;
        awaitGone(database);
    }
}
