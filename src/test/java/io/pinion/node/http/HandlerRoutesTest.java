package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command.HandleHttp;
import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.store.value.Bytes;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandlerRoutesTest {
    private final HttpFixture http = HttpFixture.SHARED;
    private final AtomicReference<HandleHttp> received = new AtomicReference<>();

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    private void bankAnswers(Database.HttpOutcome outcome) {
        http.host().has("bank", command -> {
            HandleHttp request = (HandleHttp) command;
            received.set(request);
            request.replyTo().tell(outcome);
        });
    }

    private static HttpHeader header(String name, String value) {
        return new HttpHeader(name, Bytes.ofUtf8(value));
    }

    private static Database.Answered answered(int code, String body, HttpHeader... headers) {
        return new Database.Answered(
                new HttpResponse(HttpVersion.HTTP_1_1, code, List.of(headers), Bytes.ofUtf8(body)));
    }

    @Test
    void theModuleSeesTheRequestAsItCame() {
        bankAnswers(answered(200, ""));

        http.request("PATCH", "/v1/database/bank/route/a/b%20c?x=1&y", BodyPublishers.ofString("body"))
                .header("Authorization", "Bearer nonsense")
                .header("X-Own", "one")
                .header("X-Own", "two")
                .header("Content-Type", "text/csv")
                .send();

        var request = received.get().request();
        assertEquals("/a/b%20c", received.get().path());
        assertEquals("PATCH", request.method());
        assertEquals(http.base() + "/v1/database/bank/route/a/b%20c?x=1&y", request.uri());
        assertEquals(HttpVersion.HTTP_1_1, request.version());
        assertEquals("body", request.body().toUtf8());
        Map<String, List<String>> headers = request.headers().stream()
                .collect(Collectors.groupingBy(
                        HttpHeader::name, Collectors.mapping(one -> one.value().toUtf8(), Collectors.toList())));
        assertEquals(List.of("Bearer nonsense"), headers.get("authorization"));
        assertEquals(List.of("one", "two"), headers.get("x-own"));
        assertEquals(List.of("4"), headers.get("content-length"));
        List<String> types = headers.getOrDefault("content-type", List.of());
        assertTrue(types.size() == 1 && types.getFirst().startsWith("text/csv"), headers.toString());
        assertTrue(headers.containsKey("host"), headers.toString());
    }

    @Test
    void theExternalUriIsWhatProxiesSayItIs() {
        bankAnswers(answered(200, ""));

        http.get("/v1/database/bank/route")
                .header("X-Forwarded-Proto", "https, http")
                .header("X-Forwarded-Host", "bank.example.com, inner")
                .send();

        assertEquals("", received.get().path());
        assertEquals(
                "https://bank.example.com/v1/database/bank/route",
                received.get().request().uri());
        http.get("/v1/database/bank/route/").send();
        assertEquals("/", received.get().path());
    }

    @Test
    void theAnswerOfTheModuleIsTheAnswer() {
        bankAnswers(answered(
                299,
                "<p>",
                header("Content-Type", "text/html; charset=UTF-8"),
                header("set-cookie", "a=1"),
                header("set-cookie", "b=2")));

        HttpFixture.Answer answer = http.get("/v1/database/bank/route/x").send();

        assertEquals(299, answer.status());
        assertEquals("<p>", answer.body());
        assertEquals("text/html; charset=UTF-8", answer.header("content-type").orElseThrow());
        assertEquals(List.of("a=1", "b=2"), answer.response().headers().allValues("set-cookie"));
        assertFalse(answer.header("spacetime-identity").isPresent());
    }

    @Test
    void badEndsAreErrorsOfTheServer() {
        bankAnswers(new Database.NoSuchRoute());
        HttpFixture.Answer missing = http.get("/v1/database/bank/route/x").send();
        assertEquals(404, missing.status());
        assertTrue(missing.body().contains("no handler is registered"), missing.body());
        bankAnswers(new Database.Failed("it is torn", 1, 2));
        assertEquals(500, http.get("/v1/database/bank/route/x").send().status());
        bankAnswers(new Database.Stopped(Database.Limit.TIME_LIMIT, 1, 2));
        assertEquals(500, http.get("/v1/database/bank/route/x").send().status());
        bankAnswers(answered(42, ""));
        assertEquals(500, http.get("/v1/database/bank/route/x").send().status());
        bankAnswers(answered(200, "", header("a b", "c")));
        assertEquals(500, http.get("/v1/database/bank/route/x").send().status());
        bankAnswers(answered(200, "", header("a", "b\r\nc: d")));
        assertEquals(500, http.get("/v1/database/bank/route/x").send().status());
        assertEquals(404, http.get("/v1/database/nobody/route/x").send().status());
        assertEquals(404, http.get("/v1/database/bank/router").send().status());
    }

    @Test
    void aBodyBeyondTheLimitIsRefused() {
        bankAnswers(answered(200, ""));

        HttpFixture.Answer answer = http.post("/v1/database/bank/route/x", "x".repeat((2 << 20) + 1))
                .send();

        assertEquals(413, answer.status());
    }
}
