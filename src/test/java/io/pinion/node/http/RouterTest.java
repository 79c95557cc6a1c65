package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouterTest {
    private final HttpFixture http = HttpFixture.SHARED;

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    @Test
    void anUnknownPathIsAnEmpty404() {
        for (String path :
                new String[] {"/", "/v1", "/v1/ping/", "/v1/database/bank/", "/v1/nothing", "/v1/identity/"}) {
            HttpFixture.Answer answer = http.get(path).send();
            assertEquals(404, answer.status(), path);
            assertEquals("", answer.body(), path);
        }
    }

    @Test
    void aKnownPathWithAnotherMethodIsAnEmpty405ThatSaysWhichMethodsThereAre() {
        HttpFixture.Answer answer = http.request("PATCH", "/v1/database/bank").send();

        assertEquals(405, answer.status());
        assertEquals("", answer.body());
        assertEquals(Optional.of("GET,HEAD,DELETE,PUT"), answer.header("Allow"));
    }

    @Test
    void headIsGetWithoutABody() {
        HttpFixture.Answer answer = http.request("HEAD", "/v1/health").send();

        assertEquals(200, answer.status());
        assertEquals("", answer.body());
        assertEquals(Optional.of("application/json"), answer.header("content-type"));
    }

    @Test
    void everyAnswerMayBeReadByEveryOrigin() {
        for (String path : new String[] {"/v1/ping", "/v1/nothing", "/v1/database/A"}) {
            HttpFixture.Answer answer = http.get(path).send();
            assertEquals(Optional.of("*"), answer.header("access-control-allow-origin"), path);
            assertEquals(
                    Optional.of("origin, access-control-request-method, access-control-request-headers"),
                    answer.header("vary"),
                    path);
        }
    }

    @Test
    void optionsIsAnsweredByTheCorsLayer() {
        HttpFixture.Answer answer =
                http.request("OPTIONS", "/v1/database/bank/call/f").send();

        assertEquals(200, answer.status());
        assertEquals("", answer.body());
        assertEquals(Optional.of("*"), answer.header("access-control-allow-methods"));
        assertEquals(Optional.of("authorization,accept,content-type"), answer.header("access-control-allow-headers"));
    }

    @Test
    void healthIsTrueAndNamesTheVersion() {
        assertEquals(
                "{\"nodes\":[0],\"package_name\":\"pinion\",\"schedulable\":true,\"version\":\"1.2.3\"}",
                http.get("/v1/health").send().body());
    }

    @Test
    void aDefectIs500WithItsChainOfCausesAndTheNextRequestIsServed() {
        http.host().breaksResolving(new IllegalStateException("outer", new IllegalArgumentException("inner")));

        HttpFixture.Answer answer = http.get("/v1/database/bank/identity").send();

        assertEquals(500, answer.status());
        assertTrue(answer.body().contains("outer") && answer.body().contains("inner"), answer.body());
        http.host().reset();
        assertEquals(200, http.get("/v1/ping").send().status());
    }

    @Test
    void aHostThatDoesNotAnswerInTimeIs504() {
        http.host().breaksResolving(new java.util.concurrent.TimeoutException("no answer"));

        assertEquals(504, http.get("/v1/database/bank/identity").send().status());
    }
}
