package io.pinion.actors.cluster;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The rule for names of databases: groups of {@code a-z} and {@code 0-9} with single hyphens between them, and not 64 hex
 * digits, which are an identity.
 */
public final class DatabaseName {
    private static final Pattern VALID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern IDENTITY = Pattern.compile("(0x)?[0-9a-fA-F]{64}");

    private DatabaseName() {}

    /** What is wrong with a name, as the end of a sentence; empty if nothing is. */
    public static Optional<String> problem(String name) {
        if (name.isEmpty()) {
            return Optional.of("it is empty");
        }
        if (IDENTITY.matcher(name).matches()) {
            return Optional.of("64 hex digits are an identity");
        }
        if (VALID.matcher(name).matches()) {
            return Optional.empty();
        }
        if (name.chars().anyMatch(c -> !isAllowed(c))) {
            return Optional.of("it has invalid characters: only a-z, 0-9 and - are allowed");
        }
        return Optional.of("it has an invalid hyphen: none at the start, at the end or twice in a row");
    }

    /** A valid name that looks like the given one, if there is one. */
    public static Optional<String> suggestion(String name) {
        String candidate =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return problem(candidate).isEmpty() ? Optional.of(candidate) : Optional.empty();
    }

    private static boolean isAllowed(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
}
