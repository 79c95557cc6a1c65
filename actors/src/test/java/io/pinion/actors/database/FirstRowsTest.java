package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Client.Applied;
import io.pinion.actors.database.Client.Awaited;
import io.pinion.actors.database.Client.Delivery;
import io.pinion.actors.database.Client.Dropped;
import io.pinion.actors.database.Client.Late;
import io.pinion.actors.database.Client.NotSubscribed;
import io.pinion.actors.database.Client.Opened;
import io.pinion.actors.database.Client.Updated;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.TestDatabases.TestDatabase;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetKind;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows of large results, which workers read: those wait until a test lets them. */
@Timeout(180)
class FirstRowsTest {
    private static final String ALL = "SELECT * FROM item";
    private static final String FEW = "SELECT * FROM item WHERE id = 1";
    private static final int ROWS = 12_000;
    private static final int ROWS_OF_INIT = 1;
    private static final int AT_ONCE_MAX = 16;

    @TempDir
    private Path directory;

    private final CountDownLatch reading = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init") // set by start
    private TestDatabases node;

    @SuppressWarnings("NullAway.Init") // set by start
    private TestDatabase database;

    private long connections;

    private void start(String settings) {
        node = TestDatabases.start(directory, "pinion.pool.slow-after = 60 s\n" + settings);
        database = node.database();
        database.publish();
        for (int first = 0; first < ROWS; first += ROWS / 3) {
            String values = IntStream.range(first, first + ROWS / 3)
                    .mapToObj(row -> "(" + (5_000 + row) + ",1)")
                    .collect(Collectors.joining(","));
            assertInstanceOf(
                    Database.Changed.class,
                    database.query(TestDatabases.OWNER, "INSERT INTO item (a, b) VALUES " + values));
        }
        CountDownLatch isHeld = new CountDownLatch(1);
        node.services().workers().keyed(LongQuery.class).execute(() -> {
            isHeld.countDown();
            await(reading);
        });
        await(isHeld);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        reading.countDown();
        node.close();
    }

    private final class Connection {
        private final TestProbe<Delivery> heard = node.kit().createTestProbe(Delivery.class);
        private final Caller caller = new Caller(TestDatabases.GUEST, new ConnectionId(++connections, 7));

        Connection(boolean countsTogether) {
            tell(new Client.Open(caller, "{}", true, countsTogether, heard.getRef()));
            hears(Opened.class);
        }

        void tell(Client.Request request) {
            database.ref().tell(new Command.ForClient(request));
        }

        void subscribe(int setId, SetKind kind, String query) {
            tell(new Client.Subscribe(caller, setId, setId, kind, List.of(query), heard.getRef()));
        }

        <T extends Delivery> T hears(Class<T> type) {
            return assertInstanceOf(type, heard.receiveMessage(TestDatabases.DEADLINE));
        }

        <T extends Delivery> T hearsLate(Class<T> type, Awaited place) {
            Late late = hears(Late.class);
            assertEquals(place.ticket(), late.ticket());
            return assertInstanceOf(type, late.answer());
        }

        void hearsNothing() {
            heard.expectNoMessage(Duration.ofMillis(100));
        }
    }

    private static int count(List<ResultRows> rows) {
        return rows.stream().mapToInt(each -> each.rows().count()).sum();
    }

    @Test
    void aLargeSetHasItsPlaceAndItsRowsComeLaterAsTheyWereThere() {
        start("");
        Connection connection = new Connection(false);

        connection.subscribe(1, SetKind.SET, ALL);
        database.call("add", "[7]");
        Awaited place = connection.hears(Awaited.class);
        Updated meanwhile = connection.hears(Updated.class);
        connection.subscribe(2, SetKind.SET, FEW);
        connection.hears(Applied.class);
        reading.countDown();

        Applied applied = connection.hearsLate(Applied.class, place);
        assertEquals(ROWS + ROWS_OF_INIT, count(applied.rows()));
        assertEquals(1, meanwhile.sets().getFirst().rows().getFirst().inserts().count());
        database.call("add", "[8]");
        connection.hears(Updated.class);
    }

    @Test
    void whatIsLostAndWhatIsAskedOnceComeLaterToo() {
        start("");
        Connection connection = new Connection(false);
        connection.subscribe(1, SetKind.SET, ALL);
        final Awaited first = connection.hears(Awaited.class);

        connection.tell(new Client.Unsubscribe(connection.caller, 2, 1, SetKind.SET, true, connection.heard.getRef()));
        final Awaited second = connection.hears(Awaited.class);
        connection.tell(new Client.Ask(connection.caller, 3, Bytes.EMPTY, ALL, connection.heard.getRef()));
        final Awaited third = connection.hears(Awaited.class);
        database.call("add", "[7]");
        connection.hearsNothing();
        reading.countDown();

        assertEquals(
                ROWS + ROWS_OF_INIT,
                count(connection.hearsLate(Applied.class, first).rows()));
        List<ResultRows> dropped = connection.hearsLate(Dropped.class, second).rows();
        assertEquals(ROWS + ROWS_OF_INIT, dropped == null ? 0 : count(dropped));
        assertEquals(
                ROWS + ROWS_OF_INIT,
                count(connection.hearsLate(Client.Result.class, third).rows()));
    }

    @Test
    void aSetWhoseRowsTakeTooMuchIsWithdrawnAndOthersStay() {
        start("pinion.limits.query-bytes-max = 64 KiB");
        Connection connection = new Connection(false);
        connection.subscribe(1, SetKind.SET, "SELECT * FROM item WHERE value = 1000");
        connection.subscribe(2, SetKind.SET, ALL);
        final Awaited small = connection.hears(Awaited.class);
        final Awaited large = connection.hears(Awaited.class);
        reading.countDown();

        connection.hearsLate(Applied.class, small);
        NotSubscribed refused = connection.hearsLate(NotSubscribed.class, large);
        assertEquals(2, refused.requestId());
        assertEquals(2, refused.setId());
        database.call("add", "[1000]");
        Updated updated = connection.hears(Updated.class);
        assertEquals(List.of(1), updated.sets().stream().map(set -> set.setId()).toList());
        connection.subscribe(2, SetKind.SET, FEW);
        connection.hears(Applied.class);
    }

    @Test
    void whereQueriesCountTogetherAllAreLostWithRowsThatCannotBeRead() {
        start("pinion.limits.query-bytes-max = 64 KiB");
        Connection connection = new Connection(true);
        connection.subscribe(1, SetKind.MULTI, FEW);
        connection.hears(Applied.class);
        connection.subscribe(2, SetKind.MULTI, ALL);
        final Awaited second = connection.hears(Awaited.class);
        connection.subscribe(3, SetKind.MULTI, "SELECT * FROM item WHERE value = 1");
        final Awaited third = connection.hears(Awaited.class);
        reading.countDown();

        NotSubscribed lost = connection.hearsLate(NotSubscribed.class, second);
        assertNull(lost.requestId());
        assertNull(lost.setId());
        connection.hearsLate(NotSubscribed.class, third);
        database.call("add", "[7]");
        connection.hearsNothing();
    }

    @Test
    void moreThanAreReadAtOnceWaitAndSoDoTheOtherRequestsOfTheirConnections() {
        start("");
        List<Connection> all = new ArrayList<>();
        List<Awaited> places = new ArrayList<>();
        for (int i = 0; i < AT_ONCE_MAX; i++) {
            Connection connection = new Connection(false);
            connection.subscribe(1, SetKind.SET, ALL);
            places.add(connection.hears(Awaited.class));
            all.add(connection);
        }
        Connection one = new Connection(false);
        one.subscribe(1, SetKind.SET, ALL);
        one.subscribe(2, SetKind.SET, FEW);
        Connection other = new Connection(false);
        other.subscribe(1, SetKind.SET, FEW);
        other.hears(Applied.class);
        one.hearsNothing();

        database.call("add", "[7]");
        other.hearsNothing();
        reading.countDown();

        for (int i = 0; i < all.size(); i++) {
            all.get(i).hears(Updated.class);
            assertEquals(
                    ROWS + ROWS_OF_INIT,
                    count(all.get(i).hearsLate(Applied.class, places.get(i)).rows()));
        }
        Awaited place = one.hears(Awaited.class);
        assertEquals(2, one.hears(Applied.class).setId());
        assertEquals(
                ROWS + ROWS_OF_INIT + 1,
                count(one.hearsLate(Applied.class, place).rows()));
    }

    @Test
    void aConnectionThatEndsMeanwhileLeavesNothing() {
        start("");
        Connection connection = new Connection(false);
        connection.subscribe(1, SetKind.SET, ALL);
        assertNotNull(connection.hears(Awaited.class));

        connection.heard.stop();
        database.awaitNumbers("SELECT COUNT(*) AS n FROM st_client", List.of(0L));
        reading.countDown();

        Connection next = new Connection(false);
        next.subscribe(1, SetKind.SET, ALL);
        assertTrue(
                count(next.hearsLate(Applied.class, next.hears(Awaited.class)).rows()) > ROWS);
    }
}
