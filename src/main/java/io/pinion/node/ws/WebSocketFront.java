package io.pinion.node.ws;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.http.impl.engine.ws.FrameEvent;
import org.apache.pekko.http.impl.engine.ws.UpgradeToWebSocketLowLevel;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.Flow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes WebSocket connections of HTTP requests. Threadsafe. */
public final class WebSocketFront {
    private static final Logger log = LoggerFactory.getLogger(WebSocketFront.class);

    private final ActorSystem<?> system;
    private final PinionHost host;
    private final WebSocketSettings settings;
    private final boolean isBrotliAvailable;
    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    /** @throws com.typesafe.config.ConfigException if a setting is missing or out of its range; it names the key */
    public WebSocketFront(ActorSystem<?> system, PinionHost host) {
        this.system = system;
        this.host = host;
        this.settings = WebSocketSettings.of(system.settings().config());
        this.isBrotliAvailable = Compression.isBrotliAvailable();
        if (!isBrotliAvailable) {
            log.info("Brotli has no native code for this machine: WebSocket clients get their rows uncompressed");
        }
    }

    /**
     * What a client asks for in the query of its request.
     *
     * @param compression the word that the client used
     * @param confirmed empty for what its protocol takes it for
     * @param connectionId that it wants
     */
    public record Wishes(
            String compression, boolean light, Optional<Boolean> confirmed, Optional<ConnectionId> connectionId) {}

    /** Who connects. */
    public record Newcomer(Identity identity, String token, String claims) {
        /** Without the token, which is a secret. */
        @Override
        public String toString() {
            return "Newcomer[" + identity + "]";
        }
    }

    /** Connections that are open now. */
    public long openCount() {
        return opened.get() - ended.get();
    }

    /** Whether the client offers a protocol that is spoken here. */
    public static boolean speaksOneOf(Collection<String> subprotocols) {
        return Protocol.choose(subprotocols).isPresent();
    }

    /** Whether the request can become a WebSocket. */
    public static boolean isUpgrade(HttpRequest request) {
        return upgrade(request).isPresent();
    }

    private static Optional<UpgradeToWebSocketLowLevel> upgrade(HttpRequest request) {
        for (var header : request.getHeaders()) {
            if (header instanceof UpgradeToWebSocketLowLevel upgrade) {
                return Optional.of(upgrade);
            }
        }
        return Optional.empty();
    }

    /**
     * The answer that turns the request into a connection.
     *
     * @throws IllegalArgumentException if it is no upgrade, or offers no protocol that is spoken here
     */
    public HttpResponse open(
            HttpRequest request, Collection<String> subprotocols, Wishes wishes, Newcomer newcomer, Identity database) {
        Protocol protocol = Protocol.choose(subprotocols)
                .orElseThrow(() -> new IllegalArgumentException("no subprotocol of " + subprotocols + " is known"));
        UpgradeToWebSocketLowLevel upgrade =
                upgrade(request).orElseThrow(() -> new IllegalArgumentException("the request is no upgrade"));
        Connection connection = new Connection(
                protocol,
                compression(wishes.compression()),
                wishes.light(),
                wishes.confirmed().orElse(!protocol.isV1()),
                new Database.Caller(newcomer.identity(), wishes.connectionId().orElseGet(ConnectionId::random)),
                newcomer.token(),
                newcomer.claims());
        SocketStage stage = new SocketStage(
                settings, protocol, connection.compression(), socket -> start(connection, database, socket));
        Flow<FrameEvent, FrameEvent, Object> frames = Flow.fromGraph(stage).mapMaterializedValue(none -> none);
        // The upgrade itself knows the first of several headers only.
        HttpResponse response = upgrade.handleFrames(frames, scala.Option.empty());
        return response.addHeader(RawHeader.create("Sec-WebSocket-Protocol", protocol.subprotocol()));
    }

    private Compression compression(String word) {
        return switch (word) {
            case "Gzip" -> settings.compressesGzip() ? Compression.GZIP : Compression.NONE;
            case "Brotli" -> isBrotliAvailable ? Compression.BROTLI : Compression.NONE;
            default -> Compression.NONE;
        };
    }

    private Socket.Receiver start(Connection connection, Identity database, Socket socket) {
        ActorRef<Session.Note> session = system.systemActorOf(
                Session.create(connection, host.database(database), host::areHostsSeveral, settings, socket),
                "websocket-" + opened.incrementAndGet(),
                Props.empty());
        return new Socket.Receiver() {
            @Override
            public void message(byte[] payload, boolean isText) {
                session.tell(new Session.Note.Received(Bytes.wrap(payload), isText));
            }

            @Override
            public void gone() {
                ended.incrementAndGet();
                session.tell(Session.Note.SocketGone.INSTANCE);
            }
        };
    }
}
