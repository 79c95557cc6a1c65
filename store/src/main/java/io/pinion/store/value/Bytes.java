package io.pinion.store.value;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable run of bytes with value equality. The array handed to {@link #wrap} belongs to the new object: the caller
 * gives it up for good.
 */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** Takes the array over without a copy. */
    public static Bytes wrap(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array);
    }

    public static Bytes copyOf(byte[] array, int offset, int length) {
        return wrap(Arrays.copyOfRange(array, offset, offset + length));
    }

    public static Bytes ofUtf8(String text) {
        return wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IllegalArgumentException if the text is not an even number of hex digits */
    public static Bytes ofHex(String hex) {
        return wrap(HexFormat.of().parseHex(hex));
    }

    public int length() {
        return array.length;
    }

    public boolean isEmpty() {
        return array.length == 0;
    }

    public byte at(int index) {
        return array[index];
    }

    /** The bytes themselves, not a copy: never to be changed. */
    public byte[] unsafeArray() {
        return array;
    }

    public byte[] toArray() {
        return array.clone();
    }

    public String toUtf8() {
        return new String(array, StandardCharsets.UTF_8);
    }

    /** Lower-case hex, two digits per byte. */
    public String toHex() {
        return HexFormat.of().formatHex(array);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    @Override
    public String toString() {
        return array.length <= 32 ? toHex() : HexFormat.of().formatHex(array, 0, 32) + "… (" + array.length + " bytes)";
    }
}
