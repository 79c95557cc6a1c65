package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads types that travel as values. */
final class TypeReader {
    /** Levels a type may nest as written; nothing legitimate is known to need more than a few dozen. */
    static final int DEPTH_MAX = 96;

    private static final Primitive[] PRIMITIVES = Primitive.values();
    private static final int KINDS = AlgebraicType.ARRAY_TAG + 1 + PRIMITIVES.length;

    private TypeReader() {}

    static AlgebraicType readType(BsatnReader in) {
        return readType(in, 0);
    }

    /** A bare product record: its elements without the tag of a type. */
    static AlgebraicType.Product readProduct(BsatnReader in) {
        return new AlgebraicType.Product(readElements(in, 0));
    }

    private static AlgebraicType readType(BsatnReader in, int depth) {
        if (depth > DEPTH_MAX) {
            throw new BsatnException(
                    BsatnException.Category.TOO_DEEP,
                    "the type at " + in.position() + " nests deeper than " + DEPTH_MAX + " levels");
        }
        int tag = in.readTag(KINDS, "the type of types");
        return switch (tag) {
            case AlgebraicType.REF_TAG -> new AlgebraicType.Ref(in.readInt());
            case AlgebraicType.SUM_TAG -> new AlgebraicType.Sum(readElements(in, depth + 1));
            case AlgebraicType.PRODUCT_TAG -> new AlgebraicType.Product(readElements(in, depth + 1));
            case AlgebraicType.ARRAY_TAG -> new AlgebraicType.Array(readType(in, depth + 1));
            default -> PRIMITIVES[tag - AlgebraicType.ARRAY_TAG - 1];
        };
    }

    private static List<Element> readElements(BsatnReader in, int depth) {
        long count = in.readCount();
        List<Element> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            @Nullable String name = in.readTag(2, "an optional name") == 0 ? in.readString() : null;
            elements.add(new Element(name, readType(in, depth)));
        }
        return elements;
    }
}
