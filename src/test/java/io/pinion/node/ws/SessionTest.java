package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.typesafe.config.ConfigFactory;
import io.pinion.actors.database.Client;
import io.pinion.actors.database.Client.Position;
import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.sharding.typed.testkit.javadsl.TestEntityRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection follows its database as long as it is known what its client has been told, and is closed otherwise. */
class SessionTest {
    private static final Identity DATABASE = Identity.derive("localhost", "database");
    private static final Caller CALLER = new Caller(Identity.derive("localhost", "caller"), new ConnectionId(0, 7));
    private static final long EPOCH = 3;
    private static final Client.Moving UNSETTLED = new Client.Moving(-1);
    private static final Client.Reached ROWS_ARE_TO_FOLLOW = new Client.Reached(-1);

    private final ActorTestKit kit = ActorTestKit.create();
    private final TestProbe<Command> entity = kit.createTestProbe();
    private final TestProbe<Command> database = kit.createTestProbe();
    private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void followsADatabaseThatMovesFromWhereItsClientWasToldEverything() {
        ActorRef<? super Client.Delivery> client = open();

        client.tell(new Client.Reached(5));
        client.tell(UNSETTLED);

        assertEquals(new Position(EPOCH, 5), resumed());
    }

    @Test
    void closesIfTheDatabaseGoesWhileItsClientLacksRowsOfAView() throws InterruptedException {
        ActorRef<? super Client.Delivery> client = open();

        client.tell(ROWS_ARE_TO_FOLLOW);
        client.tell(UNSETTLED);

        assertEquals(CloseCodes.GOING_AWAY, closed());
    }

    @Test
    void closesIfTheDatabaseIsLostWhileItsClientLacksRowsOfAView() throws InterruptedException {
        open().tell(ROWS_ARE_TO_FOLLOW);

        database.stop();

        assertEquals(CloseCodes.GOING_AWAY, closed());
    }

    @Test
    void followsOnceTheRowsOfTheViewHaveFollowed() {
        ActorRef<? super Client.Delivery> client = open();

        client.tell(ROWS_ARE_TO_FOLLOW);
        client.tell(new Client.Reached(6));
        client.tell(UNSETTLED);

        assertEquals(new Position(EPOCH, 6), resumed());
    }

    @Test
    void followsADatabaseThatSaysHowFarItHasToldEverything() {
        ActorRef<? super Client.Delivery> client = open();

        client.tell(ROWS_ARE_TO_FOLLOW);
        client.tell(new Client.Moving(8));

        assertEquals(new Position(Position.DURABLE, 8), resumed());
    }

    /** A session whose client was greeted at offset 4, and where the database speaks to it. */
    private ActorRef<? super Client.Delivery> open() {
        kit.spawn(Session.create(
                connection(),
                TestEntityRef.of(EntityTypeKey.create(Command.class, "database"), DATABASE.toHex(), entity.getRef()),
                () -> false,
                WebSocketSettings.of(ConfigFactory.load()),
                new RecordedSocket()));
        Client.Open open = (Client.Open) located();
        ActorRef<? super Client.Delivery> client = open.client();
        client.tell(new Client.Opened(false, EPOCH, 4));
        return client;
    }

    private Position resumed() {
        return ((Client.Resume) located()).position();
    }

    /** What the database is asked once it has been found. */
    private Client.Request located() {
        entity.expectMessageClass(Command.Locate.class).replyTo().tell(new Database.Located(database.getRef()));
        return database.expectMessageClass(Command.ForClient.class).request();
    }

    private int closed() throws InterruptedException {
        Integer code = closed.poll(10, TimeUnit.SECONDS);
        assertNotNull(code, "the connection is not closed");
        return code;
    }

    private static Connection connection() {
        return new Connection(Protocol.V2, Compression.NONE, false, false, CALLER, "token", "{}");
    }

    private final class RecordedSocket implements Socket {
        @Override
        public void send(Bytes message) {}

        @Override
        public void close(int code, String reason) {
            closed.add(code);
        }

        @Override
        public void abort(String why) {}

        @Override
        public void taken(int bytes) {}
    }
}
