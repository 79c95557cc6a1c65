package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Client;
import io.pinion.actors.database.Database;
import io.pinion.modules.HostType;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The handshake of WebSockets, header by header. */
@Timeout(60)
class SubscribeRouteTest {
    private static final HttpFixture HTTP = HttpFixture.SHARED;
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    private static final List<String> UPGRADE = List.of(
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            KEY,
            "Sec-WebSocket-Protocol: v2.bsatn.spacetimedb");

    private final BlockingQueue<Client.Request> requests = new LinkedBlockingQueue<>();
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void host() {
        HTTP.host().reset();
        HTTP.host().has("chat", command -> {
            switch (command) {
                case Database.Command.Describe describe ->
                    describe.replyTo()
                            .tell(new Database.Description(
                                    new Identity(1, 0, 0, 0), HostType.WASM, Bytes.EMPTY, Bytes.EMPTY));
                case Database.Command.ForClient(Client.Request request) -> requests.add(request);
                default -> throw new AssertionError("not expected: " + command);
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static List<String> without(String header) {
        return UPGRADE.stream().filter(line -> !line.startsWith(header)).toList();
    }

    private static List<String> with(List<String> headers, String... more) {
        List<String> all = new ArrayList<>(headers);
        all.addAll(List.of(more));
        return all;
    }

    /**
     * The head of the answer: the status line, then its headers in lower case. The connection stays open, as one that ends
     * before its database is found is never opened there.
     */
    private String answer(String path, List<String> headers) throws IOException {
        Socket socket = new Socket(HTTP.base().getHost(), HTTP.base().getPort());
        sockets.add(socket);
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + HTTP.base().getAuthority() + "\r\n"
                + String.join("\r\n", headers) + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    private int status(String path, List<String> headers) throws IOException {
        return Integer.parseInt(answer(path, headers).split(" ", 3)[1]);
    }

    @Test
    void aWholeHandshakeSwitchesAndEchoesTheChosenProtocolAndWhoItIs() throws Exception {
        String head = answer(
                "/v1/database/chat/subscribe?compression=None&connection_id=00000000000000000000000000000007",
                with(
                        without("Sec-WebSocket-Protocol"),
                        "Sec-WebSocket-Protocol: v1.json.spacetimedb, v2.bsatn.spacetimedb",
                        "Sec-WebSocket-Protocol: v3.bsatn.spacetimedb"));

        assertTrue(head.startsWith("http/1.1 101 "), head);
        assertTrue(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), head);
        assertTrue(head.contains("sec-websocket-protocol: v3.bsatn.spacetimedb"), head);
        assertTrue(head.contains("spacetime-identity: ") && head.contains("spacetime-identity-token: "), head);
        Client.Open open = (Client.Open) requests.poll(30, TimeUnit.SECONDS);
        assertEquals(new ConnectionId(7, 0), open.caller().connectionId());
        assertTrue(open.confirmed());
    }

    @Test
    void versionOneIsUnconfirmedUnlessAskedFor() throws Exception {
        List<String> headers = with(without("Sec-WebSocket-Protocol"), "Sec-WebSocket-Protocol: v1.bsatn.spacetimedb");
        assertEquals(101, status("/v1/database/chat/subscribe", headers));
        assertEquals(false, ((Client.Open) requests.poll(30, TimeUnit.SECONDS)).confirmed());
        assertEquals(101, status("/v1/database/chat/subscribe?confirmed=true", headers));
        assertEquals(true, ((Client.Open) requests.poll(30, TimeUnit.SECONDS)).confirmed());
    }

    @Test
    void whatIsNoHandshakeIsRefusedByItsFault() throws Exception {
        String path = "/v1/database/chat/subscribe";
        assertEquals(426, status(path, List.of()));
        assertTrue(answer(path, List.of()).contains("upgrade: websocket"));
        assertEquals(400, status(path, with(without("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 12")));
        assertEquals(400, status(path, without("Sec-WebSocket-Key")));
        assertEquals(400, status(path, without("Sec-WebSocket-Protocol")));
        assertEquals(
                400,
                status(path, with(without("Sec-WebSocket-Protocol"), "Sec-WebSocket-Protocol: v9.bsatn.spacetimedb")));
        assertEquals(405, HTTP.post(path, "").send().status());
    }

    @Test
    void whatIsAskedForHasToBeWellFormed() throws Exception {
        String path = "/v1/database/chat/subscribe?";
        assertEquals(400, status(path + "compression=gzip", UPGRADE));
        assertEquals(400, status(path + "light=yes", UPGRADE));
        assertEquals(400, status(path + "confirmed=1", UPGRADE));
        assertEquals(400, status(path + "connection_id=7", UPGRADE));
        assertEquals(400, status(path + "connection_id=" + "0".repeat(32), UPGRADE));
        assertEquals(101, status(path + "unknown=1", UPGRADE));
    }

    @Test
    void credentialsComeFromTheHeaderOrTheQueryAndHaveToBeGood() throws Exception {
        String token = HTTP.tokens().mintIdentity().token();
        String shortLived = HTTP.tokens().mintShortLived(HTTP.tokens().mintIdentity());
        String path = "/v1/database/chat/subscribe";

        assertEquals(101, status(path, with(UPGRADE, "Authorization: Bearer " + token)));
        assertEquals(101, status(path + "?token=" + shortLived, UPGRADE));
        assertEquals(401, status(path + "?token=" + token + "x", UPGRADE));
        assertEquals(401, status(path, with(UPGRADE, "Authorization: Bearer a.b.c")));
    }

    @Test
    void anUnknownDatabaseIsNotFound() throws Exception {
        assertEquals(404, status("/v1/database/nobody/subscribe", UPGRADE));
        assertEquals(404, status("/v1/database/" + "c2".repeat(32) + "/subscribe", UPGRADE));
    }
}
