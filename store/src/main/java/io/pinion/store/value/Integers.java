package io.pinion.store.value;

import io.pinion.store.value.AlgebraicType.Primitive;
import java.math.BigInteger;

/** Ranges of the integer types. */
public final class Integers {
    private Integers() {}

    /** Whether the integer type can hold the value. */
    public static boolean isInRange(BigInteger value, Primitive type) {
        int bits = type.size() * Byte.SIZE;
        if (type.isSigned()) {
            return value.bitLength() < bits;
        }
        return value.signum() >= 0 && value.bitLength() <= bits;
    }
}
