package io.pinion.node.auth;

/** What became of a presented token. */
public sealed interface TokenVerdict {
    record Accepted(Credentials credentials) implements TokenVerdict {}

    /** @param reason in words, for whoever presented it; starts with {@code Invalid token:} where the token itself is bad */
    record Refused(String reason) implements TokenVerdict {}
}
