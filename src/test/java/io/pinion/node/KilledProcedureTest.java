package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.testing.NodeProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Procedures that are called with a request id over HTTP do once what they do, also when their node is killed. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(300)
class KilledProcedureTest {
    private static final Path CONTRACT = Path.of("..", "examples", "contract-js", "contract.js");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private final AtomicInteger pings = new AtomicInteger();
    private final CountDownLatch isAsked = new CountDownLatch(1);
    private final CountDownLatch mayAnswer = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init") // set before each test
    private HttpServer server;

    /** Answers a first request when it may, and others at once. */
    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (pings.incrementAndGet() == 1) {
                isAsked.countDown();
                mayAnswer.await();
            }
            byte[] pong = "pong".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, pong.length);
            exchange.getResponseBody().write(pong);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stopServer() {
        mayAnswer.countDown();
        server.stop(0);
    }

    private List<String> settings() throws IOException {
        Path file = directory.resolve("node.conf");
        Files.writeString(file, """
                pinion.procedure.http { enabled = on, allow-addresses = ["127.0.0.0/8", "::1/128"] }
                """);
        return List.of("--config", file.toString());
    }

    private String fetch() {
        return "[\"http://localhost:" + server.getAddress().getPort() + "/\"]";
    }

    @Test
    void aRepeatedProcedureIsAnsweredAndOneThatWasUnderWayWhenTheNodeDiedIsUnknown() throws Exception {
        Path data = directory.resolve("data");
        RequestId under = RequestId.next();
        RequestId done = RequestId.next();
        String token;
        try (NodeProcess node = NodeProcess.start(data, settings())) {
            Bank contract = Bank.at(node.url(), "contract", "");
            token = contract.token();
            assertEquals(200, contract.publish(CONTRACT).statusCode());
            assertAnswer(200, "1", contract.call("two_transactions", "[\"one\"]", done.toString()));
            assertAnswer(200, "1", contract.call("two_transactions", "[\"one\"]", done.toString()));
            CompletableFuture<HttpResponse<String>> first = CompletableFuture.supplyAsync(() -> call(contract, under));
            assertTrue(isAsked.await(1, TimeUnit.MINUTES), "the procedure makes no request");
            node.kill();
            assertEquals(
                    "no answer",
                    first.handle((answer, failure) -> failure == null ? answer.body() : "no answer")
                            .join());
        }

        try (NodeProcess node = NodeProcess.start(data, settings())) {
            Bank contract = Bank.at(node.url(), "contract", token);
            HttpResponse<String> unknown = contract.call("fetch", fetch(), under.toString());
            assertEquals(500, unknown.statusCode(), unknown.body());
            assertTrue(unknown.body().contains("not known"), unknown.body());
            assertAnswer(200, "1", contract.call("two_transactions", "[\"one\"]", done.toString()));
            assertAnswer(200, "2", contract.call("two_transactions", "[\"two\"]"));
            assertEquals(1, pings.get(), "a procedure that was under way ran again");
            HttpResponse<String> another =
                    contract.call("fetch", fetch(), RequestId.next().toString());
            assertTrue(another.body().contains("pong"), another.body());
        }
    }

    private HttpResponse<String> call(Bank contract, RequestId id) {
        try {
            return contract.call("fetch", fetch(), id.toString());
        } catch (IOException e) {
            throw new IllegalStateException("the node is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void assertAnswer(int status, String body, HttpResponse<String> answer) {
        assertEquals(body, answer.body());
        assertEquals(status, answer.statusCode());
    }
}
