package io.pinion.modules.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.Instance.HttpCall;
import io.pinion.modules.Instance.HttpResult;
import io.pinion.store.schema.ModuleDef.HttpRouteDef;
import io.pinion.store.value.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole ABI: HTTP handlers too. */
abstract class HandlerContract extends SysContract {
    @Test
    void routesNameTheirHandlers() {
        assertEquals(
                Set.of(
                        new HttpRouteDef("echo", Optional.of("POST"), "/echo"),
                        new HttpRouteDef("echo", Optional.empty(), "/any"),
                        new HttpRouteDef("broken", Optional.of("GET"), "/broken")),
                module.definition().httpRoutes().stream().collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 70_000})
    void aHandlerSeesTheRequestAndAnswers(int bodyBytes) {
        fill("a", 1);
        Bytes body = Bytes.ofUtf8("x".repeat(bodyBytes));

        HttpResult result = handle("echo", request("PUT", body));

        HttpResponse response = assertInstanceOf(HttpResult.Answered.class, result, result::toString)
                .response();
        assertEquals(201, response.code());
        assertEquals("PUT", header(response, "x-method"));
        assertEquals("1", header(response, "x-count"));
        assertEquals(
                "http://example.com/any?a=b|in ✓|" + "x".repeat(bodyBytes),
                response.body().toUtf8());
    }

    private static String header(HttpResponse response, String name) {
        return response.headers().stream()
                .filter(header -> header.name().equals(name))
                .map(header -> header.value().toUtf8())
                .collect(Collectors.joining(","));
    }

    @Test
    void aHandlerThatFailsLosesItsInstance() {
        HttpResult result = handle("broken", request("GET", Bytes.EMPTY));

        GuestResult reason =
                assertInstanceOf(HttpResult.NotAnswered.class, result).result();
        assertInstanceOf(GuestResult.Failed.class, reason);
        assertFalse(instance.isUsable());
        assertInstanceOf(HttpResult.NotAnswered.class, handle("echo", request("GET", Bytes.EMPTY)));
    }

    private static HttpRequest request(String method, Bytes body) {
        HttpHeader header = new HttpHeader("X-In", Bytes.ofUtf8("in ✓"));
        return new HttpRequest(method, "http://example.com/any?a=b", HttpVersion.HTTP_1_1, List.of(header), null, body);
    }

    final HttpResult handle(String handler, HttpRequest request) {
        int id = module.definition().httpHandlers().stream()
                .filter(known -> known.name().equals(handler))
                .findFirst()
                .orElseThrow()
                .id();
        return instance.callHttpHandler(new HttpCall(id, handler, NOW_MICROS, request), procedures);
    }
}
