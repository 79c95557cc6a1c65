package io.pinion.store.table;

/** A tag and the variant's payload; ordered by tag first. */
final class SumShape extends Shape {
    private final Shape[] variants;

    SumShape(Shape[] variants) {
        super(sizeOf(variants), false, ProductShape.hasFloat(variants), isPlain(variants) ? 8 : 0);
        this.variants = variants;
    }

    private static int sizeOf(Shape[] variants) {
        if (variants.length == 0) {
            return -1;
        }
        int size = variants[0].fixedSize;
        for (Shape variant : variants) {
            if (variant.fixedSize != size || size < 0) {
                return -1;
            }
        }
        return 1 + size;
    }

    private static boolean isPlain(Shape[] variants) {
        for (Shape variant : variants) {
            if (variant.fixedSize != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    int check(byte[] bytes, int at, int end) {
        if (at >= end || (bytes[at] & 0xff) >= variants.length) {
            return -1;
        }
        return variants[bytes[at] & 0xff].check(bytes, at + 1, end);
    }

    @Override
    int skip(byte[] bytes, int at) {
        return variants[bytes[at] & 0xff].skip(bytes, at + 1);
    }

    @Override
    int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
        int leftTag = left[leftAt] & 0xff;
        int rightTag = right[rightAt] & 0xff;
        return leftTag != rightTag
                ? leftTag - rightTag
                : variants[leftTag].compare(left, leftAt + 1, right, rightAt + 1);
    }

    @Override
    long leading(byte[] bytes, int at) {
        long tag = bytes[at] & 0xffL;
        return (tag << 56) | (variants[(int) tag].leading(bytes, at + 1) >>> 8);
    }

    @Override
    boolean isBounded() {
        for (Shape variant : variants) {
            if (!variant.isBounded()) {
                return false;
            }
        }
        return true;
    }

    @Override
    long hash(byte[] bytes, int at, long seed) {
        if (!hasFloat) {
            return super.hash(bytes, at, seed);
        }
        return variants[bytes[at] & 0xff].hash(bytes, at + 1, Words.mix(seed ^ bytes[at]));
    }
}
