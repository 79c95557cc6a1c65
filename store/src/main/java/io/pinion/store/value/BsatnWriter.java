package io.pinion.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer that BSATN values are appended to. Used by one thread at a time. */
public final class BsatnWriter {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] buffer;
    private int length;

    public BsatnWriter() {
        this(64);
    }

    public BsatnWriter(int capacity) {
        buffer = new byte[capacity];
    }

    public int length() {
        return length;
    }

    /** Forgets what was written and keeps the buffer. */
    public void reset() {
        length = 0;
    }

    /** Forgets what was written at and after {@code to}. */
    void truncate(int to) {
        length = to;
    }

    public BsatnWriter writeBool(boolean value) {
        return writeByte(value ? 1 : 0);
    }

    public BsatnWriter writeByte(int value) {
        int at = grow(1);
        buffer[at] = (byte) value;
        return this;
    }

    public BsatnWriter writeShort(int value) {
        int at = grow(2);
        SHORT.set(buffer, at, (short) value);
        return this;
    }

    public BsatnWriter writeInt(int value) {
        int at = grow(4);
        INT.set(buffer, at, value);
        return this;
    }

    public BsatnWriter writeLong(long value) {
        int at = grow(8);
        LONG.set(buffer, at, value);
        return this;
    }

    public BsatnWriter writeFloat(float value) {
        return writeInt(Float.floatToRawIntBits(value));
    }

    public BsatnWriter writeDouble(double value) {
        return writeLong(Double.doubleToRawLongBits(value));
    }

    /** Writes the low {@code size} bytes of the two's complement form, least significant first. */
    public BsatnWriter writeBigInteger(BigInteger value, int size) {
        byte[] bigEndian = value.toByteArray();
        byte fill = (byte) (value.signum() < 0 ? -1 : 0);
        int at = grow(size);
        for (int i = 0; i < size; i++) {
            int from = bigEndian.length - 1 - i;
            buffer[at + i] = from >= 0 ? bigEndian[from] : fill;
        }
        return this;
    }

    public BsatnWriter writeIdentity(Identity identity) {
        return writeLong(identity.word0())
                .writeLong(identity.word1())
                .writeLong(identity.word2())
                .writeLong(identity.word3());
    }

    public BsatnWriter writeConnectionId(ConnectionId connectionId) {
        return writeLong(connectionId.word0()).writeLong(connectionId.word1());
    }

    public BsatnWriter writeString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return writeInt(utf8.length).writeRaw(utf8, 0, utf8.length);
    }

    /** Writes a u32 count and the bytes. */
    public BsatnWriter writeByteArray(Bytes value) {
        return writeInt(value.length()).writeRaw(value);
    }

    public BsatnWriter writeRaw(Bytes value) {
        return writeRaw(value.unsafeArray(), 0, value.length());
    }

    public BsatnWriter writeRaw(byte[] source, int offset, int count) {
        int at = grow(count);
        System.arraycopy(source, offset, buffer, at, count);
        return this;
    }

    /** Overwrites four bytes written before, for counts that are known only afterwards. */
    public void setInt(int at, int value) {
        INT.set(buffer, at, value);
    }

    /** The buffer itself; only the first {@link #length()} bytes count, and only until the next write. */
    public byte[] buffer() {
        return buffer;
    }

    public Bytes toBytes() {
        return Bytes.copyOf(buffer, 0, length);
    }

    private int grow(int count) {
        int at = length;
        int needed = Math.addExact(at, count);
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(needed, buffer.length + (buffer.length >> 1) + 16));
        }
        length = needed;
        return at;
    }
}
