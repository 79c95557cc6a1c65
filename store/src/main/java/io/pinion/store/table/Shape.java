package io.pinion.store.table;

import io.pinion.store.value.AlgebraicType;
import java.util.List;

/**
 * A type compiled for work on encoded values: check, step over, compare, hash. Immutable and threadsafe.
 *
 * <p>{@link #check} reads bytes from outside; every other method trusts that they were checked before.
 */
abstract class Shape {
    /** Encoded size in bytes, or −1 if it depends on the value. */
    final int fixedSize;
    /** Whether every byte string of the fixed size is a value. */
    final boolean anyBytes;

    final boolean hasFloat;
    /** How many leading bits of {@link #leading} determine the value, or 0 if they do not. */
    final int exactBits;

    Shape(int fixedSize, boolean anyBytes, boolean hasFloat, int exactBits) {
        this.fixedSize = fixedSize;
        this.anyBytes = anyBytes;
        this.hasFloat = hasFloat;
        this.exactBits = exactBits;
    }

    /** The position after the value, or −1 if the bytes up to {@code end} do not begin with one. */
    abstract int check(byte[] bytes, int at, int end);

    /** The position after the value. */
    abstract int skip(byte[] bytes, int at);

    /** The order of values; zero for values that are equal as index keys. */
    abstract int compare(byte[] left, int leftAt, byte[] right, int rightAt);

    /** Summary of the value, to be compared unsigned: never decreases from one value to a greater one. */
    abstract long leading(byte[] bytes, int at);

    /** Hash that is the same for values that {@link #compare} as equal. */
    long hash(byte[] bytes, int at, long seed) {
        return Words.hash(bytes, at, skip(bytes, at) - at, seed);
    }

    /** Whether there is a bound on the encoded size that the type alone sets. */
    boolean isBounded() {
        return fixedSize >= 0;
    }

    /** @param type without references */
    static Shape of(AlgebraicType type) {
        return switch (type) {
            case AlgebraicType.Primitive primitive -> of(primitive);
            case AlgebraicType.Product(List<AlgebraicType.Element> elements) -> ofProduct(elements);
            case AlgebraicType.Sum(List<AlgebraicType.Element> variants) -> new SumShape(shapes(variants));
            case AlgebraicType.Array(AlgebraicType element) -> new ArrayShape(of(element));
            case AlgebraicType.Ref(int index) ->
                throw new IllegalArgumentException("a row type holds reference " + index + "; it must be inlined");
        };
    }

    private static Shape of(AlgebraicType.Primitive primitive) {
        return switch (primitive) {
            case STRING -> new StringShape();
            case BOOL -> new BoolShape();
            case F32, F64 -> new FloatShape(primitive.size());
            default -> new IntegerShape(primitive.size(), primitive.isSigned());
        };
    }

    /** One field alone is encoded as that field; only the fields of a product count as parts of a key. */
    private static Shape ofProduct(List<AlgebraicType.Element> elements) {
        Shape[] fields = shapes(elements);
        return fields.length == 1 && !(fields[0] instanceof ProductShape) ? fields[0] : new ProductShape(fields);
    }

    static Shape[] shapes(List<AlgebraicType.Element> elements) {
        return elements.stream().map(element -> of(element.type())).toArray(Shape[]::new);
    }
}
