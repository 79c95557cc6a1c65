package io.pinion.store.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A type of the SATS type system. Types are structural: two products with the same field names and types in the same
 * order are the same type. Immutable; instances are threadsafe.
 *
 * <p>Tag numbers (types travel as values of a sum): 0 Ref, 1 Sum, 2 Product, 3 Array, then the primitives in the order
 * of {@link Primitive}, from 4.
 */
public sealed interface AlgebraicType {
    int REF_TAG = 0;
    int SUM_TAG = 1;
    int PRODUCT_TAG = 2;
    int ARRAY_TAG = 3;
    int FIRST_PRIMITIVE_TAG = 4;

    Product UNIT = new Product(List.of());
    Sum NEVER = new Sum(List.of());

    /** A field of a product or a variant of a sum; only products and sums of untyped origin have unnamed ones. */
    record Element(@Nullable String name, AlgebraicType type) {}

    /** Index into the {@link Typespace} the type was written for. */
    record Ref(int index) implements AlgebraicType {}

    /** A tagged union; the value's tag is the variant's position, one byte. */
    record Sum(List<Element> variants) implements AlgebraicType {
        public Sum {
            variants = List.copyOf(variants);
        }
    }

    record Product(List<Element> elements) implements AlgebraicType {
        public Product {
            elements = List.copyOf(elements);
        }
    }

    record Array(AlgebraicType element) implements AlgebraicType {}

    /** Kinds without payload, in tag order. */
    enum Primitive implements AlgebraicType {
        STRING(-1),
        BOOL(1),
        I8(1),
        U8(1),
        I16(2),
        U16(2),
        I32(4),
        U32(4),
        I64(8),
        U64(8),
        I128(16),
        U128(16),
        I256(32),
        U256(32),
        F32(4),
        F64(8);

        private final int size;

        Primitive(int size) {
            this.size = size;
        }

        /** Encoded size in bytes, −1 for String. */
        public int size() {
            return size;
        }

        public int tag() {
            return FIRST_PRIMITIVE_TAG + ordinal();
        }

        public boolean isInteger() {
            return ordinal() >= I8.ordinal() && ordinal() <= U256.ordinal();
        }

        public boolean isSigned() {
            return this == I8 || this == I16 || this == I32 || this == I64 || this == I128 || this == I256;
        }

        public boolean isFloat() {
            return this == F32 || this == F64;
        }
    }

    static Product product(Element... elements) {
        return new Product(List.of(elements));
    }

    static Sum sum(Element... variants) {
        return new Sum(List.of(variants));
    }

    static Element element(@Nullable String name, AlgebraicType type) {
        return new Element(name, type);
    }

    static Sum option(AlgebraicType some) {
        return sum(element("some", some), element("none", UNIT));
    }
}
