package io.pinion.store.value;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * An unsigned 256-bit number that names a caller or a database. Four 64-bit words, least significant first; BSATN is the
 * 32 bytes little endian, text is 64 lower-case hex digits big endian: the reverse of the bytes.
 */
public record Identity(long word0, long word1, long word2, long word3) implements Comparable<Identity> {
    public static final Identity ZERO = new Identity(0, 0, 0, 0);
    private static final int HEX_DIGITS = 64;
    private static final int SIZE = 32;
    private static final int HASH_AT = 6;
    private static final int CHECKSUM_AT = 2;
    private static final byte[] PREFIX = {(byte) 0xc2, 0x00};

    /**
     * The identity of a token's holder, from its issuer and subject as UTF-8.
     *
     * <pre>
     *   most significant byte first:   c2 00 │ checksum (4) │ hash (26)
     *   hash      first 26 bytes of BLAKE3(issuer | '|' | subject)
     *   checksum  first 4 bytes of BLAKE3(c2 00 | hash)
     * </pre>
     */
    public static Identity derive(String issuer, String subject) {
        Bytes hash = Hashes.blake3(Bytes.ofUtf8(issuer + '|' + subject));
        byte[] bigEndian = new byte[SIZE];
        System.arraycopy(PREFIX, 0, bigEndian, 0, PREFIX.length);
        System.arraycopy(hash.unsafeArray(), 0, bigEndian, HASH_AT, SIZE - HASH_AT);
        System.arraycopy(checksum(bigEndian), 0, bigEndian, CHECKSUM_AT, HASH_AT - CHECKSUM_AT);
        return parse(HexFormat.of().formatHex(bigEndian));
    }

    /** Whether it could have been {@linkplain #derive derived}. Any number is a legal identity all the same. */
    public boolean hasValidChecksum() {
        byte[] bigEndian = HexFormat.of().parseHex(toHex());
        return Arrays.equals(bigEndian, 0, CHECKSUM_AT, PREFIX, 0, PREFIX.length)
                && Arrays.equals(bigEndian, CHECKSUM_AT, HASH_AT, checksum(bigEndian), 0, HASH_AT - CHECKSUM_AT);
    }

    private static byte[] checksum(byte[] bigEndian) {
        byte[] input = Arrays.copyOf(PREFIX, PREFIX.length + SIZE - HASH_AT);
        System.arraycopy(bigEndian, HASH_AT, input, PREFIX.length, SIZE - HASH_AT);
        return Hashes.blake3(Bytes.wrap(input)).toArray();
    }

    /** A subject nobody has had before, and the identity it has at the issuer. */
    public record Fresh(String issuer, String subject, Identity identity) {}

    /** Invents a subject, a random UUID in hyphenated lower-case form. */
    public static Fresh fresh(String issuer) {
        String subject = UUID.randomUUID().toString();
        return new Fresh(issuer, subject, derive(issuer, subject));
    }

    /** From 32 bytes, little endian. */
    public static Identity ofBsatn(Bytes littleEndian) {
        return new BsatnReader(littleEndian).readIdentity();
    }

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
