package io.pinion.store.table;

final class BoolShape extends Shape {
    BoolShape() {
        super(1, false, false, 8);
    }

    @Override
    int check(byte[] bytes, int at, int end) {
        return at < end && (bytes[at] & ~1) == 0 ? at + 1 : -1;
    }

    @Override
    int skip(byte[] bytes, int at) {
        return at + 1;
    }

    @Override
    int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
        return left[leftAt] - right[rightAt];
    }

    @Override
    long leading(byte[] bytes, int at) {
        return (long) bytes[at] << 56;
    }
}
