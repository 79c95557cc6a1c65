package io.pinion.store.value;

import io.pinion.store.value.BsatnException.Category;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over BSATN bytes: little endian, no padding. Reads never go past the end; what is missing or malformed is a
 * {@link BsatnException} that names the offset. Used by one thread at a time.
 */
public final class BsatnReader {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int position;

    public BsatnReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    public BsatnReader(Bytes bytes) {
        this(bytes.unsafeArray());
    }

    public BsatnReader(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.position = offset;
        this.end = offset + length;
    }

    /** Absolute index of the next byte in the array. */
    public int position() {
        return position;
    }

    public int remaining() {
        return end - position;
    }

    public boolean readBool() {
        int at = take(1, "bool");
        byte value = bytes[at];
        if (value != 0 && value != 1) {
            throw new BsatnException(Category.BAD_BOOL, "byte " + (value & 0xff) + " at " + at + " is not a bool");
        }
        return value == 1;
    }

    public byte readByte() {
        return bytes[take(1, "byte")];
    }

    public int readU8() {
        return readByte() & 0xff;
    }

    public short readShort() {
        return (short) SHORT.get(bytes, take(2, "16-bit integer"));
    }

    public int readU16() {
        return readShort() & 0xffff;
    }

    public int readInt() {
        return (int) INT.get(bytes, take(4, "32-bit integer"));
    }

    public long readU32() {
        return readInt() & 0xffff_ffffL;
    }

    public long readLong() {
        return (long) LONG.get(bytes, take(8, "64-bit integer"));
    }

    public float readFloat() {
        return Float.intBitsToFloat(readInt());
    }

    public double readDouble() {
        return Double.longBitsToDouble(readLong());
    }

    /** Reads an integer of {@code size} bytes, two's complement when {@code signed}. */
    public BigInteger readBigInteger(int size, boolean signed) {
        int at = take(size, "integer of " + size + " bytes");
        byte[] bigEndian = new byte[size];
        for (int i = 0; i < size; i++) {
            bigEndian[size - 1 - i] = bytes[at + i];
        }
        return signed ? new BigInteger(bigEndian) : new BigInteger(1, bigEndian);
    }

    public Identity readIdentity() {
        return new Identity(readLong(), readLong(), readLong(), readLong());
    }

    public ConnectionId readConnectionId() {
        return new ConnectionId(readLong(), readLong());
    }

    /** Reads a u32 byte count and that many bytes of strict UTF-8. */
    public String readString() {
        int length = readByteCount("string");
        int at = position;
        position += length;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BsatnException(Category.BAD_UTF8, "the string at " + at + " is not UTF-8");
        }
    }

    /** Reads a u32 count and that many bytes. */
    public Bytes readByteArray() {
        int length = readByteCount("byte array");
        int at = position;
        position += length;
        return Bytes.copyOf(bytes, at, length);
    }

    /** A u32 count of elements that are still to be read. Never a reason to reserve memory. */
    public long readCount() {
        return readU32();
    }

    /** A sum's tag, checked against the number of variants. */
    public int readTag(int variantCount, String what) {
        int at = position;
        int tag = readU8();
        if (tag >= variantCount) {
            throw new BsatnException(
                    Category.BAD_TAG,
                    "tag " + tag + " at " + at + " is not one of the " + variantCount + " variants of " + what);
        }
        return tag;
    }

    public void skip(int count) {
        take(count, count + " bytes");
    }

    private int readByteCount(String what) {
        long length = readU32();
        if (length > remaining()) {
            throw tooShort(what + " of " + length + " bytes");
        }
        return (int) length;
    }

    private int take(int count, String what) {
        if (count > end - position) {
            throw tooShort(what);
        }
        int at = position;
        position += count;
        return at;
    }

    private BsatnException tooShort(String what) {
        return new BsatnException(
                Category.TOO_SHORT,
                "expected a " + what + " at " + position + " but only " + remaining() + " bytes are left");
    }
}
