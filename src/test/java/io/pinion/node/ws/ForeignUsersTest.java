package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.ECKey;
import io.pinion.node.Bank;
import io.pinion.node.NodeRequests;
import io.pinion.node.PinionNode;
import io.pinion.node.TestNode;
import io.pinion.node.auth.IssuerServer;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Identity;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Users of an OpenID issuer at a whole node, where nobody else may make databases. */
@Timeout(120)
class ForeignUsersTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before the tests
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static IssuerServer issuer;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static ECKey key;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static PinionNode node;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static NodeRequests requests;

    @BeforeAll
    static void start() throws Exception {
        issuer = IssuerServer.start();
        key = issuer.newEcKey("k");
        node = TestNode.start(
                directory.resolve("data"),
                Map.of(
                        "pinion.auth.issuers",
                        List.of(issuer.url()),
                        "pinion.auth.creators.issuers",
                        List.of(issuer.url() + "/")));
        requests = new NodeRequests(node.url());
        assertEquals(200, publish("bank", token("")).statusCode());
    }

    @AfterAll
    static void stop() {
        node.close();
        issuer.close();
    }

    private static String token(String furtherClaims) throws Exception {
        return issuer.token(key, "k", furtherClaims);
    }

    private static HttpResponse<String> publish(String name, String token) throws Exception {
        byte[] program = Files.readAllBytes(Bank.WASM_PROGRAM);
        return requests.send("PUT", "/v1/database/" + name, token, BodyPublishers.ofByteArray(program));
    }

    @Test
    void onlyUsersOfTheIssuerMakeDatabasesAndTheyUpdateTheirs() throws Exception {
        String local = JSON.readTree(requests.send("POST", "/v1/identity", "").body())
                .path("token")
                .asText();

        for (String token : List.of("", local)) {
            HttpResponse<String> refused = publish("another", token);
            assertEquals(401, refused.statusCode());
            assertTrue(refused.body().startsWith("a login is needed"), refused.body());
        }
        assertEquals(403, publish("bank", local).statusCode());
        assertEquals(200, publish("bank", token("")).statusCode());
        assertEquals(404, requests.send("GET", "/v1/database/another", "").statusCode());
    }

    @Test
    void aUserIsTheSameOverHttpAndOverAWebSocketWithAShortLivedToken() throws Exception {
        Identity expected = Identity.derive(issuer.url(), "user-42");
        HttpResponse<String> minted = requests.send("POST", "/v1/identity/websocket-token", token(""));
        assertEquals(200, minted.statusCode(), minted.body());
        String shortLived = JSON.readTree(minted.body()).path("token").asText();

        try (RawClient client = RawClient.connect(
                node.url(), "/v1/database/bank/subscribe?compression=None&token=" + shortLived, "", RawClient.V2)) {
            BsatnReader greeting = client.message().in();

            assertEquals(expected, greeting.readIdentity());
        }
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(shortLived.split("\\.", -1)[1]));
        assertEquals(issuer.url(), claims.path("iss").asText());
        assertEquals(60, claims.path("exp").asLong() - claims.path("iat").asLong());
    }

    @Test
    void whatHasExpiredOpensNothing() throws Exception {
        String expired = token(",\"exp\":" + (Instant.now().getEpochSecond() - 120));

        HttpResponse<String> refused = requests.send("POST", "/v1/identity/websocket-token", expired);

        assertEquals(401, refused.statusCode());
        assertEquals("Invalid token: ExpiredSignature", refused.body());
        assertThrows(
                CompletionException.class,
                () -> RawClient.connect(
                        node.url(), "/v1/database/bank/subscribe?compression=None", expired, RawClient.V2));
    }
}
