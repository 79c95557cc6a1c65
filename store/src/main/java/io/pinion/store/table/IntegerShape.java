package io.pinion.store.table;

/** Integers of 1 to 32 bytes, little endian. */
final class IntegerShape extends Shape {
    private final boolean signed;

    IntegerShape(int size, boolean signed) {
        super(size, true, false, size <= 8 ? 8 * size : 0);
        this.signed = signed;
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
    long leading(byte[] bytes, int at) {
        long word = switch (fixedSize) {
            case 1 -> (long) bytes[at] << 56;
            case 2 -> (long) Words.getShort(bytes, at) << 48;
            case 4 -> (long) Words.getInt(bytes, at) << 32;
            default -> Words.getLong(bytes, at + fixedSize - 8);
        };
        return signed ? word ^ Long.MIN_VALUE : word;
    }

    @Override
    int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
        int order = Long.compareUnsigned(leading(left, leftAt), leading(right, rightAt));
        for (int word = fixedSize - 16; order == 0 && word >= 0; word -= 8) {
            order = Long.compareUnsigned(Words.getLong(left, leftAt + word), Words.getLong(right, rightAt + word));
        }
        return order;
    }
}
