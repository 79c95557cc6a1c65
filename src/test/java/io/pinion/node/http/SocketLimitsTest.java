package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.modules.HostType;
import io.pinion.node.http.RawSocket.Frame;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a socket does with clients that are silent, slow, large or wrong. */
@Timeout(90)
class SocketLimitsTest {
    private static final Identity OWNER = new Identity(1, 0, 0, 0);
    private static final byte[] SUBSCRIBE = "{\"Subscribe\":{\"query_strings\":[\"SELECT * FROM a\"],\"request_id\":7}}"
            .getBytes(StandardCharsets.UTF_8);

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static HttpFixture http;

    private final BlockingQueue<Client.Request> requests = new LinkedBlockingQueue<>();
    private volatile boolean answersOpen = true;

    @BeforeAll
    static void start() {
        http = new HttpFixture("""
                pinion.websocket {
                  ping-interval = 100 ms
                  idle-timeout = 3 s
                  close-handshake-timeout = 200 ms
                  message-max = 64 KiB
                  incoming-queue-length = 10
                  incoming-bytes-max = 100 KiB
                  requests-in-flight-max = 3
                  outgoing-queue-length = 100
                  outgoing-bytes-max = 1 MiB
                }
                """);
    }

    @AfterAll
    static void stop() {
        http.close();
    }

    @BeforeEach
    void host() {
        http.host().reset();
        http.host().has("chat", command -> {
            switch (command) {
                case Database.Command.Describe describe ->
                    describe.replyTo().tell(new Database.Description(OWNER, HostType.WASM, Bytes.EMPTY, Bytes.EMPTY));
                case Database.Command.ForClient(Client.Request request) -> {
                    requests.add(request);
                    if (request instanceof Client.Open open && answersOpen) {
                        open.client().tell(new Client.Opened(true, 1, 1));
                    }
                }
                default -> throw new AssertionError("not expected: " + command);
            }
        });
    }

    private static RawSocket connect() throws IOException {
        return new RawSocket(http.base(), "/v1/database/chat/subscribe", "v1.json.spacetimedb");
    }

    private RawSocket open() throws IOException {
        RawSocket socket = connect();
        assertEquals(RawSocket.TEXT, socket.nextButPings().opcode);
        return socket;
    }

    private <T extends Client.Request> T request(Class<T> type) throws InterruptedException {
        Client.Request request = requests.poll(30, TimeUnit.SECONDS);
        while (request != null && !type.isInstance(request)) {
            request = requests.poll(30, TimeUnit.SECONDS);
        }
        return type.cast(Objects.requireNonNull(request, "no " + type.getSimpleName() + " came"));
    }

    @Test
    void aClientIsPingedAndDroppedWithoutACloseFrameWhenItSaysNothing() throws Exception {
        try (RawSocket socket = connect()) {
            boolean isPinged = false;
            try {
                while (true) {
                    Frame frame = socket.next();
                    isPinged |= frame.opcode == RawSocket.PING;
                    assertFalse(frame.opcode == RawSocket.CLOSE);
                }
            } catch (EOFException _) {
                assertTrue(isPinged);
            }
        }
    }

    @Test
    void aClientThatAnswersPingsStays() throws Exception {
        try (RawSocket socket = connect()) { // not open(), which leaves pings unanswered
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            int pings = 0;
            while (System.nanoTime() < end) {
                if (socket.next().opcode == RawSocket.PING) {
                    pings++;
                    socket.send(RawSocket.PONG, new byte[0]);
                }
            }
            assertTrue(pings > 5, pings + " pings");
        }
    }

    @Test
    void theClientsPingsAndItsCloseAreAnswered() throws Exception {
        try (RawSocket socket = open()) {
            socket.send(RawSocket.PING, new byte[] {5, 6});
            Frame pong = socket.nextButPings();
            assertEquals(RawSocket.PONG, pong.opcode);
            assertArrayEquals(new byte[] {5, 6}, pong.payload);

            socket.send(RawSocket.CLOSE, new byte[] {3, (byte) 0xe8, 'b', 'y', 'e'});
            Frame close = socket.nextButPings();
            assertEquals(RawSocket.CLOSE, close.opcode);
            assertEquals(1000, close.closeCode());
            assertThrows(EOFException.class, socket::next);
        }
    }

    @Test
    void aMessageMayComeInPartsWithControlFramesBetween() throws Exception {
        try (RawSocket socket = open()) {
            socket.sendPart(RawSocket.TEXT, Arrays.copyOf(SUBSCRIBE, 10));
            socket.send(RawSocket.PING, new byte[] {1});
            socket.sendPart(RawSocket.CONTINUATION, Arrays.copyOfRange(SUBSCRIBE, 10, 11));
            socket.send(RawSocket.CONTINUATION, Arrays.copyOfRange(SUBSCRIBE, 11, SUBSCRIBE.length));

            assertEquals(
                    List.of("SELECT * FROM a"), request(Client.Subscribe.class).queries());
        }
    }

    @Test
    void framesThatBreakTheProtocolCloseTheConnection() throws Exception {
        try (RawSocket unmasked = open();
                RawSocket continuation = open();
                RawSocket interrupted = open()) {
            unmasked.sendUnmasked(RawSocket.TEXT, SUBSCRIBE);
            continuation.send(RawSocket.CONTINUATION, SUBSCRIBE);
            interrupted.sendPart(RawSocket.TEXT, SUBSCRIBE);
            interrupted.send(RawSocket.TEXT, SUBSCRIBE);

            for (RawSocket socket : List.of(unmasked, continuation, interrupted)) {
                Frame close = socket.nextButPings();
                assertEquals(RawSocket.CLOSE, close.opcode);
                assertEquals(1002, close.closeCode());
                assertFalse(close.closeReason().isBlank());
                assertThrows(EOFException.class, socket::next);
            }
        }
    }

    @Test
    void aMessageThatIsTooLargeDropsTheConnection() throws Exception {
        try (RawSocket whole = open();
                RawSocket inParts = open()) {
            whole.send(RawSocket.TEXT, new byte[(64 << 10) + 1]);
            inParts.sendPart(RawSocket.TEXT, new byte[60 << 10]);
            inParts.sendPart(RawSocket.CONTINUATION, new byte[5 << 10]);

            assertThrows(EOFException.class, whole::nextButPings);
            assertThrows(EOFException.class, inParts::nextButPings);
        }
    }

    @Test
    void aClientThatSendsMoreThanMayWaitIsClosed() throws Exception {
        answersOpen = false;
        try (RawSocket socket = connect()) {
            for (int message = 0; message < 11; message++) {
                socket.send(RawSocket.TEXT, SUBSCRIBE);
            }

            Frame close = socket.nextButPings();
            assertEquals(RawSocket.CLOSE, close.opcode);
            assertEquals(1013, close.closeCode());
            assertEquals("too many requests", close.closeReason());
        }
    }

    @Test
    void aClientIsNotReadFromAsLongAsTooMuchOfItWaitsAndNotTakenForSilentMeanwhile() throws Exception {
        answersOpen = false;
        try (RawSocket socket = connect()) {
            String query = "x".repeat(60_000);
            byte[] large = ("{\"Subscribe\":{\"query_strings\":[\"" + query + "\"],\"request_id\":7}}")
                    .getBytes(StandardCharsets.UTF_8);
            for (int message = 0; message < 4; message++) {
                socket.send(RawSocket.TEXT, large);
            }
            Client.Open open = request(Client.Open.class);
            assertNull(requests.poll(3, TimeUnit.SECONDS)); // longer than a silent client has

            open.client().tell(new Client.Opened(true, 1, 1));

            for (int message = 0; message < 3; message++) {
                assertEquals(List.of(query), request(Client.Subscribe.class).queries());
            }
        }
    }

    @Test
    void requestsThatCameBeforeTheConnectionWasOpenAreMadeInOrderAfterwards() throws Exception {
        answersOpen = false;
        try (RawSocket socket = connect()) {
            socket.send(RawSocket.TEXT, SUBSCRIBE);
            Client.Open open = request(Client.Open.class);
            assertTrue(requests.isEmpty());

            open.client().tell(new Client.Opened(true, 1, 1));

            assertEquals(RawSocket.TEXT, socket.nextButPings().opcode);
            assertEquals(
                    List.of("SELECT * FROM a"), request(Client.Subscribe.class).queries());
        }
    }

    @Test
    void theDatabaseHasSoManyRequestsOfAClientAtATime() throws Exception {
        try (RawSocket socket = open()) {
            for (int message = 0; message < 5; message++) {
                socket.send(RawSocket.TEXT, SUBSCRIBE);
            }
            Client.Subscribe first = request(Client.Subscribe.class);
            request(Client.Subscribe.class);
            request(Client.Subscribe.class);
            assertNull(requests.poll(300, TimeUnit.MILLISECONDS));

            first.client().tell(new Client.NotSubscribed(7, 0, "no"));

            request(Client.Subscribe.class);
            assertNull(requests.poll(300, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void aClientThatDoesNotReadIsDroppedWhenTooMuchWaitsForIt() throws Exception {
        try (RawSocket socket = open()) {
            Client.Open open = request(Client.Open.class);
            // The buffers of two sockets hold a few MB; two thousand such messages are 200.
            for (int sent = 0; sent < 2_000; sent++) {
                open.client().tell(new Client.NotSubscribed(null, 1, "x".repeat(100_000)));
            }

            assertThrows(EOFException.class, () -> {
                while (true) {
                    assertFalse(socket.next().opcode == RawSocket.CLOSE);
                }
            });
        }
    }

    @Test
    void aClientForWhichTooMuchWaitsBehindRowsThatAreStillReadIsDropped() throws Exception {
        try (RawSocket socket = open()) {
            socket.send(RawSocket.TEXT, SUBSCRIBE);
            Client.Subscribe subscribe = request(Client.Subscribe.class);
            ActorRef<? super Client.Delivery> client = subscribe.client();
            client.tell(new Client.Awaited(1, subscribe.requestId()));
            for (int sent = 0; sent < 100; sent++) {
                client.tell(new Client.NotSubscribed(null, 1, "no"));
            }

            assertThrows(EOFException.class, socket::nextButPings);
        }
    }

    @Test
    void theEndOfTheDatabaseClosesTheConnection() throws Exception {
        try (RawSocket socket = open()) {
            request(Client.Open.class).client().tell(new Client.Ended("deleted"));

            Frame close = socket.nextButPings();
            assertEquals(1001, close.closeCode());
            assertEquals("module exited", close.closeReason());
            assertThrows(EOFException.class, socket::next);
        }
    }

    @Test
    void aRefusedConnectionEndsWithoutAWord() throws Exception {
        answersOpen = false;
        try (RawSocket socket = connect()) {
            request(Client.Open.class).client().tell(new Client.Refused("not you"));

            assertThrows(EOFException.class, socket::nextButPings);
        }
    }
}
