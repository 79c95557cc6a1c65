package io.pinion.node.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An OpenID issuer on this machine, with the two documents of discovery and keys that can change. Threadsafe. */
public final class IssuerServer implements AutoCloseable {
    private final HttpServer server;
    private final List<JWK> published = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger requestsOfKeys = new AtomicInteger();
    private volatile String namedIssuer;
    private volatile boolean isBroken;

    private IssuerServer(HttpServer server) {
        this.server = server;
        this.namedIssuer = url();
    }

    public static IssuerServer start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        IssuerServer issuer = new IssuerServer(server);
        server.createContext(
                "/.well-known/openid-configuration",
                exchange -> issuer.answer(
                        exchange,
                        "{\"issuer\":\"" + issuer.namedIssuer + "\",\"jwks_uri\":\"" + issuer.url() + "/keys\"}"));
        server.createContext("/keys", exchange -> {
            issuer.requestsOfKeys.incrementAndGet();
            issuer.answer(exchange, new JWKSet(issuer.published).toString());
        });
        server.start();
        return issuer;
    }

    private void answer(HttpExchange exchange, String text) throws IOException {
        requests.incrementAndGet();
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(isBroken ? 500 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    int requests() {
        return requests.get();
    }

    int requestsOfKeys() {
        return requestsOfKeys.get();
    }

    /** Says that it is somebody else. */
    void pretendToBe(String issuer) {
        namedIssuer = issuer;
    }

    void fail(boolean broken) {
        isBroken = broken;
    }

    public ECKey newEcKey(String id) throws JOSEException {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        published.add(key.toPublicJWK());
        return key;
    }

    RSAKey newRsaKey(String id) throws JOSEException {
        RSAKey key = new RSAKeyGenerator(2048).keyID(id).generate();
        published.add(key.toPublicJWK());
        return key;
    }

    /** A token of this issuer. */
    public String token(JWK key, @Nullable String keyId, String furtherClaims) throws JOSEException {
        return token(key, keyId, url(), furtherClaims);
    }

    static String token(JWK key, @Nullable String keyId, String issuer, String furtherClaims) throws JOSEException {
        boolean isRsa = key instanceof RSAKey;
        JWSSigner signer = isRsa ? new RSASSASigner((RSAKey) key) : new ECDSASigner((ECKey) key);
        return sign(
                new JWSHeader.Builder(isRsa ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256)
                        .keyID(keyId)
                        .build(),
                "{\"iss\":\"" + issuer + "\",\"sub\":\"user-42\",\"iat\":1" + furtherClaims + "}",
                signer);
    }

    static String sign(JWSHeader header, String claims, JWSSigner signer) throws JOSEException {
        JWSObject token = new JWSObject(header, new Payload(claims));
        token.sign(signer);
        return token.serialize();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
