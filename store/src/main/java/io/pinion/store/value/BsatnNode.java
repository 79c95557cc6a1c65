package io.pinion.store.value;

import io.pinion.store.value.BsatnException.Category;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/** One step of a {@link BsatnLayout}. Positions are absolute; {@code depth} is the number of enclosing values. */
abstract sealed class BsatnNode {
    static final int VARIABLE = -1;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** Bytes that every value takes, or {@link #VARIABLE}. */
    abstract int fixedSize();

    /** Returns the position after the value, having looked at every byte that could be wrong. */
    abstract int check(byte[] bytes, int at, int limit, int depth);

    /** Returns the position after the value, having looked only at what decides the length. */
    abstract int skip(byte[] bytes, int at, int limit, int depth);

    static int take(int count, int at, int limit) {
        if (count > limit - at) {
            throw new BsatnException(
                    Category.TOO_SHORT,
                    "expected " + count + " bytes at " + at + " but only " + (limit - at) + " are left");
        }
        return at + count;
    }

    private static long count(byte[] bytes, int at, int limit) {
        take(Integer.BYTES, at, limit);
        return (int) INT.get(bytes, at) & 0xffff_ffffL;
    }

    private static int takeMany(long count, int size, int at, int limit) {
        if (size != 0 && count > (limit - at) / size) {
            throw new BsatnException(
                    Category.TOO_SHORT,
                    "expected " + count + " elements of " + size + " bytes at " + at + " but only " + (limit - at)
                            + " bytes are left");
        }
        return at + (int) (count * size);
    }

    private static int deeper(int depth, int at) {
        if (depth >= BsatnLayout.MAX_DEPTH) {
            throw new BsatnException(
                    Category.TOO_DEEP, "the value nests deeper than " + BsatnLayout.MAX_DEPTH + " at " + at);
        }
        return depth + 1;
    }

    /** Fixed size, and any bytes will do: integers, floats, and products of nothing else. */
    static final class Plain extends BsatnNode {
        static final Plain UNIT = new Plain(0);

        private final int size;

        Plain(int size) {
            this.size = size;
        }

        @Override
        int fixedSize() {
            return size;
        }

        @Override
        int check(byte[] bytes, int at, int limit, int depth) {
            return take(size, at, limit);
        }

        @Override
        int skip(byte[] bytes, int at, int limit, int depth) {
            return take(size, at, limit);
        }
    }

    static final class Bool extends BsatnNode {
        static final Bool INSTANCE = new Bool();

        @Override
        int fixedSize() {
            return 1;
        }

        @Override
        int check(byte[] bytes, int at, int limit, int depth) {
            int end = take(1, at, limit);
            if ((bytes[at] & 0xfe) != 0) {
                throw new BsatnException(
                        Category.BAD_BOOL, "byte " + (bytes[at] & 0xff) + " at " + at + " is not a bool");
            }
            return end;
        }

        @Override
        int skip(byte[] bytes, int at, int limit, int depth) {
            return take(1, at, limit);
        }
    }

    static final class Text extends BsatnNode {
        static final Text INSTANCE = new Text();

        @Override
        int fixedSize() {
            return VARIABLE;
        }

        @Override
        int check(byte[] bytes, int at, int limit, int depth) {
            int end = skip(bytes, at, limit, depth);
            if (!Utf8.isValid(bytes, at + Integer.BYTES, end)) {
                throw new BsatnException(Category.BAD_UTF8, "the string at " + (at + Integer.BYTES) + " is not UTF-8");
            }
            return end;
        }

        @Override
        int skip(byte[] bytes, int at, int limit, int depth) {
            return takeMany(count(bytes, at, limit), 1, at + Integer.BYTES, limit);
        }
    }

    static final class Array extends BsatnNode {
        private final BsatnNode element;

        Array(BsatnNode element) {
            this.element = element;
        }

        @Override
        int fixedSize() {
            return VARIABLE;
        }

        @Override
        int check(byte[] bytes, int at, int limit, int depth) {
            long count = count(bytes, at, limit);
            int inner = deeper(depth, at);
            int position = at + Integer.BYTES;
            if (element instanceof Plain) {
                return takeChecked(count, position, limit);
            }
            for (long i = 0; i < count; i++) {
                position = element.check(bytes, position, limit, inner);
            }
            return position;
        }

        @Override
        int skip(byte[] bytes, int at, int limit, int depth) {
            long count = count(bytes, at, limit);
            int inner = deeper(depth, at);
            int position = at + Integer.BYTES;
            if (element.fixedSize() != VARIABLE) {
                return takeChecked(count, position, limit);
            }
            for (long i = 0; i < count; i++) {
                position = element.skip(bytes, position, limit, inner);
            }
            return position;
        }

        private int takeChecked(long count, int at, int limit) {
            int size = element.fixedSize();
            if (size == 0 && count > BsatnLayout.MAX_ZERO_WIDTH_COUNT) {
                throw new BsatnException(
                        Category.TOO_LONG,
                        count + " elements without content at " + at + ", more than "
                                + BsatnLayout.MAX_ZERO_WIDTH_COUNT);
            }
            return takeMany(count, size, at, limit);
        }
    }

    static final class Product extends BsatnNode {
        private final BsatnNode[] steps;
        private final int fixedSize;

        Product(List<BsatnNode> steps, int fixedSize) {
            this.steps = steps.toArray(BsatnNode[]::new);
            this.fixedSize = fixedSize;
        }

        @Override
        int fixedSize() {
            return fixedSize;
        }

        @Override
        int check(byte[] bytes, int at, int limit, int depth) {
            int inner = deeper(depth, at);
            int position = at;
            for (BsatnNode step : steps) {
                position = step.check(bytes, position, limit, inner);
            }
            return position;
        }

        @Override
        int skip(byte[] bytes, int at, int limit, int depth) {
            if (fixedSize != VARIABLE) {
                return take(fixedSize, at, limit);
            }
            int inner = deeper(depth, at);
            int position = at;
            for (BsatnNode step : steps) {
                position = step.skip(bytes, position, limit, inner);
            }
            return position;
        }
    }

    static final class Sum extends BsatnNode {
        private final BsatnNode[] variants;
        private final int fixedSize;

        Sum(List<BsatnNode> variants, int fixedSize) {
            this.variants = variants.toArray(BsatnNode[]::new);
            this.fixedSize = fixedSize;
        }

        @Override
        int fixedSize() {
            return fixedSize;
        }

        @Override
        int check(byte[] bytes, int at, int limit, int depth) {
            int inner = deeper(depth, at);
            return variant(bytes, at, limit).check(bytes, at + 1, limit, inner);
        }

        @Override
        int skip(byte[] bytes, int at, int limit, int depth) {
            if (fixedSize != VARIABLE) {
                return take(fixedSize, at, limit);
            }
            int inner = deeper(depth, at);
            return variant(bytes, at, limit).skip(bytes, at + 1, limit, inner);
        }

        private BsatnNode variant(byte[] bytes, int at, int limit) {
            take(1, at, limit);
            int tag = bytes[at] & 0xff;
            if (tag >= variants.length) {
                throw new BsatnException(
                        Category.BAD_TAG,
                        "tag " + tag + " at " + at + " is not one of the " + variants.length + " variants");
            }
            return variants[tag];
        }
    }

    /** A reference that leads back to a type it is part of. Counts as a level, so that one to itself comes to an end. */
    static final class Recursion extends BsatnNode {
        private final BsatnNode[] byIndex;
        private final int index;

        Recursion(BsatnNode[] byIndex, int index) {
            this.byIndex = byIndex;
            this.index = index;
        }

        @Override
        int fixedSize() {
            return VARIABLE;
        }

        @Override
        int check(byte[] bytes, int at, int limit, int depth) {
            return byIndex[index].check(bytes, at, limit, deeper(depth, at));
        }

        @Override
        int skip(byte[] bytes, int at, int limit, int depth) {
            return byIndex[index].skip(bytes, at, limit, deeper(depth, at));
        }
    }
}
