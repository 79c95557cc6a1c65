package io.pinion.node.auth;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.text.ParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One issuer's keys, read by OpenID discovery: {@code ISSUER/.well-known/openid-configuration}, and what its {@code jwks_uri}
 * points to. Blocks on the network. Threadsafe.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {
    private static final int DOCUMENT_BYTES_MAX = 256 << 10;

    private final String issuer;
    private final ResourceRetriever documents;

    /**
     * Reads nothing yet.
     *
     * @param issuer without slashes at its end
     * @param timeoutMillis for a connection, and for each read on it
     */
    IssuerKeys(String issuer, int timeoutMillis) {
        this.issuer = issuer;
        this.documents = new DefaultResourceRetriever(timeoutMillis, timeoutMillis, DOCUMENT_BYTES_MAX);
    }

    @Override
    public JWKSet getJWKSet(
            JWKSetCacheRefreshEvaluator evaluator, long currentTimeMillis, @Nullable SecurityContext context)
            throws KeySourceException {
        try {
            return JWKSet.parse(document(keysAddress()));
        } catch (IOException | ParseException | URISyntaxException | IllegalArgumentException e) {
            throw new JWKSetRetrievalException("its keys cannot be read: " + e.getMessage(), e);
        }
    }

    /** A configuration that says it is another issuer's is not believed. */
    private URI keysAddress() throws IOException, ParseException, URISyntaxException {
        Map<String, Object> configuration =
                JSONObjectUtils.parse(document(new URI(issuer + "/.well-known/openid-configuration")));
        String named = String.valueOf(JSONObjectUtils.getString(configuration, "issuer"));
        if (!AuthSettings.withoutSlashes(named).equals(issuer)) {
            throw new IOException("its configuration is that of " + named);
        }
        return new URI(String.valueOf(JSONObjectUtils.getString(configuration, "jwks_uri")));
    }

    private String document(URI address) throws IOException {
        if (!"https".equals(address.getScheme()) && !"http".equals(address.getScheme())) {
            throw new IOException(address + " is no address of the web");
        }
        return documents.retrieveResource(address.toURL()).getContent();
    }

    @Override
    public void close() {
        // Nothing stays open between two reads.
    }
}
