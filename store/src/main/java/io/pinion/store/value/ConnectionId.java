package io.pinion.store.value;

import java.util.HexFormat;

/** An unsigned 128-bit number that names one client connection; zero stands for "none". Words least significant first. */
public record ConnectionId(long word0, long word1) {
    public static final ConnectionId NONE = new ConnectionId(0, 0);

    /** 32 lower-case hex digits, big endian. */
    public String toHex() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(word1) + hex.toHexDigits(word0);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
