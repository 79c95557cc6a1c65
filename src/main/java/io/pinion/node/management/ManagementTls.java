package io.pinion.node.management;

import io.pinion.node.management.TlsSettings.ClientCertificate;
import java.io.File;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;

/** The TLS of the management's server: TLS 1.3, with the keys of two files. */
final class ManagementTls {
    private static final String PROTOCOL = "TLSv1.3";

    private ManagementTls() {}

    /** @throws IOException if a file cannot be read as a key store; it names the setting */
    static HttpsConnectionContext context(TlsSettings settings) throws IOException {
        SSLContext context = sslContext(settings);
        return ConnectionContext.httpsServer(() -> engine(context, settings.clientCertificate()));
    }

    private static SSLEngine engine(SSLContext context, ClientCertificate clientCertificate) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(new String[] {PROTOCOL});
        engine.setWantClientAuth(clientCertificate == ClientCertificate.ACCEPTED);
        if (clientCertificate == ClientCertificate.REQUIRED) {
            engine.setNeedClientAuth(true);
        }
        return engine;
    }

    private static SSLContext sslContext(TlsSettings settings) throws IOException {
        KeyManager[] keys = keys(settings);
        TrustManager[] trust = trust(settings);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keys(TlsSettings settings) throws IOException {
        char[] password = settings.keyStorePassword().toCharArray();
        try {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(KeyStore.getInstance(new File(settings.keyStore()), password), password);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw unreadable("key-store", settings.keyStore(), e);
        }
    }

    /** None for a server that asks for no certificates. */
    private static TrustManager[] trust(TlsSettings settings) throws IOException {
        if (settings.clientCertificate() == ClientCertificate.NONE) {
            return new TrustManager[0];
        }
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(KeyStore.getInstance(
                    new File(settings.trustStore()),
                    settings.trustStorePassword().toCharArray()));
            return factory.getTrustManagers();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw unreadable("trust-store", settings.trustStore(), e);
        }
    }

    private static IOException unreadable(String key, String file, Exception cause) {
        return new IOException(
                "pinion.management.tls." + key + ": " + file + " cannot be used: " + cause.getMessage(), cause);
    }
}
