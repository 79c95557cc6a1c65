package io.pinion.store.table;

/** Fields back to back; the first difference decides the order. */
final class ProductShape extends Shape {
    private final Shape[] fields;

    ProductShape(Shape[] fields) {
        super(sizeOf(fields), anyBytes(fields), hasFloat(fields), 0);
        this.fields = fields;
    }

    static int sizeOf(Shape[] fields) {
        int size = 0;
        for (Shape field : fields) {
            if (field.fixedSize < 0) {
                return -1;
            }
            size = Math.addExact(size, field.fixedSize);
        }
        return size;
    }

    static boolean anyBytes(Shape[] fields) {
        for (Shape field : fields) {
            if (!field.anyBytes) {
                return false;
            }
        }
        return true;
    }

    static boolean hasFloat(Shape[] fields) {
        for (Shape field : fields) {
            if (field.hasFloat) {
                return true;
            }
        }
        return false;
    }

    /** The parts that a key on this product alone consists of. */
    Shape[] fields() {
        return fields;
    }

    @Override
    int check(byte[] bytes, int at, int end) {
        if (anyBytes) {
            return end - at >= fixedSize ? at + fixedSize : -1;
        }
        int position = at;
        for (Shape field : fields) {
            position = field.check(bytes, position, end);
            if (position < 0) {
                return -1;
            }
        }
        return position;
    }

    @Override
    int skip(byte[] bytes, int at) {
        if (fixedSize >= 0) {
            return at + fixedSize;
        }
        int position = at;
        for (Shape field : fields) {
            position = field.skip(bytes, position);
        }
        return position;
    }

    @Override
    int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
        int leftPosition = leftAt;
        int rightPosition = rightAt;
        for (Shape field : fields) {
            int order = field.compare(left, leftPosition, right, rightPosition);
            if (order != 0) {
                return order;
            }
            leftPosition = field.skip(left, leftPosition);
            rightPosition = field.skip(right, rightPosition);
        }
        return 0;
    }

    @Override
    long leading(byte[] bytes, int at) {
        return fields.length == 0 ? 0 : fields[0].leading(bytes, at);
    }

    @Override
    boolean isBounded() {
        for (Shape field : fields) {
            if (!field.isBounded()) {
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
        long hash = seed;
        int position = at;
        for (Shape field : fields) {
            hash = field.hash(bytes, position, hash);
            position = field.skip(bytes, position);
        }
        return hash;
    }
}
