package io.pinion.store.table;

/** F32 and F64 in their total order: −∞ … −0 = +0 … +∞, then every NaN as one value. */
final class FloatShape extends Shape {
    FloatShape(int size) {
        super(size, true, true, 8 * size);
    }

    @Override
    int check(byte[] bytes, int at, int end) {
        return end - at >= fixedSize ? at + fixedSize : -1;
    }

    @Override
    int skip(byte[] bytes, int at) {
        return at + fixedSize;
    }

    @Override
    int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
        return Long.compareUnsigned(leading(left, leftAt), leading(right, rightAt));
    }

    @Override
    long leading(byte[] bytes, int at) {
        return fixedSize == 4 ? leading(Float.intBitsToFloat(Words.getInt(bytes, at))) : leading(doubleAt(bytes, at));
    }

    @Override
    long hash(byte[] bytes, int at, long seed) {
        return Words.mix(seed ^ leading(bytes, at));
    }

    private static double doubleAt(byte[] bytes, int at) {
        return Double.longBitsToDouble(Words.getLong(bytes, at));
    }

    private static long leading(double value) {
        // The sum turns −0 into +0, the conversion makes one NaN of all.
        long bits = Double.doubleToLongBits(value + 0.0);
        return bits < 0 ? ~bits : bits ^ Long.MIN_VALUE;
    }

    private static long leading(float value) {
        int bits = Float.floatToIntBits(value + 0.0f);
        return (long) (bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE) << 32;
    }
}
