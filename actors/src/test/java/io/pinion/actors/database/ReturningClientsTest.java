package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Client.Applied;
import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Client.Missed;
import io.pinion.actors.database.Client.Moving;
import io.pinion.actors.database.Client.Opened;
import io.pinion.actors.database.Client.Position;
import io.pinion.actors.database.Client.Reached;
import io.pinion.actors.database.Client.Refused;
import io.pinion.actors.database.Client.Resumed;
import io.pinion.actors.database.Client.Updated;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.subscription.HeldSet;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections that stay open while their database recovers, or moves to another node. */
@Timeout(120)
class ReturningClientsTest {
    private static final String ALL = "SELECT * FROM item";
    private static final String CONNECTED = "SELECT COUNT(*) AS n FROM st_client";
    private static final String LONG = "pinion.resume { pause = 1 h, within = 1 h, note-interval = 1 h }";

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set at the beginning of each test
    private TestDatabases node;

    @SuppressWarnings("NullAway.Init") // set at the beginning of each test
    private TestDatabase database;

    private long connections;

    private void start(String settings) {
        node = TestDatabases.start(directory, settings);
        database = node.database();
        database.publish();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private final class Connection {
        private final Caller caller = new Caller(TestDatabases.GUEST, new ConnectionId(++connections, 7));
        private final boolean confirmed;
        private TestProbe<Delivery> heard = node.kit().createTestProbe(Delivery.class);
        private long epoch;
        private long offset;

        Connection(boolean confirmed) {
            this.confirmed = confirmed;
            tell(new Client.Open(caller, "{}", confirmed, false, heard.getRef()));
            Opened opened = hears(Opened.class);
            epoch = opened.epoch();
            tell(new Client.Subscribe(caller, 1, 1, SetKind.SET, List.of(ALL), heard.getRef()));
            offset = hears(Applied.class).offset();
        }

        private void tell(Client.Request request) {
            database.ref().tell(new Command.ForClient(request));
        }

        void resumesFrom(Position position) {
            heard = node.kit().createTestProbe(Delivery.class);
            tell(new Client.Resume(
                    caller,
                    "{}",
                    confirmed,
                    false,
                    position,
                    List.of(new HeldSet(1, SetKind.SET, List.of(ALL))),
                    heard.getRef()));
        }

        <T extends Delivery> T hears(Class<T> type) {
            return assertInstanceOf(type, heard.receiveMessage(TestDatabases.DEADLINE));
        }

        List<Long> hearsOf() {
            Updated updated = hears(Updated.class);
            offset = updated.offset();
            return values(updated.sets());
        }
    }

    private static List<Long> values(List<SetChanges> sets) {
        List<Long> values = new ArrayList<>();
        sets.forEach(set -> set.rows().forEach(rows -> {
            for (int row = 0; row < rows.inserts().count(); row++) {
                BsatnReader reader = new BsatnReader(rows.inserts().get(row));
                reader.readLong();
                values.add(reader.readLong());
            }
        }));
        return values;
    }

    /** As an error in the pool of instances does. */
    private void fence() {
        database.killPool();
    }

    private static Position durable(long offset) {
        return new Position(Position.DURABLE, offset);
    }

    @Test
    void aConnectionGoesOnAfterARecoveryAndItsModuleHearsNothingOfThat() {
        start(LONG);
        Connection connection = new Connection(true);
        database.call("add", "[5]");
        assertEquals(List.of(5L), connection.hearsOf());

        fence();
        assertFalse(connection.hears(Moving.class).isSettled());
        connection.resumesFrom(durable(connection.offset));

        assertTrue(connection.hears(Resumed.class).epoch() > connection.epoch);
        database.call("add", "[6]");
        assertEquals(List.of(6L), connection.hearsOf());
        assertEquals(List.of(1L), database.numbers(CONNECTED));
    }

    @Test
    void whatAConnectionHasMissedItHearsInOrderBeforeItGoesOn() {
        start(LONG);
        Connection connection = new Connection(true);
        long before = connection.offset;
        for (int value = 5; value < 8; value++) {
            database.call("add", "[" + value + "]");
            connection.hearsOf();
        }

        fence();
        connection.hears(Moving.class);
        connection.resumesFrom(durable(before));

        for (long value = 5; value < 8; value++) {
            Missed missed = connection.hears(Missed.class);
            assertEquals(List.of(value), values(missed.update().sets()));
            assertEquals(before + value - 4, missed.update().offset());
            assertEquals("add", missed.update().cause().function());
        }
        assertEquals(before + 3, connection.hears(Resumed.class).offset());
        assertEquals(List.of(1000L, 5L, 6L, 7L), database.numbers("SELECT value FROM item"));
    }

    @Test
    void callsWaitUntilEveryConnectionIsBack() {
        start(LONG);
        Connection first = new Connection(true);
        Connection second = new Connection(false);
        fence();
        first.hears(Moving.class);
        second.hears(Moving.class);

        CompletionStage<CallOutcome> call = database.callLater(TestDatabases.OWNER, "add", new Arguments.Json("[7]"));
        first.resumesFrom(durable(first.offset));
        first.hears(Resumed.class);
        first.heard.expectNoMessage(Duration.ofMillis(100));
        assertFalse(call.toCompletableFuture().isDone());
        second.resumesFrom(new Position(second.epoch, second.offset));

        second.hears(Resumed.class);
        assertEquals(List.of(7L), first.hearsOf());
        assertEquals(List.of(7L), second.hearsOf());
        TestDatabases.await(call);
    }

    @Test
    void whoIsLateHearsWhatWasCommittedMeanwhile() {
        start("pinion.resume { pause = 10 ms, within = 1 h }");
        Connection connection = new Connection(true);
        fence();
        connection.hears(Moving.class);

        assertEquals(List.of(1000L), database.numbersWhenServing("SELECT value FROM item"));
        database.call("add", "[8]");
        connection.resumesFrom(durable(connection.offset));

        assertEquals(List.of(8L), values(connection.hears(Missed.class).update().sets()));
        connection.hears(Resumed.class);
    }

    @Test
    void whoDoesNotComeBackHasEnded() {
        start("pinion.resume { pause = 10 ms, within = 50 ms }");
        Connection connection = new Connection(true);
        fence();
        connection.hears(Moving.class);

        assertEquals(List.of(1000L), database.numbersWhenServing("SELECT value FROM item"));
        database.awaitNumbers(CONNECTED, List.of(0L));
        connection.resumesFrom(durable(connection.offset));

        connection.hears(Refused.class);
    }

    @Test
    void whoWasToldOfWhatDidNotSurviveIsRefused() {
        start(LONG);
        Connection connection = new Connection(false);
        fence();
        connection.hears(Moving.class);

        connection.resumesFrom(new Position(connection.epoch, connection.offset + 1));

        connection.hears(Refused.class);
    }

    @Test
    void whoHasMissedMoreThanIsKeptIsRefused() {
        start("pinion.resume { pause = 1 h, within = 1 h, commits-bytes-max = 0 }");
        Connection connection = new Connection(true);
        long before = connection.offset;
        database.call("add", "[5]");
        connection.hearsOf();
        fence();
        connection.hears(Moving.class);

        connection.resumesFrom(durable(before));

        connection.hears(Refused.class);
    }

    @Test
    void theEndOfAClientFromBeforeIsNotTheEndOfItsConnection() {
        start(LONG);
        Connection connection = new Connection(true);
        TestProbe<Delivery> before = connection.heard;
        fence();
        connection.hears(Moving.class);
        connection.resumesFrom(durable(connection.offset));
        connection.hears(Resumed.class);

        before.stop();
        database.call("add", "[6]");
        assertEquals(List.of(6L), connection.hearsOf());
        assertEquals(List.of(1L), database.numbers(CONNECTED));
        connection.heard.stop();

        database.awaitNumbers(CONNECTED, List.of(0L));
    }

    @Test
    void aDatabaseThatLeavesInOrderSaysUpToWhereItHasToldEverything() {
        start(LONG);
        Connection connection = new Connection(true);
        database.call("add", "[5]");
        assertEquals(List.of(5L), connection.hearsOf());

        database.ref().tell(Command.Stop.INSTANCE);

        assertEquals(connection.offset, connection.hears(Moving.class).offset());
    }

    @Test
    void aConnectionThatHearsOfNoChangesHearsNowAndThenHowFarItIs() {
        start("pinion.resume.note-interval = 50 ms");
        Connection connection = new Connection(true);
        long before = connection.offset;
        database.call("add", "[5]");
        connection.hearsOf();

        assertEquals(before + 1, connection.hears(Reached.class).offset());
    }
}
