package io.pinion.actors.backup;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Length and SHA-256 of one part after the other. One thread. */
final class PartDigest {
    private final MessageDigest sha256;
    private long bytes;

    PartDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    void add(byte[] source, int length) {
        sha256.update(source, 0, length);
        bytes += length;
    }

    long bytes() {
        return bytes;
    }

    /** Of everything since the one before, after which it begins anew. */
    byte[] end() {
        bytes = 0;
        return sha256.digest();
    }
}
