package io.pinion.node.management;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key with a certificate for this machine that it has signed itself, and a store that vouches for it. */
record TestKeys(Path keyStore, Path trustStore) {
    static final String PASSWORD = "changeit";

    static TestKeys make(Path directory, String name) {
        TestKeys keys = new TestKeys(directory.resolve(name + ".p12"), directory.resolve(name + "-trust.p12"));
        String certificate = directory.resolve(name + ".cer").toString();
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-keystore",
                keys.keyStore().toString());
        keytool(
                "-exportcert",
                "-alias",
                name,
                "-file",
                certificate,
                "-keystore",
                keys.keyStore().toString());
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                name,
                "-file",
                certificate,
                "-keystore",
                keys.trustStore().toString());
        return keys;
    }

    private static void keytool(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + ": " + output);
            }
        } catch (IOException e) {
            throw new IllegalStateException(command.toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Settings of a node that talks to others with this key. */
    Map<String, Object> ofRemoting() {
        String section = "pekko.remote.artery.ssl.config-ssl-engine.";
        return Map.of(
                "pekko.remote.artery.transport",
                "tls-tcp",
                section + "key-store",
                keyStore.toString(),
                section + "trust-store",
                trustStore.toString(),
                section + "key-store-password",
                PASSWORD,
                section + "key-password",
                PASSWORD,
                section + "trust-store-password",
                PASSWORD,
                section + "hostname-verification",
                true);
    }

    /**
     * What a client of the management uses.
     *
     * @param server who it trusts
     * @param isKnown whether it shows its own certificate
     */
    SSLContext client(TestKeys server, boolean isKnown) {
        try {
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(open(keyStore), PASSWORD.toCharArray());
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(open(server.trustStore()));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(isKnown ? own.getKeyManagers() : null, trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore open(Path path) throws GeneralSecurityException, IOException {
        return KeyStore.getInstance(new File(path.toString()), PASSWORD.toCharArray());
    }
}
