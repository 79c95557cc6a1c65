package io.pinion.node.auth;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import io.pinion.store.value.Identity;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/**
 * Mints and checks tokens: JWS, ES256, signed with the node's own keys. A token that the node's key has signed is valid
 * whatever its issuer; others have to come from an issuer that the settings name, in ES256 or RS256, and are checked with
 * the keys that it publishes. Threadsafe; checking a token of another issuer may block on the network.
 */
public final class TokenAuthority {
    /** The issuer of what this node mints. */
    public static final String LOCAL_ISSUER = "localhost";

    private static final Duration WEBSOCKET_TOKEN_LIFE = Duration.ofSeconds(60);
    private static final JWSHeader HEADER =
            new JWSHeader.Builder(JWSAlgorithm.ES256).type(JOSEObjectType.JWT).build();

    private final ObjectMapper json = new ObjectMapper();
    private final SigningKeys keys;
    private final Clock clock;
    private final ECDSASigner signer;
    private final ECDSAVerifier verifier;
    private final TokenClaims.Reader claimsReader;
    private final Issuers issuers;

    public TokenAuthority(SigningKeys keys, Clock clock, AuthSettings settings) {
        this.keys = keys;
        this.clock = clock;
        this.issuers = new Issuers(settings);
        this.claimsReader = new TokenClaims.Reader(clock);
        try {
            this.signer = new ECDSASigner(keys.privateKey());
            this.verifier = new ECDSAVerifier(keys.publicKey());
        } catch (JOSEException e) {
            throw new IllegalStateException("P-256 keys that the token library refuses", e);
        }
    }

    /** The public key's PEM, as clients keep it to recognise this node. */
    public String publicPem() {
        return keys.publicPem();
    }

    /** A new identity under the local issuer, with a token that never expires. Nothing is stored for it. */
    public Credentials mintIdentity() {
        String subject = UUID.randomUUID().toString();
        Identity identity = Identity.derive(LOCAL_ISSUER, subject);
        ObjectNode claims = json.createObjectNode();
        claims.put("hex_identity", identity.toHex());
        claims.put("sub", subject);
        claims.put("iss", LOCAL_ISSUER);
        claims.putArray("aud").add("spacetimedb");
        claims.put("iat", clock.instant().getEpochSecond());
        claims.putNull("exp");
        return new Credentials(identity, LOCAL_ISSUER, subject, sign(claims.toString()), claims.toString());
    }

    /** A token for the same identity, with the same further claims, that expires in a minute. */
    public String mintShortLived(Credentials credentials) {
        ObjectNode claims = claimsReader.parse(credentials.claims());
        long nowSeconds = clock.instant().getEpochSecond();
        claims.put("hex_identity", credentials.identity().toHex());
        claims.put("iat", nowSeconds);
        claims.put("exp", nowSeconds + WEBSOCKET_TOKEN_LIFE.toSeconds());
        return sign(claims.toString());
    }

    private String sign(String claims) {
        JWSObject token = new JWSObject(HEADER, new Payload(claims));
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("the signing key stopped working", e);
        }
        return token.serialize();
    }

    /** Checks signature and claims; the identity comes from issuer and subject. */
    public TokenVerdict validate(String token) {
        JWSObject parsed;
        try {
            parsed = JWSObject.parse(token);
        } catch (ParseException | IllegalArgumentException e) {
            return new TokenVerdict.Refused("Invalid token: InvalidToken: " + e.getMessage());
        }
        String payload = parsed.getPayload().toString();
        String failure = signatureFailure(parsed);
        if (failure.isEmpty()) {
            return claimsReader.read(token, payload);
        }
        String issuer = claimsReader.issuerOf(payload);
        return issuers.accepts(issuer)
                ? validateForeign(token, parsed, issuer)
                : new TokenVerdict.Refused(withIssuer(failure, issuer));
    }

    private TokenVerdict validateForeign(String token, JWSObject parsed, String issuer) {
        String failure = extensionFailure(parsed);
        if (failure.isEmpty()) {
            failure = issuers.signatureFailure(parsed, issuer);
        }
        return failure.isEmpty()
                ? claimsReader.readForeign(token, parsed.getPayload().toString())
                : new TokenVerdict.Refused(failure);
    }

    private static String extensionFailure(JWSObject token) {
        return token.getHeader().getCriticalParams() == null
                ? ""
                : "Invalid token: InvalidToken: it demands extensions: "
                        + token.getHeader().getCriticalParams();
    }

    /** Empty if the node's own key has signed the token. */
    private String signatureFailure(JWSObject token) {
        if (!JWSAlgorithm.ES256.equals(token.getHeader().getAlgorithm())) {
            return "Invalid token: InvalidAlgorithm: " + token.getHeader().getAlgorithm()
                    + " where only ES256 is accepted";
        }
        try {
            return extensionFailure(token).isEmpty()
                    ? token.verify(verifier) ? "" : "Invalid token: InvalidSignature"
                    : extensionFailure(token);
        } catch (JOSEException | IllegalStateException e) {
            return "Invalid token: InvalidSignature: " + e.getMessage();
        }
    }

    private static String withIssuer(String failure, String issuer) {
        if (issuer.isEmpty()) {
            return failure;
        }
        return issuer.equals(LOCAL_ISSUER)
                ? failure + ": not signed with this node's key"
                : failure + ": not signed with this node's key, and this node does not look up keys of the issuer "
                        + issuer;
    }
}
