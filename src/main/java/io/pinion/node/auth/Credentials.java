package io.pinion.node.auth;

import io.pinion.store.value.Identity;

/**
 * Who makes a request, and by which token.
 *
 * @param identity computed from issuer and subject, never taken from the token
 * @param token compact serialisation
 * @param claims the token's payload, JSON text
 */
public record Credentials(Identity identity, String issuer, String subject, String token, String claims) {
    /** Without the token, which is a secret. */
    @Override
    public String toString() {
        return "Credentials[" + identity + ", " + issuer + ", " + subject + "]";
    }
}
