package io.pinion.store.value;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.HexFormat;

/** An unsigned 128-bit number that names one client connection; zero stands for "none". Words least significant first. */
public record ConnectionId(long word0, long word1) {
    public static final ConnectionId NONE = new ConnectionId(0, 0);
    private static final int HEX_DIGITS = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Reads the text form: an optional {@code 0x}, then exactly 32 hex digits of either case.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static ConnectionId parse(String text) {
        String digits = text.startsWith("0x") ? text.substring(2) : text;
        if (digits.length() != HEX_DIGITS || !digits.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("a connection id is 32 hex digits, not: " + text);
        }
        return new ConnectionId(
                HexFormat.fromHexDigitsToLong(digits, 16, 32), HexFormat.fromHexDigitsToLong(digits, 0, 16));
    }

    /** One that nobody can guess; never {@link #NONE}. */
    public static ConnectionId random() {
        ConnectionId id = NONE;
        while (id.equals(NONE)) {
            id = new ConnectionId(RANDOM.nextLong(), RANDOM.nextLong());
        }
        return id;
    }

    public BigInteger toBigInteger() {
        return new BigInteger(toHex(), 16);
    }

    /** The 16 bytes, little endian. */
    public Bytes toBsatn() {
        return new BsatnWriter(16).writeConnectionId(this).toBytes();
    }

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
