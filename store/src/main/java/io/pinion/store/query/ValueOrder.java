package io.pinion.store.query;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * How the values of a comparable type are ordered, on their BSATN bytes: bools and integers by number, strings and byte
 * arrays byte by byte, floats with both zeros equal and every NaN equal and last; the special products as what they
 * hold. Hot path: no allocation.
 *
 * @param kind decides with what a comparison is made
 * @param size of an integer, in bytes
 */
record ValueOrder(Kind kind, int size) {
    enum Kind {
        UNSIGNED,
        SIGNED,
        F32,
        F64,
        BYTES
    }

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Empty for types that cannot be compared: durations, sums, other products and arrays. */
    static Optional<ValueOrder> of(AlgebraicType type) {
        if (AlgebraicType.isByteArray(type)) {
            return Optional.of(new ValueOrder(Kind.BYTES, 0));
        }
        if (AlgebraicType.isSpecialProduct(type) && !type.equals(AlgebraicType.TIME_DURATION)) {
            return of(((Product) type).elements().getFirst().type());
        }
        return type instanceof Primitive primitive
                ? Optional.of(new ValueOrder(kind(primitive), primitive.size()))
                : Optional.empty();
    }

    private static Kind kind(Primitive primitive) {
        return switch (primitive) {
            case STRING -> Kind.BYTES;
            case F32 -> Kind.F32;
            case F64 -> Kind.F64;
            default -> primitive.isSigned() ? Kind.SIGNED : Kind.UNSIGNED;
        };
    }

    boolean isFloat() {
        return kind == Kind.F32 || kind == Kind.F64;
    }

    /** Compares two values that begin at the given positions. */
    int compare(byte[] left, int leftStart, byte[] right, int rightStart) {
        return switch (kind) {
            case UNSIGNED -> compareUnsigned(left, leftStart, right, rightStart);
            case SIGNED -> compareSigned(left, leftStart, right, rightStart);
            case F32 ->
                compare(Float.intBitsToFloat(intAt(left, leftStart)), Float.intBitsToFloat(intAt(right, rightStart)));
            case F64 ->
                compare(
                        Double.longBitsToDouble(longAt(left, leftStart)),
                        Double.longBitsToDouble(longAt(right, rightStart)));
            case BYTES -> compareBytes(left, leftStart, right, rightStart);
        };
    }

    private int compareUnsigned(byte[] left, int leftStart, byte[] right, int rightStart) {
        return switch (size) {
            case Integer.BYTES -> Integer.compareUnsigned(intAt(left, leftStart), intAt(right, rightStart));
            case Long.BYTES -> Long.compareUnsigned(longAt(left, leftStart), longAt(right, rightStart));
            default -> compareFromLast(left, leftStart, right, rightStart, size);
        };
    }

    private int compareSigned(byte[] left, int leftStart, byte[] right, int rightStart) {
        return switch (size) {
            case Integer.BYTES -> Integer.compare(intAt(left, leftStart), intAt(right, rightStart));
            case Long.BYTES -> Long.compare(longAt(left, leftStart), longAt(right, rightStart));
            default -> {
                int order = Byte.compare(left[leftStart + size - 1], right[rightStart + size - 1]);
                yield order != 0 ? order : compareFromLast(left, leftStart, right, rightStart, size - 1);
            }
        };
    }

    private static int compareFromLast(byte[] left, int leftStart, byte[] right, int rightStart, int count) {
        for (int i = count - 1; i >= 0; i--) {
            int order = Byte.compareUnsigned(left[leftStart + i], right[rightStart + i]);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static int intAt(byte[] bytes, int start) {
        return (int) INT.get(bytes, start);
    }

    private static long longAt(byte[] bytes, int start) {
        return (long) LONG.get(bytes, start);
    }

    private static int compare(double left, double right) {
        // Double.compare would put −0.0 before 0.0.
        return left == right ? 0 : Double.compare(left, right);
    }

    private static int compareBytes(byte[] left, int leftStart, byte[] right, int rightStart) {
        int leftAt = leftStart + Integer.BYTES;
        int rightAt = rightStart + Integer.BYTES;
        int leftEnd = leftAt + intAt(left, leftStart);
        int rightEnd = rightAt + intAt(right, rightStart);
        return Arrays.compareUnsigned(left, leftAt, leftEnd, right, rightAt, rightEnd);
    }
}
