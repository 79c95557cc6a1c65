package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.pinion.actors.database.Client.Applied;
import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Client.Dropped;
import io.pinion.actors.database.Client.Ended;
import io.pinion.actors.database.Client.NotSubscribed;
import io.pinion.actors.database.Client.Opened;
import io.pinion.actors.database.Client.Refused;
import io.pinion.actors.database.Client.Updated;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.CommittedForClient;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Open connections of a database, and a journal that can be held. */
@Timeout(120)
class ClientsTest {
    private static final String ALL = "SELECT * FROM item";

    @TempDir
    private Path directory;

    private TestDatabases node;
    private TestDatabase database;
    private long connections;

    @BeforeEach
    void start() {
        HeldJournal.reset();
        node = TestDatabases.start(directory, """
                held-journal.class = "io.pinion.actors.database.HeldJournal"
                held-journal.plugin-dispatcher = "pekko.actor.default-dispatcher"
                pekko.persistence.journal.plugin = held-journal
                held-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
                held-read-journal.logs = held
                pinion.durability.journal-plugin-id = held-journal
                pinion.durability.read-journal-id = held-read-journal
                """);
        database = node.database();
        database.publish();
    }

    @AfterEach
    void stop() {
        HeldJournal.reset();
        node.close();
    }

    /** One connection, and what it hears. */
    private final class Connection {
        private final TestProbe<Delivery> heard = node.kit().createTestProbe(Delivery.class);
        private final Caller caller = new Caller(TestDatabases.GUEST, new ConnectionId(++connections, 7));
        private final boolean confirmed;

        Connection(boolean confirmed, boolean countsTogether) {
            this.confirmed = confirmed;
            tell(new Client.Open(caller, "{}", confirmed, countsTogether, heard.getRef()));
        }

        void tell(Client.Request request) {
            database.ref().tell(new Command.ForClient(request));
        }

        void subscribe(int setId, SetKind kind, String... queries) {
            tell(new Client.Subscribe(caller, setId, setId, kind, List.of(queries), heard.getRef()));
        }

        void unsubscribe(int setId, SetKind kind) {
            tell(new Client.Unsubscribe(caller, setId, setId, kind, true, heard.getRef()));
        }

        CompletionStage<CallOutcome> call(String reducer, String arguments) {
            return database.ask(replyTo -> new Command.CallReducer(
                    reducer,
                    new Arguments.Json(arguments),
                    caller,
                    RequestId.NONE,
                    confirmed,
                    Database.NO_DEADLINE,
                    7,
                    replyTo));
        }

        <T extends Delivery> T hears(Class<T> type) {
            return assertInstanceOf(type, heard.receiveMessage(TestDatabases.DEADLINE));
        }

        void hearsNothing() {
            heard.expectNoMessage(Duration.ofMillis(100));
        }
    }

    private Connection open(boolean confirmed) {
        Connection connection = new Connection(confirmed, false);
        connection.hears(Opened.class);
        return connection;
    }

    private static List<Long> values(Applied applied) {
        List<Long> values = new ArrayList<>();
        applied.rows().forEach(rows -> {
            for (int row = 0; row < rows.rows().count(); row++) {
                values.add(value(rows.rows().get(row)));
            }
        });
        return values;
    }

    private static long value(Bytes row) {
        BsatnReader reader = new BsatnReader(row);
        reader.readLong();
        return reader.readLong();
    }

    private static List<Long> inserted(ChangedRows rows) {
        List<Long> values = new ArrayList<>();
        for (int row = 0; row < rows.inserts().count(); row++) {
            values.add(value(rows.inserts().get(row)));
        }
        return values;
    }

    private static ChangedRows only(Updated updated) {
        assertEquals(1, updated.sets().size());
        assertEquals(1, updated.sets().getFirst().rows().size());
        return updated.sets().getFirst().rows().getFirst();
    }

    @Test
    void whoSubscribesToOneQueryIsToldOfTheSameRows() {
        Connection first = open(true);
        Connection second = open(true);
        first.subscribe(1, SetKind.SET, ALL);
        second.subscribe(2, SetKind.SET, "  " + ALL + " ");
        assertEquals(List.of(1000L), values(first.hears(Applied.class)));
        assertEquals(List.of(1000L), values(second.hears(Applied.class)));

        database.call("add", "[5]");

        ChangedRows rows = only(first.hears(Updated.class));
        assertEquals(List.of(5L), inserted(rows));
        assertSame(rows, only(second.hears(Updated.class)));
    }

    @Test
    void theCallerGetsItsRowsWithTheOutcomeAndOthersAsAnUpdate() {
        Connection caller = open(true);
        Connection other = open(true);
        caller.subscribe(1, SetKind.SET, ALL);
        other.subscribe(1, SetKind.SET, ALL);
        caller.hears(Applied.class);
        other.hears(Applied.class);

        CommittedForClient outcome =
                assertInstanceOf(CommittedForClient.class, TestDatabases.await(caller.call("add", "[6]")));

        assertEquals(List.of(6L), inserted(outcome.sets().getFirst().rows().getFirst()));
        Updated updated = other.hears(Updated.class);
        assertEquals(List.of(6L), inserted(only(updated)));
        assertEquals("add", updated.cause().function());
        assertEquals(7, updated.cause().clientNumber());
        assertNull(updated.cause().details()); // the script describes itself in a version that hides calls
        caller.hearsNothing();
    }

    @Test
    void aConfirmedConnectionHearsOfACommitWhenItIsDurableAndAnUnconfirmedOneAtOnce() {
        Connection confirmed = open(true);
        Connection unconfirmed = open(false);
        confirmed.subscribe(1, SetKind.SET, ALL);
        unconfirmed.subscribe(1, SetKind.SET, ALL);
        confirmed.hears(Applied.class);
        unconfirmed.hears(Applied.class);
        HeldJournal.hold();

        CompletionStage<CallOutcome> later = database.callLater(TestDatabases.OWNER, "add", new Arguments.Json("[7]"));
        assertEquals(List.of(7L), inserted(only(unconfirmed.hears(Updated.class))));
        confirmed.subscribe(2, SetKind.SET, ALL);
        confirmed.hearsNothing();
        HeldJournal.letGo();

        assertEquals(List.of(7L), inserted(only(confirmed.hears(Updated.class))));
        assertEquals(List.of(1000L, 7L), values(confirmed.hears(Applied.class)));
        TestDatabases.await(later);
    }

    @Test
    void aSetHearsOfEveryCommitAfterItsFirstRowsAndOfNoneAfterItsEnd() {
        Connection connection = open(true);
        for (int round = 0; round < 20; round++) {
            database.tell(
                    "add",
                    "[" + (100 + 2 * round) + "]",
                    node.kit().<CallOutcome>createTestProbe().getRef());
            connection.subscribe(round, SetKind.SET, ALL);
            database.tell(
                    "add",
                    "[" + (101 + 2 * round) + "]",
                    node.kit().<CallOutcome>createTestProbe().getRef());
            connection.unsubscribe(round, SetKind.SET);
        }

        for (int round = 0; round < 20; round++) {
            assertEquals(2 + 2 * round, values(connection.hears(Applied.class)).size());
            Updated updated = connection.hears(Updated.class);
            assertEquals(List.of(101L + 2L * round), inserted(only(updated)));
            Dropped dropped = connection.hears(Dropped.class);
            assertEquals(
                    3 + 2 * round,
                    Objects.requireNonNull(dropped.rows()).getFirst().rows().count());
        }
        database.call("add", "[9]");
        connection.hearsNothing();
    }

    @Test
    void queriesThatCountTogetherAreToldOnceAndLeaveWithTheirLastSet() {
        Connection connection = new Connection(true, true);
        connection.hears(Opened.class);
        connection.subscribe(1, SetKind.MULTI, ALL);
        connection.subscribe(2, SetKind.MULTI, ALL);
        assertEquals(List.of(1000L), values(connection.hears(Applied.class)));
        assertEquals(List.of(), values(connection.hears(Applied.class)));

        database.call("add", "[8]");
        assertEquals(List.of(8L), inserted(only(connection.hears(Updated.class))));
        connection.unsubscribe(1, SetKind.MULTI);
        assertEquals(List.of(), connection.hears(Dropped.class).rows());
        connection.unsubscribe(2, SetKind.MULTI);
        assertEquals(
                1,
                Objects.requireNonNull(connection.hears(Dropped.class).rows()).size());
        database.call("add", "[9]");
        connection.hearsNothing();
    }

    @Test
    void whatIsNotThereOrNotToBeSeenIsRefused() {
        Connection connection = open(true);
        connection.subscribe(1, SetKind.SET, ALL, "SELECT * FROM secret");
        assertEquals(1, connection.hears(NotSubscribed.class).requestId());
        connection.subscribe(1, SetKind.SET, "");
        assertEquals(1, connection.hears(NotSubscribed.class).setId());
        connection.unsubscribe(1, SetKind.SET);
        assertEquals(1, connection.hears(NotSubscribed.class).setId());
    }

    @Test
    void anUpdateOfTheModulePlansAnewAndDropsWhatDoesNotFit() {
        Connection kept = open(true);
        kept.subscribe(1, SetKind.SET, ALL);
        kept.hears(Applied.class);

        database.publish("wider");
        database.call("add", "[11]");

        assertEquals(List.of(11L), inserted(only(kept.hears(Updated.class))));
        database.publishAndBreak("level", "wider");
        kept.hears(Ended.class);
    }

    @Test
    void aConnectionIdIsTakenUntilItsConnectionHasEnded() {
        Connection first = open(true);
        TestProbe<Delivery> second = node.kit().createTestProbe(Delivery.class);
        first.tell(new Client.Open(first.caller, "{}", true, false, second.getRef()));
        assertInstanceOf(Refused.class, second.receiveMessage(TestDatabases.DEADLINE));
        assertEquals(List.of(1L), database.numbers("SELECT COUNT(*) AS n FROM st_client"));

        first.heard.stop();

        database.awaitNumbers("SELECT COUNT(*) AS n FROM st_client", List.of(0L));
        first.tell(new Client.Open(first.caller, "{}", true, false, second.getRef()));
        assertInstanceOf(Opened.class, second.receiveMessage(TestDatabases.DEADLINE));
    }

    @Test
    void aQueryIsAnsweredInItsPlaceAndOnce() {
        Connection connection = open(true);
        connection.tell(new Client.Ask(
                connection.caller, 3, Bytes.EMPTY, "SELECT * FROM item WHERE value = 1000", connection.heard.getRef()));

        Client.Result result = connection.hears(Client.Result.class);

        assertNull(result.error());
        assertEquals(1, result.rows().getFirst().rows().count());
    }
}
