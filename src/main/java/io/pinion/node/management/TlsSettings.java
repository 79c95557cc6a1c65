package io.pinion.node.management;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.List;

/**
 * What {@code pinion.management.tls} says.
 *
 * @param keyStore PKCS #12 or JKS file with the key and the certificates of the server
 * @param trustStore with those that vouch for operators; empty where nobody has a certificate
 */
record TlsSettings(
        boolean isEnabled,
        String keyStore,
        String keyStorePassword,
        String trustStore,
        String trustStorePassword,
        ClientCertificate clientCertificate) {
    /** Whether whoever connects has to have one. */
    enum ClientCertificate {
        NONE,
        ACCEPTED,
        REQUIRED;

        static ClientCertificate of(Config config) {
            String text = config.getString("client-certificate");
            return switch (text) {
                case "none" -> NONE;
                case "accepted" -> ACCEPTED;
                case "required" -> REQUIRED;
                default ->
                    throw new ConfigException.BadValue(
                            config.getValue("client-certificate").origin(),
                            "pinion.management.tls.client-certificate",
                            text + " is none of " + List.of("none", "accepted", "required"));
            };
        }
    }

    /** @param config the section {@code pinion.management.tls} */
    static TlsSettings of(Config config) {
        TlsSettings settings = new TlsSettings(
                config.getBoolean("enabled"),
                config.getString("key-store"),
                config.getString("key-store-password"),
                config.getString("trust-store"),
                config.getString("trust-store-password"),
                ClientCertificate.of(config));
        if (settings.isEnabled() && settings.keyStore().isEmpty()) {
            throw new ConfigException.BadValue(
                    config.getValue("key-store").origin(),
                    "pinion.management.tls.key-store",
                    "it is empty, and pinion.management.tls.enabled is on");
        }
        boolean needsTrust = settings.clientCertificate() != ClientCertificate.NONE;
        if (settings.isEnabled() && needsTrust && settings.trustStore().isEmpty()) {
            throw new ConfigException.BadValue(
                    config.getValue("trust-store").origin(),
                    "pinion.management.tls.trust-store",
                    "it is empty, and pinion.management.tls.client-certificate is not none");
        }
        return settings;
    }

    /** Without the passwords. */
    @Override
    public String toString() {
        return "TlsSettings[" + isEnabled + ", " + keyStore + ", " + trustStore + ", " + clientCertificate + "]";
    }
}
