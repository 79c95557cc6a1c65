package io.pinion.node.http;

import io.pinion.node.auth.Credentials;
import io.pinion.node.http.Route.Access;
import io.pinion.node.ws.WebSocketFront;
import io.pinion.node.ws.WebSocketFront.Newcomer;
import io.pinion.node.ws.WebSocketFront.Wishes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** The handshake of WebSocket connections. */
final class SubscribeRoute {
    private static final String VERSION = "13";

    private final Databases databases;
    private final WebSocketFront front;

    SubscribeRoute(Databases databases, WebSocketFront front) {
        this.databases = databases;
        this.front = front;
    }

    List<Route> routes() {
        return List.of(Route.get("/v1/database/{db}/subscribe", Access.ANONYMOUS, this::subscribe));
    }

    private HttpResponse subscribe(Exchange exchange) {
        Wishes wishes = wishes(exchange.query());
        requireUpgrade(exchange);
        if (wishes.connectionId().filter(ConnectionId.NONE::equals).isPresent()) {
            throw HttpRefusal.of(400, "Invalid connection ID: zero stands for no connection");
        }
        Identity database = databases.resolve(exchange);
        List<String> subprotocols = subprotocols(exchange);
        if (!WebSocketFront.speaksOneOf(subprotocols)) {
            throw HttpRefusal.of(
                    400,
                    "Sec-WebSocket-Protocol names no protocol that is spoken here: " + String.join(", ", subprotocols));
        }
        databases.describe(database);
        Credentials credentials = exchange.credentials();
        Newcomer newcomer = new Newcomer(credentials.identity(), credentials.token(), credentials.claims());
        return front.open(exchange.request(), subprotocols, wishes, newcomer, database);
    }

    private static Wishes wishes(QueryString query) {
        Optional<Boolean> confirmed = query.text("confirmed").map(_ -> query.flag("confirmed", true));
        return new Wishes(
                query.word("compression", List.of("None", "Gzip", "Brotli")).orElse("Brotli"),
                query.flag("light", false),
                confirmed,
                query.text("connection_id").map(SubscribeRoute::connectionId));
    }

    private static ConnectionId connectionId(String text) {
        try {
            return ConnectionId.parse(text);
        } catch (IllegalArgumentException e) {
            throw QueryString.malformed("connection_id: " + e.getMessage());
        }
    }

    private static void requireUpgrade(Exchange exchange) {
        if (!exchange.header("Upgrade").orElse("").equalsIgnoreCase("websocket")) {
            throw new HttpRefusal(Answers.text(426, "this route is for WebSockets")
                    .addHeader(RawHeader.create("Connection", "upgrade"))
                    .addHeader(RawHeader.create("Upgrade", "websocket")));
        }
        if (!exchange.header("Sec-WebSocket-Version").orElse("").equals(VERSION)) {
            throw HttpRefusal.of(400, "Sec-WebSocket-Version has to be " + VERSION);
        }
        if (!WebSocketFront.isUpgrade(exchange.request())) {
            throw HttpRefusal.of(400, "Sec-WebSocket-Key is missing or no key");
        }
    }

    /** From one header or several. */
    private static List<String> subprotocols(Exchange exchange) {
        return StreamSupport.stream(exchange.request().getHeaders().spliterator(), false)
                .filter(header -> header.is("sec-websocket-protocol"))
                .map(HttpHeader::value)
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
