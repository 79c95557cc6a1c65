package io.pinion.actors.procedure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.ProcedureHost.HttpOutcome;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests to a server of this machine, under each rule. */
class EgressTest {
    private static final ActorTestKit KIT = ActorTestKit.create("egress");
    private static final int BODY_MAX = 100_000;

    private final List<String> seen = new ArrayList<>();
    private final Map<String, Integer> lookups = new ConcurrentHashMap<>();
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/echo", exchange -> answer(exchange, 200, text(exchange)));
        server.createContext("/large", exchange -> answer(exchange, 200, "x".repeat(BODY_MAX + 1)));
        server.createContext("/loop", exchange -> redirect(exchange, 302, "/loop"));
        server.createContext("/inside", exchange -> redirect(exchange, 302, "http://127.0.0.2:" + port() + "/echo"));
        server.createContext(
                "/elsewhere", exchange -> redirect(exchange, 307, "http://other.test:" + port() + "/echo"));
        server.createContext("/see-other", exchange -> redirect(exchange, 303, "/echo"));
        server.createContext("/file", exchange -> redirect(exchange, 302, "file:///etc/passwd"));
        server.createContext("/slow", exchange -> {
            try {
                assertTrue(letGo.await(1, TimeUnit.MINUTES));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            answer(exchange, 200, "late");
        });
        server.createContext("/missing", exchange -> answer(exchange, 404, "nothing here"));
        server.start();
    }

    @AfterEach
    void stop() {
        letGo.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @AfterAll
    static void end() {
        KIT.shutdownTestKit();
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private String text(HttpExchange exchange) throws IOException {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " auth="
                + exchange.getRequestHeaders().getFirst("Authorization") + " type="
                + exchange.getRequestHeaders().getFirst("Content-Type") + " host="
                + exchange.getRequestHeaders().getFirst("Host") + " body="
                + new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        synchronized (seen) {
            seen.add(line);
        }
        return line;
    }

    private static void answer(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().add("X-Twice", "one");
        exchange.getResponseHeaders().add("X-Twice", "two");
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static void redirect(HttpExchange exchange, int code, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(code, -1);
        exchange.close();
    }

    private EgressSettings settings(List<String> allowed) {
        return new EgressSettings(
                true,
                HostRule.of(List.of("*")),
                AddressRule.of(allowed),
                2,
                5,
                BODY_MAX,
                BODY_MAX,
                Duration.ofSeconds(20),
                Duration.ofSeconds(30));
    }

    private Egress egress(EgressSettings settings) {
        return new Egress(settings, new Exchanges(KIT.system(), settings.responseBytesMax()), host -> {
            boolean isFirst = lookups.merge(host, 1, Integer::sum) == 1;
            // A name server that answers with another address when it is asked again.
            String address = host.endsWith(".test") ? (isFirst ? "127.0.0.1" : "127.0.0.2") : host;
            return List.of(InetAddress.getByName(address));
        });
    }

    private Egress egress() {
        return egress(settings(List.of("127.0.0.1/32")));
    }

    private HttpRequest request(String method, String path, @Nullable Duration timeout, String body) {
        return new HttpRequest(
                method,
                path.startsWith("http") ? path : "http://127.0.0.1:" + port() + path,
                HttpVersion.HTTP_1_1,
                List.of(
                        new HttpHeader("Authorization", Bytes.ofUtf8("secret")),
                        new HttpHeader("Content-Type", Bytes.ofUtf8("text/plain; charset=UTF-8"))),
                timeout,
                Bytes.ofUtf8(body));
    }

    private HttpResponse received(Egress egress, HttpRequest request) throws InterruptedException {
        return assertInstanceOf(HttpOutcome.Received.class, egress.send(request))
                .response();
    }

    private String refused(Egress egress, HttpRequest request) throws InterruptedException {
        return assertInstanceOf(HttpOutcome.NotReceived.class, egress.send(request))
                .text();
    }

    @Test
    void aRequestIsSentAndItsResponseReadWhole() throws InterruptedException {
        HttpResponse response = received(egress(), request("POST", "/echo?a=b", null, "hello"));

        assertEquals(200, response.code());
        assertEquals(
                "POST /echo?a=b auth=secret type=text/plain; charset=UTF-8 host=127.0.0.1:" + port() + " body=hello",
                response.body().toUtf8());
        assertEquals(
                List.of("one", "two"),
                response.headers().stream()
                        .filter(header -> header.name().equals("x-twice"))
                        .map(header -> header.value().toUtf8())
                        .toList());
        assertEquals(
                404, received(egress(), request("GET", "/missing", null, "")).code());
    }

    @Test
    void anAddressThatIsNotAllowedIsNeverConnectedTo() throws InterruptedException {
        Egress closed = egress(settings(List.of()));

        for (String host : List.of("127.0.0.1", "[::1]", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]")) {
            String text = refused(closed, request("GET", "http://" + host + ":" + port() + "/echo", null, ""));
            assertTrue(
                    text.contains("private or special-purpose addresses")
                            || text.contains("names no host")
                            || text.contains("is not known"),
                    text);
        }
        assertEquals(List.of(), seen);
    }

    @Test
    void aNameIsLookedUpOnceAndTheAddressThatWasCheckedIsTheOneConnectedTo() throws InterruptedException {
        HttpResponse response =
                received(egress(), request("GET", "http://rebinding.test:" + port() + "/echo", null, ""));

        assertTrue(
                response.body().toUtf8().contains("host=rebinding.test:" + port()),
                response.body().toUtf8());
        assertEquals(Map.of("rebinding.test", 1), lookups);
    }

    @Test
    void aRedirectIsCheckedAsARequestOfItsOwn() throws InterruptedException {
        String text = refused(egress(), request("GET", "/inside", null, ""));

        assertTrue(text.contains("private or special-purpose addresses"), text);
        assertEquals(List.of(), seen);
        text = refused(egress(), request("GET", "/file", null, ""));
        assertTrue(text.contains("http and https"), text);
        text = refused(egress(), request("GET", "/loop", null, ""));
        assertEquals("it was redirected more than 5 times", text);
    }

    @Test
    void credentialsStayWithTheirOriginAndASeeOtherIsAGet() throws InterruptedException {
        received(egress(), request("POST", "/elsewhere", null, "again"));
        received(egress(), request("POST", "/see-other", null, "not again"));

        assertTrue(seen.get(0).startsWith("POST /echo auth=null type=text/plain"), seen.get(0));
        assertTrue(seen.get(0).endsWith("body=again"), seen.get(0));
        assertTrue(seen.get(1).startsWith("GET /echo auth=secret type=null"), seen.get(1));
        assertTrue(seen.get(1).endsWith("body="), seen.get(1));
    }

    @Test
    void sizesAndTimesHaveBounds() throws InterruptedException {
        String large = refused(egress(), request("GET", "/large", null, ""));
        assertTrue(large.contains("response-bytes-max"), large);
        String sent = refused(egress(), request("POST", "/echo", null, "x".repeat(BODY_MAX + 1)));
        assertTrue(sent.contains("request-bytes-max"), sent);
        assertEquals(
                "the request timed out after 200 ms",
                refused(egress(), request("GET", "/slow", Duration.ofMillis(200), "")));
        assertEquals("the request timed out after 0 ms", refused(egress(), request("GET", "/echo", Duration.ZERO, "")));
        assertEquals(List.of(), seen);
    }

    @Test
    void onlySoManyAreMadeAtOnce() throws InterruptedException {
        Egress egress = egress();
        CountDownLatch ended = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            threads.execute(() -> {
                try {
                    received(egress, request("GET", "/slow", null, ""));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                ended.countDown();
            });
        }

        HttpRequest third = request("GET", "/echo", Duration.ofMillis(300), "");
        String text = "";
        for (int tries = 0; tries < 100 && !text.contains("2 requests at a time"); tries++) {
            HttpOutcome outcome = egress.send(third);
            text = outcome instanceof HttpOutcome.NotReceived(String refusal) ? refusal : "";
        }

        assertTrue(text.contains("2 requests at a time"), text);
        letGo.countDown();
        assertTrue(ended.await(1, TimeUnit.MINUTES));
        assertEquals(200, received(egress, request("GET", "/echo", null, "")).code());
    }

    @Test
    void anInterruptEndsTheWait() throws InterruptedException {
        Egress egress = egress();
        CountDownLatch ended = new CountDownLatch(1);
        Thread waiting = Thread.ofPlatform().start(() -> {
            assertThrows(InterruptedException.class, () -> egress.send(request("GET", "/slow", null, "")));
            ended.countDown();
        });

        while (ended.getCount() > 0) {
            waiting.interrupt();
            assertFalse(ended.await(1, TimeUnit.MILLISECONDS) && ended.getCount() > 0);
        }
        waiting.join();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://127.0.0.1/secret",
                "no secret",
                "/secret",
                "http:///secret",
                "http://127.0.0.1:0/secret",
                "http://127.0.0.1:70000/secret",
                "mailto:a@secret"
            })
    void whatIsNoAddressOfAServerIsRefusedWithoutItsText(String uri) throws InterruptedException {
        String text =
                refused(egress(), new HttpRequest("GET", uri, HttpVersion.HTTP_1_1, List.of(), null, Bytes.EMPTY));

        assertFalse(text.contains("secret"), text);
    }

    @Test
    void methodsAndHeadersThatCannotBeSentAreRefusedWithoutTheirValues() throws InterruptedException {
        for (HttpHeader bad : List.of(
                new HttpHeader("a b", Bytes.ofUtf8("secret")),
                new HttpHeader("a", Bytes.ofUtf8("secret\r\nb: c")),
                new HttpHeader("Host", Bytes.ofUtf8("secret")),
                new HttpHeader("Transfer-Encoding", Bytes.ofUtf8("secret")),
                new HttpHeader("Content-Type", Bytes.ofUtf8("secret")))) {
            String text = refused(
                    egress(),
                    new HttpRequest(
                            "GET",
                            "http://127.0.0.1:" + port() + "/echo",
                            HttpVersion.HTTP_1_1,
                            List.of(bad),
                            null,
                            Bytes.EMPTY));
            assertFalse(text.contains("secret"), text);
        }
        assertTrue(refused(egress(), request("CONNECT", "/echo", null, "")).contains("method"));
        assertTrue(refused(egress(), request("GE T", "/echo", null, "")).contains("method"));
        assertEquals(200, received(egress(), request("BREW", "/echo", null, "")).code());
    }

    @Test
    void aServerThatIsNotThereIsAnError() throws InterruptedException {
        int gone = port();
        server.stop(0);

        String text = refused(egress(), request("GET", "http://127.0.0.1:" + gone + "/?secret", null, ""));

        assertTrue(text.startsWith("the request to http://127.0.0.1:" + gone + " failed: "), text);
        assertFalse(text.contains("secret"), text);
    }

    @Test
    void hostsHaveToBeAllowedAndRequestsSwitchedOn() throws InterruptedException {
        EgressSettings open = settings(List.of("127.0.0.1/32"));
        EgressSettings narrow = new EgressSettings(
                false,
                HostRule.of(List.of("api.test")),
                open.addresses(),
                1,
                1,
                BODY_MAX,
                BODY_MAX,
                open.timeout(),
                open.timeoutMax());

        assertTrue(refused(egress(narrow), request("GET", "/echo", null, "")).contains("allow-hosts"));
        assertEquals(
                200,
                received(egress(narrow), request("GET", "http://api.test:" + port() + "/echo", null, ""))
                        .code());
        assertTrue(String.valueOf(egress(narrow).refusal()).contains("pinion.procedure.http.enabled"));
        assertNull(egress().refusal());
    }
}
