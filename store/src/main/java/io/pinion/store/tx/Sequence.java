package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.SequenceDef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;

/**
 * The position of one auto-increment column. Positions are 128-bit numbers; while they fit into 63 bits no big integer is
 * made.
 */
final class Sequence {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    final SequenceDef def;
    /** Of the column, in bytes. */
    private final int size;

    private final long smallMax;
    private final long smallMin;
    private final long smallStep;
    private final boolean isStepSmall;

    private boolean isSmall;
    private long small;
    private BigInteger big = BigInteger.ZERO;

    private boolean isMoved;
    private BigInteger savedBig = BigInteger.ZERO;
    private long savedSmall;
    private boolean wasSmall;

    Sequence(SequenceDef def, int columnSize) {
        this.def = def;
        this.size = columnSize;
        this.smallMax = clamp(def.max());
        this.smallMin = clamp(def.min());
        this.isStepSmall = def.increment().bitLength() < Long.SIZE;
        this.smallStep = clamp(def.increment());
        moveTo(def.start());
    }

    private static long clamp(BigInteger value) {
        if (value.bitLength() < Long.SIZE) {
            return value.longValue();
        }
        return value.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }

    void moveTo(BigInteger next) {
        // Nothing is called between the assignments: an error leaves all or none.
        boolean fits = next.bitLength() < Long.SIZE;
        long value = fits ? next.longValue() : 0;
        isSmall = fits;
        small = value;
        big = fits ? BigInteger.ZERO : next;
    }

    /** The value that is handed out next. */
    BigInteger next() {
        return isSmall ? BigInteger.valueOf(small) : big;
    }

    boolean isZero(byte[] row, int at) {
        for (int i = 0; i < size; i++) {
            if (row[at + i] != 0) {
                return false;
            }
        }
        return true;
    }

    int size() {
        return size;
    }

    /** Writes the next value, cut to the column's size, and moves on. */
    void generate(byte[] row, int at) {
        save();
        if (isSmall && size == Long.BYTES) {
            LONG.set(row, at, small);
        } else {
            write(row, at);
        }
        long after = small + smallStep;
        boolean overflows = ((small ^ after) & (smallStep ^ after)) < 0;
        if (isSmall && isStepSmall && !overflows && after >= smallMin && after <= smallMax) {
            small = after;
        } else {
            moveTo(wrapped(next().add(def.increment())));
        }
    }

    private void write(byte[] row, int at) {
        long low = isSmall ? small : big.longValue();
        long high = isSmall ? small >> 63 : big.shiftRight(64).longValue();
        long fill = high >> 63;
        for (int i = 0; i < size; i++) {
            long word = i < 8 ? low : i < 16 ? high : fill;
            row[at + i] = (byte) (word >>> (8 * (i & 7)));
        }
    }

    private BigInteger wrapped(BigInteger next) {
        BigInteger span = def.max().subtract(def.min()).add(BigInteger.ONE);
        if (def.increment().signum() > 0 && next.compareTo(def.max()) > 0) {
            BigInteger past = next.subtract(def.max()).subtract(BigInteger.ONE);
            return def.min().add(past.mod(span));
        }
        if (def.increment().signum() < 0 && next.compareTo(def.min()) < 0) {
            BigInteger past = def.min().subtract(next).subtract(BigInteger.ONE);
            return def.max().subtract(past.mod(span));
        }
        return next;
    }

    private void save() {
        if (!isMoved) {
            savedSmall = small;
            savedBig = big;
            wasSmall = isSmall;
            isMoved = true;
        }
    }

    /** Whether it has handed out values since {@link #keep} or {@link #undo}. */
    boolean isMoved() {
        return isMoved;
    }

    void keep() {
        isMoved = false;
    }

    void undo() {
        if (isMoved) {
            small = savedSmall;
            big = savedBig;
            isSmall = wasSmall;
            isMoved = false;
        }
    }
}
