package io.pinion.store.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A type of the SATS type system. Types are structural: two products with the same field names and types in the same
 * order are the same type. Immutable; instances are threadsafe.
 *
 * <p>Tag numbers (types travel as values of a sum): 0 Ref, 1 Sum, 2 Product, 3 Array, then the primitives in the order
 * of {@link Primitive}, from 4 to 19.
 */
public sealed interface AlgebraicType {
    int REF_TAG = 0;
    int SUM_TAG = 1;
    int PRODUCT_TAG = 2;
    int ARRAY_TAG = 3;

    /** How deep types may nest where they are read or inlined; real ones need a dozen levels. */
    int MAX_DEPTH = 100;

    Product UNIT = new Product(List.of());
    Sum NEVER = new Sum(List.of());

    // The special types: recognised by shape and field name alone, written inline.
    Product IDENTITY = product(element("__identity__", Primitive.U256));
    Product CONNECTION_ID = product(element("__connection_id__", Primitive.U128));
    Product TIMESTAMP = product(element("__timestamp_micros_since_unix_epoch__", Primitive.I64));
    Product TIME_DURATION = product(element("__time_duration_micros__", Primitive.I64));
    Product UUID = product(element("__uuid__", Primitive.U128));
    Sum SCHEDULE_AT = sum(element("Interval", TIME_DURATION), element("Time", TIMESTAMP));

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
        STRING(4, -1, Family.OTHER),
        BOOL(5, 1, Family.OTHER),
        I8(6, 1, Family.SIGNED),
        U8(7, 1, Family.UNSIGNED),
        I16(8, 2, Family.SIGNED),
        U16(9, 2, Family.UNSIGNED),
        I32(10, 4, Family.SIGNED),
        U32(11, 4, Family.UNSIGNED),
        I64(12, 8, Family.SIGNED),
        U64(13, 8, Family.UNSIGNED),
        I128(14, 16, Family.SIGNED),
        U128(15, 16, Family.UNSIGNED),
        I256(16, 32, Family.SIGNED),
        U256(17, 32, Family.UNSIGNED),
        F32(18, 4, Family.FLOAT),
        F64(19, 8, Family.FLOAT);

        private enum Family {
            SIGNED,
            UNSIGNED,
            FLOAT,
            OTHER
        }

        private static final Primitive[] BY_TAG = values();

        private final int tag;
        private final int size;
        private final Family family;

        Primitive(int tag, int size, Family family) {
            this.tag = tag;
            this.size = size;
            this.family = family;
        }

        /** Encoded size in bytes, −1 for String. */
        public int size() {
            return size;
        }

        public int tag() {
            return tag;
        }

        /** The primitive of a tag from 4 to 19. */
        static Primitive ofTag(int tag) {
            return BY_TAG[tag - STRING.tag];
        }

        /** As it is spelled in JSON and in messages: {@code U8}, {@code String}. */
        public String spelling() {
            return switch (this) {
                case STRING -> "String";
                case BOOL -> "Bool";
                default -> name();
            };
        }

        public boolean isInteger() {
            return family == Family.SIGNED || family == Family.UNSIGNED;
        }

        public boolean isSigned() {
            return family == Family.SIGNED;
        }

        public boolean isFloat() {
            return family == Family.FLOAT;
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

    /** The products known by the name of their one field: identity, connection id, timestamp, duration, UUID. */
    static boolean isSpecialProduct(AlgebraicType type) {
        return type.equals(IDENTITY)
                || type.equals(CONNECTION_ID)
                || type.equals(TIMESTAMP)
                || type.equals(TIME_DURATION)
                || type.equals(UUID);
    }

    /** A sum of {@code some} and a {@code none} without content, in that order. */
    static boolean isOption(AlgebraicType type) {
        return type instanceof Sum(List<Element> variants)
                && variants.size() == 2
                && "some".equals(variants.getFirst().name())
                && "none".equals(variants.getLast().name())
                && variants.getLast().type().equals(UNIT);
    }

    /** A sum of {@code ok} and {@code err}, in that order. */
    static boolean isResult(AlgebraicType type) {
        return type instanceof Sum(List<Element> variants)
                && variants.size() == 2
                && "ok".equals(variants.getFirst().name())
                && "err".equals(variants.getLast().name());
    }

    /** Bytes have no kind of their own. */
    static boolean isByteArray(AlgebraicType type) {
        return type instanceof Array(AlgebraicType element) && element == Primitive.U8;
    }
}
