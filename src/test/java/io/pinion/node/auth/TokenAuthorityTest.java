package io.pinion.node.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenAuthorityTest {
    private static final long NOW_SECONDS = 1_737_665_769;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private SigningKeys keys;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TokenAuthority tokens;

    @BeforeEach
    void makeKeys() throws KeyFileException {
        keys = SigningKeys.loadOrCreate(directory);
        tokens = new TokenAuthority(
                keys, Clock.fixed(Instant.ofEpochSecond(NOW_SECONDS), ZoneOffset.UTC), AuthSettings.OWN_TOKENS_ONLY);
    }

    @Test
    void aMintedTokenHasTheSixClaimsAndIsAccepted() throws IOException {
        Credentials minted = tokens.mintIdentity();

        JsonNode claims = payload(minted.token());
        assertEquals("{\"typ\":\"JWT\",\"alg\":\"ES256\"}", sortedHeader(minted.token()));
        assertEquals(6, claims.size());
        assertEquals(minted.identity().toHex(), claims.get("hex_identity").asText());
        assertEquals("localhost", claims.get("iss").asText());
        assertEquals("[\"spacetimedb\"]", claims.get("aud").toString());
        assertEquals(NOW_SECONDS, claims.get("iat").asLong());
        assertTrue(claims.get("exp").isNull());
        assertEquals(Identity.derive("localhost", claims.get("sub").asText()), minted.identity());
        assertEquals(minted.identity(), accepted(minted.token()).identity());
    }

    /** Some clients decode the payload with the standard alphabet. */
    @Test
    void aMintedPayloadUsesNoCharacterInWhichTheBase64AlphabetsDiffer() {
        for (int i = 0; i < 200; i++) {
            String payload = tokens.mintIdentity().token().split("\\.", -1)[1];
            assertTrue(payload.chars().noneMatch(c -> c == '-' || c == '_'), payload);
        }
    }

    @Test
    void everyMintedIdentityIsNew() {
        assertNotEquals(tokens.mintIdentity().identity(), tokens.mintIdentity().identity());
    }

    @Test
    void aShortLivedTokenIsForTheSameIdentityWithTheSameClaimsAndEndsInAMinute() throws IOException {
        Credentials foreign = accepted(
                signed(
                        "{\"iss\":\"https://auth.example.com\",\"sub\":\"user-42\",\"aud\":\"a\",\"iat\":1,\"role\":\"admin\"}"));

        String shortLived = tokens.mintShortLived(foreign);

        JsonNode claims = payload(shortLived);
        assertEquals("https://auth.example.com", claims.get("iss").asText());
        assertEquals("admin", claims.get("role").asText());
        assertEquals("a", claims.get("aud").asText());
        assertEquals(NOW_SECONDS, claims.get("iat").asLong());
        assertEquals(NOW_SECONDS + 60, claims.get("exp").asLong());
        assertEquals(
                "c2005b5e8d611cc2102fd38cd6da7e846547ce03bc2acdd3b6e2e3ce719ea098",
                accepted(shortLived).identity().toHex());
    }

    @Test
    void anExpiredTokenIsRefusedAfterAMinuteOfLeeway() {
        assertEquals("Invalid token: ExpiredSignature", refusal(signed(claims("\"exp\":" + (NOW_SECONDS - 61)))));
        accepted(signed(claims("\"exp\":" + (NOW_SECONDS - 59))));
        accepted(signed(claims("\"exp\":null")));
    }

    @Test
    void aTamperedPayloadIsRefused() {
        String[] parts = tokens.mintIdentity().token().split("\\.", -1);
        String tampered = parts[0] + "." + base64(claims("\"x\":1")) + "." + parts[2];

        assertTrue(refusal(tampered).startsWith("Invalid token: InvalidSignature"), refusal(tampered));
    }

    @Test
    void theAlgorithmNoneIsRefused() {
        String unsigned = base64("{\"typ\":\"JWT\",\"alg\":\"none\"}") + "." + base64(claims("\"x\":1")) + ".";

        assertTrue(refusal(unsigned).startsWith("Invalid token: "), refusal(unsigned));
    }

    @Test
    void aTokenSignedWithThePublicKeyAsASharedSecretIsRefused() throws JOSEException {
        String forged = sign(
                JWSAlgorithm.HS256,
                claims("\"x\":1"),
                new MACSigner(keys.publicPem().getBytes(StandardCharsets.UTF_8)));

        assertTrue(refusal(forged).startsWith("Invalid token: InvalidAlgorithm"), refusal(forged));
    }

    @Test
    void aTokenOfAnotherKeyIsRefused() throws KeyFileException, JOSEException, IOException {
        SigningKeys others = SigningKeys.loadOrCreate(Files.createDirectory(directory.resolve("other")));
        String token = sign(JWSAlgorithm.ES256, claims("\"x\":1"), new ECDSASigner(others.privateKey()));

        assertEquals("Invalid token: InvalidSignature: not signed with this node's key", refusal(token));
    }

    @Test
    void aTokenOfAnotherIssuerIsRefusedInWordsThatSayWhy() throws JOSEException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        String token = sign(
                JWSAlgorithm.RS256,
                "{\"iss\":\"https://auth.example.com\",\"sub\":\"user-42\",\"iat\":1}",
                new RSASSASigner(generator.generateKeyPair().getPrivate()));

        assertTrue(
                refusal(token).endsWith("this node does not look up keys of the issuer https://auth.example.com"),
                refusal(token));
    }

    @Test
    void issuerAndSubjectHave1To128Bytes() {
        assertEquals(
                "Subject has 129 bytes, where 1 to 128 are allowed",
                refusal(signed("{\"iss\":\"a\",\"sub\":\"" + "x".repeat(129) + "\",\"iat\":1}")));
        assertEquals(
                "Issuer has 0 bytes, where 1 to 128 are allowed",
                refusal(signed("{\"iss\":\"\",\"sub\":\"x\",\"iat\":1}")));
        assertEquals("Invalid token: MissingRequiredClaim: sub", refusal(signed("{\"iss\":\"a\",\"iat\":1}")));
        accepted(signed("{\"iss\":\"a\",\"sub\":\"" + "x".repeat(128) + "\",\"iat\":1}"));
    }

    @Test
    void theClaimedIdentityHasToBeTheComputedOne() {
        String computed = Identity.derive("localhost", "s").toHex();
        accepted(signed(claims("\"hex_identity\":\"" + computed + "\"")));

        String other = Identity.derive("localhost", "t").toHex();
        assertTrue(refusal(signed(claims("\"hex_identity\":\"" + other + "\""))).startsWith("Identity mismatch"));
        assertTrue(refusal(signed(claims("\"hex_identity\":\"c2\""))).startsWith("Invalid token"));
    }

    @Test
    void claimsOfTheWrongFormAreRefused() {
        assertTrue(refusal(signed("{\"iss\":\"a\",\"sub\":\"b\"}")).contains("iat"));
        assertTrue(refusal(signed(claims("\"aud\":[1]"))).contains("aud"));
        assertTrue(refusal(signed(claims("\"exp\":\"soon\""))).contains("exp"));
        assertTrue(refusal(signed("[1]")).startsWith("Invalid token: Json"));
        assertTrue(refusal(signed(claims("\"sub\":\"other\""))).startsWith("Invalid token: Json"));
    }

    @Test
    void rubbishIsRefused() {
        for (String rubbish : new String[] {"", "a", "a.b", "a.b.c", "a.b.c.d", "..", "é.é.é"}) {
            assertTrue(refusal(rubbish).startsWith("Invalid token: InvalidToken"), rubbish);
        }
    }

    private static String claims(String further) {
        return "{\"iss\":\"localhost\",\"sub\":\"s\",\"iat\":1," + further + "}";
    }

    private String signed(String claims) {
        try {
            return sign(JWSAlgorithm.ES256, claims, new ECDSASigner(keys.privateKey()));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static String sign(JWSAlgorithm algorithm, String claims, JWSSigner signer) throws JOSEException {
        JWSObject token = new JWSObject(new JWSHeader(algorithm), new Payload(claims));
        token.sign(signer);
        return token.serialize();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode payload(String token) throws IOException {
        return new ObjectMapper().readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    }

    private static String sortedHeader(String token) throws IOException {
        JsonNode header = new ObjectMapper().readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[0]));
        assertEquals(2, header.size());
        return "{\"typ\":" + header.get("typ") + ",\"alg\":" + header.get("alg") + "}";
    }

    private Credentials accepted(String token) {
        return assertInstanceOf(TokenVerdict.Accepted.class, tokens.validate(token))
                .credentials();
    }

    private String refusal(String token) {
        return assertInstanceOf(TokenVerdict.Refused.class, tokens.validate(token))
                .reason();
    }
}
