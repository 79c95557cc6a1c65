package io.pinion.node.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Other issuers whose tokens are accepted, each with the keys it publishes. Keys are read when they are first needed, again
 * after a while, and at once for a key id that is not known; how often is bounded, and while an issuer is away its keys stay
 * in use for a while. Only listed issuers are ever asked: a token can make this node speak to nobody else. Threadsafe; may
 * block on the network.
 */
final class Issuers {
    private static final Logger LOG = LoggerFactory.getLogger(Issuers.class);
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.ES256, JWSAlgorithm.RS256);

    private final Map<String, JWKSource<SecurityContext>> keysByIssuer = new HashMap<>();

    Issuers(AuthSettings settings) {
        int timeoutMillis = Math.toIntExact(settings.timeout().toMillis());
        for (String issuer : settings.issuers()) {
            keysByIssuer.put(
                    issuer,
                    JWKSourceBuilder.create(new IssuerKeys(issuer, timeoutMillis))
                            .cache(settings.keysRefresh().toMillis(), 4L * timeoutMillis)
                            .refreshAheadCache(false)
                            .rateLimited(settings.keysIntervalMin().toMillis())
                            .outageTolerant(settings.keysKept().toMillis())
                            .retrying(false)
                            .build());
        }
    }

    boolean accepts(String issuer) {
        return keysByIssuer.containsKey(AuthSettings.withoutSlashes(issuer));
    }

    /** Empty if a key of the issuer, which is one of those accepted, has signed the token; else what is wrong. */
    String signatureFailure(JWSObject token, String issuer) {
        JWSHeader header = token.getHeader();
        if (!ALGORITHMS.contains(header.getAlgorithm())) {
            return "Invalid token: InvalidAlgorithm: " + header.getAlgorithm()
                    + " where only ES256 and RS256 are accepted";
        }
        try {
            List<JWK> keys = keys(header, issuer);
            if (keys.isEmpty()) {
                return header.getKeyID() == null
                        ? "Invalid token: InvalidSignature: " + issuer + " has no key for " + header.getAlgorithm()
                        : "Key id not found: " + issuer + " has no key `" + header.getKeyID() + "` for "
                                + header.getAlgorithm();
            }
            return isSignedByOneOf(keys, token) ? "" : "Invalid token: InvalidSignature";
        } catch (KeySourceException e) {
            LOG.warn("the issuer {} cannot be asked for its keys: {}", issuer, e.getMessage());
            return "Invalid token: the issuer " + issuer + " cannot be asked for its keys: " + e.getMessage();
        }
    }

    /** One that was asked too often lately has no more keys than those that are known. */
    private List<JWK> keys(JWSHeader header, String issuer) throws KeySourceException {
        JWKSource<SecurityContext> source = keysByIssuer.get(AuthSettings.withoutSlashes(issuer));
        if (source == null) {
            throw new IllegalArgumentException(issuer + " is not accepted");
        }
        try {
            return source.get(new JWKSelector(JWKMatcher.forJWSHeader(header)), null);
        } catch (RateLimitReachedException e) {
            LOG.debug("{} is not asked for its keys so soon again", issuer, e);
            return List.of();
        }
    }

    private static boolean isSignedByOneOf(List<JWK> keys, JWSObject token) {
        for (JWK key : keys) {
            try {
                if (key instanceof AsymmetricJWK pair && token.verify(verifier(token.getHeader(), pair))) {
                    return true;
                }
            } catch (JOSEException | IllegalStateException e) {
                LOG.debug("the key {} verifies nothing", key.getKeyID(), e);
            }
        }
        return false;
    }

    private static JWSVerifier verifier(JWSHeader header, AsymmetricJWK key) throws JOSEException {
        return new DefaultJWSVerifierFactory().createJWSVerifier(header, key.toPublicKey());
    }
}
