package io.pinion.store.value;

import java.math.BigInteger;
import java.util.HexFormat;

/**
 * An unsigned 256-bit number that names a caller or a database. Four 64-bit words, least significant first; BSATN is the
 * 32 bytes little endian, text is 64 lower-case hex digits big endian: the reverse of the bytes.
 */
public record Identity(long word0, long word1, long word2, long word3) implements Comparable<Identity> {
    public static final Identity ZERO = new Identity(0, 0, 0, 0);
    private static final int HEX_DIGITS = 64;

    /**
     * Reads the text form: an optional {@code 0x}, then exactly 64 hex digits of either case.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Identity parse(String text) {
        String digits = text.startsWith("0x") ? text.substring(2) : text;
        if (!isHex(digits)) {
            throw new IllegalArgumentException("an identity is 64 hex digits, not: " + text);
        }
        return new Identity(
                HexFormat.fromHexDigitsToLong(digits, 48, 64),
                HexFormat.fromHexDigitsToLong(digits, 32, 48),
                HexFormat.fromHexDigitsToLong(digits, 16, 32),
                HexFormat.fromHexDigitsToLong(digits, 0, 16));
    }

    /** Whether {@link #parse} would accept the text. */
    public static boolean isIdentity(String text) {
        return isHex(text.startsWith("0x") ? text.substring(2) : text);
    }

    private static boolean isHex(String digits) {
        return digits.length() == HEX_DIGITS && digits.chars().allMatch(HexFormat::isHexDigit);
    }

    /** The text form: 64 lower-case hex digits, no prefix. */
    public String toHex() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(word3) + hex.toHexDigits(word2) + hex.toHexDigits(word1) + hex.toHexDigits(word0);
    }

    public BigInteger toBigInteger() {
        return new BigInteger(toHex(), 16);
    }

    /** The 32 bytes, little endian. */
    public Bytes toBsatn() {
        return new BsatnWriter(32).writeIdentity(this).toBytes();
    }

    /** Numeric order, unsigned. */
    @Override
    public int compareTo(Identity other) {
        int order = Long.compareUnsigned(word3, other.word3);
        order = order != 0 ? order : Long.compareUnsigned(word2, other.word2);
        order = order != 0 ? order : Long.compareUnsigned(word1, other.word1);
        return order != 0 ? order : Long.compareUnsigned(word0, other.word0);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
