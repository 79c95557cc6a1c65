package io.pinion.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.auth.Credentials;
import io.pinion.store.value.Identity;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdentityRoutesTest {
    private final HttpFixture http = HttpFixture.SHARED;

    @BeforeEach
    void reset() {
        http.host().reset();
    }

    @Test
    void postMakesAnIdentityWithATokenThatTheNodeAccepts() {
        HttpFixture.Answer minted = http.request("POST", "/v1/identity").send();

        assertEquals(200, minted.status());
        assertEquals(Optional.of("application/json"), minted.header("content-type"));
        JsonNode body = minted.json();
        assertEquals(2, body.size());
        HttpFixture.Answer verified = http.get(
                        "/v1/identity/" + body.get("identity").asText() + "/verify")
                .header("Authorization", "Bearer " + body.get("token").asText())
                .send();
        assertEquals(204, verified.status());
    }

    @Test
    void thePublicKeyIsTheFileByteForByte() {
        HttpFixture.Answer answer = http.get("/v1/identity/public-key").send();

        assertEquals(200, answer.status());
        assertEquals(Optional.of("application/pem-certificate-chain"), answer.header("content-type"));
        assertEquals(http.tokens().publicPem(), answer.body());
    }

    @Test
    void aWebSocketTokenNeedsATokenAndStandsForTheSameIdentity() {
        Credentials ann = http.tokens().mintIdentity();

        HttpFixture.Answer answer =
                http.request("POST", "/v1/identity/websocket-token").as(ann).send();

        assertEquals(200, answer.status());
        HttpFixture.Answer verified = http.get("/v1/identity/" + ann.identity() + "/verify")
                .header("Authorization", "Bearer " + answer.json().get("token").asText())
                .send();
        assertEquals(204, verified.status());
        assertEquals(
                401, http.request("POST", "/v1/identity/websocket-token").send().status());
    }

    @Test
    void verifyIsAnEmpty400ForSomebodyElse() {
        Credentials ann = http.tokens().mintIdentity();

        HttpFixture.Answer answer = http.get("/v1/identity/" + Identity.derive("a", "b") + "/verify")
                .as(ann)
                .send();

        assertEquals(400, answer.status());
        assertEquals("", answer.body());
        assertEquals(
                401,
                http.get("/v1/identity/" + ann.identity() + "/verify").send().status());
    }

    @Test
    void theDatabasesOfAnOwnerAreListedInPlainHex() {
        Identity owner = Identity.derive("a", "owner");
        Identity database = Identity.derive("a", "database");
        http.host().owns(owner, database);

        assertEquals(
                "{\"identities\":[\"" + database.toHex() + "\"]}",
                http.get("/v1/identity/" + owner + "/databases").send().body());
        assertEquals(
                "{\"identities\":[]}",
                http.get("/v1/identity/" + database + "/databases").send().body());
    }

    @Test
    void anIdentityInThePathIs64DigitsWithoutAPrefix() {
        String hex = Identity.derive("a", "owner").toHex();

        assertEquals(
                400, http.get("/v1/identity/0x" + hex + "/databases").send().status());
        assertEquals(400, http.get("/v1/identity/abc/databases").send().status());
    }

    @Test
    void theAuthorizationHeaderHasToBeABearer() {
        for (String header : new String[] {"Basic YTpi", "Bearer", "token"}) {
            HttpFixture.Answer answer =
                    http.get("/v1/ping").header("Authorization", header).send();
            assertEquals(400, answer.status(), header);
            assertTrue(answer.body().contains("malformed"), answer.body());
        }
    }

    @Test
    void aTokenThatDoesNotValidateIs401EvenWhereNobodyIsWelcome() {
        HttpFixture.Answer answer = http.get("/v1/database/bank/identity")
                .header("Authorization", "Bearer a.b.c")
                .send();

        assertEquals(401, answer.status());
        assertTrue(answer.body().startsWith("Invalid token:"), answer.body());
        assertFalse(answer.header("spacetime-identity").isPresent());
    }

    @Test
    void theTokenMayStandInTheQuery() {
        Credentials ann = http.tokens().mintIdentity();

        assertEquals(
                204,
                http.get("/v1/identity/" + ann.identity() + "/verify?token=" + ann.token())
                        .send()
                        .status());
        assertEquals(401, http.get("/v1/ping?token=rubbish").send().status());
        assertEquals(200, http.get("/v1/ping").send().status());
    }
}
