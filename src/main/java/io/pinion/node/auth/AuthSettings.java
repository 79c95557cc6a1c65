package io.pinion.node.auth;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.util.List;

/**
 * What {@code pinion.auth} says.
 *
 * @param issuers whose tokens are accepted beside the node's own, as they stand in the tokens but for slashes at the end
 * @param keysRefresh after which an issuer's keys are read again
 * @param keysKept after which keys that could not be read again are not used any more
 * @param keysIntervalMin an issuer is asked twice at most in so long, whatever the tokens that come
 * @param timeout for each request to an issuer
 */
public record AuthSettings(
        List<String> issuers, Duration keysRefresh, Duration keysKept, Duration keysIntervalMin, Duration timeout) {
    /** Only the node's own tokens. */
    public static final AuthSettings OWN_TOKENS_ONLY = new AuthSettings(
            List.of(), Duration.ofMinutes(5), Duration.ofHours(2), Duration.ofSeconds(10), Duration.ofSeconds(5));

    public AuthSettings {
        issuers = issuers.stream().map(AuthSettings::withoutSlashes).toList();
    }

    /**
     * Reads the section {@code pinion.auth}.
     *
     * @throws ConfigException if an issuer is no address, or the interval is not shorter than the refresh
     */
    public static AuthSettings of(Config config) {
        config.getStringList("issuers").forEach(AuthSettings::requireAddress);
        if (config.getDuration("keys-interval-min").compareTo(config.getDuration("keys-refresh")) >= 0) {
            throw new ConfigException.BadValue(
                    "pinion.auth.keys-interval-min", "must be shorter than pinion.auth.keys-refresh");
        }
        return new AuthSettings(
                config.getStringList("issuers"),
                config.getDuration("keys-refresh"),
                config.getDuration("keys-kept"),
                config.getDuration("keys-interval-min"),
                config.getDuration("issuer-timeout"));
    }

    private static void requireAddress(String issuer) {
        if (!issuer.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
            throw new ConfigException.BadValue(
                    "pinion.auth.issuers", "`" + issuer + "` is no address such as https://auth.example.com");
        }
    }

    static String withoutSlashes(String issuer) {
        int end = issuer.length();
        while (end > 0 && issuer.charAt(end - 1) == '/') {
            end--;
        }
        return issuer.substring(0, end);
    }
}
