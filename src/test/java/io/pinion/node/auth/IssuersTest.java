package io.pinion.node.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of other issuers, which are asked for their keys over HTTP. */
@Timeout(60)
class IssuersTest {
    private static final long NOW_SECONDS = 1_737_665_769;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private IssuerServer issuer;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TokenAuthority tokens;

    @BeforeEach
    void startAnIssuer() throws IOException, KeyFileException {
        issuer = IssuerServer.start();
        tokens = accepting(Duration.ofHours(1), issuer.url());
    }

    @AfterEach
    void stopTheIssuer() {
        issuer.close();
    }

    private TokenAuthority accepting(Duration refresh, String... issuers) throws KeyFileException {
        return new TokenAuthority(
                SigningKeys.loadOrCreate(directory),
                Clock.fixed(Instant.ofEpochSecond(NOW_SECONDS), ZoneOffset.UTC),
                new AuthSettings(
                        List.of(issuers), refresh, Duration.ofHours(2), refresh.dividedBy(2), Duration.ofSeconds(5)));
    }

    @Test
    void tokensInBothAlgorithmsAreAcceptedForTheIdentityOfIssuerAndSubject() throws JOSEException {
        Identity expected = Identity.derive(issuer.url(), "user-42");
        ECKey ec = issuer.newEcKey("ec");
        RSAKey rsa = issuer.newRsaKey("rsa");

        assertEquals(expected, accepted(issuer.token(ec, "ec", "")).identity());
        assertEquals(expected, accepted(issuer.token(rsa, "rsa", "")).identity());
        assertEquals(1, issuer.requestsOfKeys());
    }

    @Test
    void withoutAKeyIdEveryKeyIsTried() throws JOSEException {
        issuer.newEcKey("first");
        ECKey second = issuer.newEcKey("second");

        accepted(issuer.token(second, null, ""));
    }

    @Test
    void aSlashAtTheEndOfAnIssuerMakesNoDifferenceButToTheIdentity() throws JOSEException {
        ECKey key = issuer.newEcKey("k");

        Credentials credentials = accepted(IssuerServer.token(key, "k", issuer.url() + "/", ""));

        assertEquals(Identity.derive(issuer.url() + "/", "user-42"), credentials.identity());
    }

    @Test
    void theAudienceIsNotChecked() throws JOSEException {
        ECKey key = issuer.newEcKey("k");

        accepted(issuer.token(key, "k", ",\"aud\":\"somebody else\""));
        accepted(issuer.token(key, "k", ",\"aud\":[\"a\",\"b\"]"));
    }

    @Test
    void clocksMayDifferByAMinute() throws JOSEException {
        ECKey key = issuer.newEcKey("k");

        accepted(issuer.token(key, "k", ",\"exp\":" + (NOW_SECONDS - 59)));
        accepted(issuer.token(key, "k", ",\"nbf\":" + (NOW_SECONDS + 59)));
        assertEquals(
                "Invalid token: ExpiredSignature", refusal(issuer.token(key, "k", ",\"exp\":" + (NOW_SECONDS - 61))));
        assertEquals(
                "Invalid token: ImmatureSignature", refusal(issuer.token(key, "k", ",\"nbf\":" + (NOW_SECONDS + 61))));
    }

    @Test
    void aKeyOfSomebodyElseIsNotEnough() throws JOSEException {
        issuer.newEcKey("k");
        ECKey other = new ECKeyGenerator(Curve.P_256).keyID("k").generate();

        assertEquals("Invalid token: InvalidSignature", refusal(issuer.token(other, "k", "")));
        assertEquals("Invalid token: InvalidSignature", refusal(issuer.token(other, null, "")));
    }

    @Test
    void aChangedTokenIsRefused() throws JOSEException {
        ECKey key = issuer.newEcKey("k");
        String[] parts = issuer.token(key, "k", "").split("\\.", -1);
        String claims = "{\"iss\":\"" + issuer.url() + "\",\"sub\":\"admin\",\"iat\":1}";

        assertEquals("Invalid token: InvalidSignature", refusal(parts[0] + "." + base64(claims) + "." + parts[2]));
    }

    @Test
    void aTokenWithoutASignatureIsRefused() throws JOSEException {
        issuer.newEcKey("k");
        String claims = "{\"iss\":\"" + issuer.url() + "\",\"sub\":\"admin\",\"iat\":1}";

        String refusal = refusal(base64("{\"alg\":\"none\"}") + "." + base64(claims) + ".");

        assertTrue(refusal.startsWith("Invalid token: "), refusal);
    }

    @Test
    void aPublicKeyIsNoSharedSecret() throws JOSEException {
        RSAKey key = issuer.newRsaKey("k");
        String claims = "{\"iss\":\"" + issuer.url() + "\",\"sub\":\"admin\",\"iat\":1}";
        for (byte[] secret : List.of(
                key.toRSAPublicKey().getEncoded(),
                key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
            String forged = IssuerServer.sign(
                    new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k").build(), claims, new MACSigner(secret));

            assertEquals(
                    "Invalid token: InvalidAlgorithm: HS256 where only ES256 and RS256 are accepted", refusal(forged));
        }
    }

    @Test
    void aKeyOfAnotherKindThanTheAlgorithmIsNotTried() throws JOSEException {
        issuer.newRsaKey("k");
        ECKey other = new ECKeyGenerator(Curve.P_256).keyID("k").generate();

        assertEquals(
                "Key id not found: " + issuer.url() + " has no key `k` for ES256",
                refusal(issuer.token(other, "k", "")));
    }

    @Test
    void aNewKeyIsReadWhenItIsFirstUsed() throws JOSEException {
        accepted(issuer.token(issuer.newEcKey("old"), "old", ""));

        accepted(issuer.token(issuer.newEcKey("new"), "new", ""));

        assertEquals(2, issuer.requestsOfKeys());
    }

    @Test
    void unknownKeyIdsDoNotMakeTheNodeAskAgainAndAgain() throws JOSEException {
        ECKey key = issuer.newEcKey("k");
        accepted(issuer.token(key, "k", ""));
        for (int i = 0; i < 50; i++) {
            String refusal = refusal(issuer.token(key, "unknown-" + i, ""));
            assertEquals("Key id not found: " + issuer.url() + " has no key `unknown-" + i + "` for ES256", refusal);
        }

        assertTrue(issuer.requestsOfKeys() <= 2, issuer.requestsOfKeys() + " requests");
        accepted(issuer.token(key, "k", ""));
    }

    @Test
    void anIssuerThatIsAwayIsSaidToBe() throws JOSEException {
        ECKey key = issuer.newEcKey("k");
        issuer.fail(true);
        assertTrue(
                refusal(issuer.token(key, "k", ""))
                        .startsWith("Invalid token: the issuer " + issuer.url() + " cannot be asked for its keys: "),
                refusal(issuer.token(key, "k", "")));
    }

    @Test
    void anIssuerThatNobodyAnswersForIsSaidToBe() throws JOSEException {
        ECKey key = issuer.newEcKey("k");
        issuer.close();

        String refusal = refusal(issuer.token(key, "k", ""));

        assertTrue(refusal.startsWith("Invalid token: the issuer " + issuer.url()), refusal);
    }

    @Test
    void keysStayInUseWhileTheirIssuerIsAway() throws JOSEException, KeyFileException {
        tokens = accepting(Duration.ofMillis(2), issuer.url());
        ECKey key = issuer.newEcKey("k");
        accepted(issuer.token(key, "k", ""));
        issuer.fail(true);
        int before = issuer.requests();

        while (issuer.requests() == before) {
            accepted(issuer.token(key, "k", ""));
        }

        accepted(issuer.token(key, "k", ""));
    }

    @Test
    void aConfigurationOfAnotherIssuerIsNotBelieved() throws JOSEException {
        ECKey key = issuer.newEcKey("k");
        issuer.pretendToBe("https://auth.example.com");

        String refusal = refusal(issuer.token(key, "k", ""));

        assertTrue(refusal.endsWith("its configuration is that of https://auth.example.com"), refusal);
    }

    @Test
    void anIssuerThatIsNotListedIsNotAsked() throws JOSEException, IOException {
        try (IssuerServer stranger = IssuerServer.start()) {
            ECKey key = stranger.newEcKey("k");

            String refusal = refusal(stranger.token(key, "k", ""));

            assertTrue(refusal.endsWith("this node does not look up keys of the issuer " + stranger.url()), refusal);
            assertEquals(0, stranger.requestsOfKeys());
        }
    }

    @Test
    void theKeysOfOneIssuerAreNoneOfAnother() throws JOSEException, IOException, KeyFileException {
        try (IssuerServer other = IssuerServer.start()) {
            tokens = accepting(Duration.ofHours(1), issuer.url(), other.url());
            issuer.newEcKey("mine");
            ECKey theirs = other.newEcKey("theirs");

            String refusal = refusal(issuer.token(theirs, "theirs", ""));

            assertEquals("Key id not found: " + issuer.url() + " has no key `theirs` for ES256", refusal);
        }
    }

    @Test
    void aShortLivedTokenStaysThatOfTheIssuersUser() throws JOSEException {
        Credentials credentials = accepted(issuer.token(issuer.newEcKey("k"), "k", ",\"exp\":" + (NOW_SECONDS + 5)));
        issuer.close();

        Credentials again = accepted(tokens.mintShortLived(credentials));

        assertEquals(credentials.identity(), again.identity());
        assertEquals(issuer.url(), again.issuer());
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private Credentials accepted(String token) {
        TokenVerdict verdict = tokens.validate(token);
        return assertInstanceOf(TokenVerdict.Accepted.class, verdict, () -> String.valueOf(verdict))
                .credentials();
    }

    private String refusal(String token) {
        return assertInstanceOf(TokenVerdict.Refused.class, tokens.validate(token))
                .reason();
    }
}
