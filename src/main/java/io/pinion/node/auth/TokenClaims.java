package io.pinion.node.auth;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/** The claims of a token and the rules they have to meet. */
final class TokenClaims {
    private static final int NAME_BYTES_MAX = 128;
    private static final long LEEWAY_SECONDS = 60;

    private TokenClaims() {}

    /** A rule that is not met; the message is for whoever presented the token. */
    private static final class ClaimException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String reason;

        ClaimException(String reason) {
            super(reason);
            this.reason = reason;
        }
    }

    /** Threadsafe. */
    static final class Reader {
        private final ObjectMapper json =
                new ObjectMapper().configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true);
        private final Clock clock;

        Reader(Clock clock) {
            this.clock = clock;
        }

        /** Checks the claims of a token whose signature is good. */
        TokenVerdict read(String token, String payload) {
            try {
                ObjectNode claims = object(payload);
                String issuer = name(claims, "iss");
                String subject = name(claims, "sub");
                requireIssuedAt(claims);
                requireNotExpired(claims);
                requireAudience(claims);
                Identity identity = Identity.derive(issuer, subject);
                requireSameIdentity(claims, identity);
                return new TokenVerdict.Accepted(new Credentials(identity, issuer, subject, token, payload));
            } catch (ClaimException e) {
                return new TokenVerdict.Refused(e.reason);
            }
        }

        /** The same for a token of another issuer, which may have been made for later. */
        TokenVerdict readForeign(String token, String payload) {
            try {
                requireBegun(object(payload));
            } catch (ClaimException e) {
                return new TokenVerdict.Refused(e.reason);
            }
            return read(token, payload);
        }

        private void requireBegun(ObjectNode claims) throws ClaimException {
            JsonNode begin = claims.path("nbf");
            if (begin.isNumber() && begin.asDouble() > clock.instant().getEpochSecond() + LEEWAY_SECONDS) {
                throw new ClaimException("Invalid token: ImmatureSignature");
            }
        }

        /** The claims of a token that has been accepted before. */
        ObjectNode parse(String payload) {
            try {
                return object(payload);
            } catch (ClaimException e) {
                throw new IllegalArgumentException("not the claims of an accepted token", e);
            }
        }

        /** The issuer a token claims, unchecked; empty if it claims none. */
        String issuerOf(String payload) {
            try {
                return object(payload).path("iss").asText("");
            } catch (ClaimException e) {
                return "";
            }
        }

        private ObjectNode object(String payload) throws ClaimException {
            try {
                if (json.readTree(payload) instanceof ObjectNode claims) {
                    return claims;
                }
            } catch (JsonProcessingException e) {
                throw new ClaimException("Invalid token: Json: " + e.getOriginalMessage());
            }
            throw new ClaimException("Invalid token: Json: the payload is no object");
        }

        private void requireNotExpired(ObjectNode claims) throws ClaimException {
            JsonNode expiry = claims.path("exp");
            if (expiry.isMissingNode() || expiry.isNull()) {
                return;
            }
            if (!expiry.isNumber()) {
                throw new ClaimException("Invalid token: InvalidClaimFormat: exp is no number");
            }
            if (expiry.asDouble() < clock.instant().getEpochSecond() - LEEWAY_SECONDS) {
                throw new ClaimException("Invalid token: ExpiredSignature");
            }
        }
    }

    private static String name(ObjectNode claims, String key) throws ClaimException {
        JsonNode value = claims.path(key);
        if (!value.isTextual()) {
            throw new ClaimException("Invalid token: MissingRequiredClaim: " + key);
        }
        int bytes = value.asText().getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > NAME_BYTES_MAX) {
            throw new ClaimException((key.equals("iss") ? "Issuer" : "Subject") + " has " + bytes
                    + " bytes, where 1 to " + NAME_BYTES_MAX + " are allowed");
        }
        return value.asText();
    }

    private static void requireIssuedAt(ObjectNode claims) throws ClaimException {
        if (!claims.path("iat").isIntegralNumber()) {
            throw new ClaimException("Invalid token: MissingRequiredClaim: iat, in whole seconds");
        }
    }

    private static void requireAudience(ObjectNode claims) throws ClaimException {
        JsonNode audience = claims.path("aud");
        boolean isAbsent = audience.isMissingNode() || audience.isNull();
        boolean isListOfTexts = audience.isArray() && audience.valueStream().allMatch(JsonNode::isTextual);
        if (!isAbsent && !audience.isTextual() && !isListOfTexts) {
            throw new ClaimException("Invalid token: InvalidClaimFormat: aud is neither a text nor a list of texts");
        }
    }

    private static void requireSameIdentity(ObjectNode claims, Identity computed) throws ClaimException {
        JsonNode claimed = claims.path("hex_identity");
        if (claimed.isMissingNode() || claimed.isNull()) {
            return;
        }
        if (!claimed.isTextual() || claimed.asText().length() != 64 || !Identity.isIdentity(claimed.asText())) {
            throw new ClaimException("Invalid token: InvalidClaimFormat: hex_identity is not 64 hex digits");
        }
        if (!Identity.parse(claimed.asText()).equals(computed)) {
            throw new ClaimException("Identity mismatch: the token claims " + claimed.asText()
                    + ", its issuer and subject make " + computed);
        }
    }
}
