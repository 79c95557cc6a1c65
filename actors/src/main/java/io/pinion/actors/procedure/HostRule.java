package io.pinion.actors.procedure;

import io.pinion.actors.settings.ConfigReader;
import java.util.List;
import java.util.Locale;

/** Which hosts may be asked, by name: any, some names, or all below a domain. Immutable. */
public final class HostRule {
    private static final String ANY = "*";
    private static final String BELOW = "*.";

    private final List<String> patterns;

    private HostRule(List<String> patterns) {
        this.patterns = patterns.stream().map(HostRule::plain).toList();
    }

    /** @param patterns names, {@code *.example.com} for all names below one, {@code *} for any */
    public static HostRule of(List<String> patterns) {
        return new HostRule(patterns);
    }

    static HostRule of(ConfigReader http) {
        return new HostRule(http.texts("allow-hosts"));
    }

    private static String plain(String host) {
        String lower = host.strip().toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Whether a host, as a URI names it, may be asked. */
    boolean allows(String host) {
        String name = plain(host);
        return patterns.stream()
                .anyMatch(pattern -> pattern.equals(ANY)
                        || pattern.equals(name)
                        || (pattern.startsWith(BELOW) && name.endsWith(pattern.substring(1))));
    }
}
