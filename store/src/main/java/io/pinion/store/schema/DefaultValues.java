package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import java.util.List;

/** Finds out whether bytes are a value of a type. One object reads one value. */
final class DefaultValues {
    /** A default is a constant somebody wrote down; walking through more than this is an attack. */
    private static final int STEPS_MAX = 1_000_000;

    private final BsatnReader in;
    private int steps;

    private DefaultValues(BsatnReader in) {
        this.in = in;
    }

    /**
     * The part of the bytes that is the value; what follows it is ignored.
     *
     * @param inlined without references
     * @throws BsatnException if the bytes do not begin with a value of the type
     */
    static Bytes value(Bytes bytes, AlgebraicType inlined) {
        BsatnReader in = new BsatnReader(bytes);
        new DefaultValues(in).skip(inlined);
        return Bytes.copyOf(bytes.unsafeArray(), 0, in.position());
    }

    private void skip(AlgebraicType type) {
        step();
        switch (type) {
            case Primitive primitive -> skipPrimitive(primitive);
            case AlgebraicType.Product(List<Element> elements) -> elements.forEach(element -> skip(element.type()));
            case AlgebraicType.Sum(List<Element> variants) ->
                skip(variants.get(in.readTag(variants.size(), "the sum")).type());
            case AlgebraicType.Array(AlgebraicType element) -> skipArray(element);
            case AlgebraicType.Ref _ ->
                throw new BsatnException(BsatnException.Category.CUSTOM, "the type is not fully known");
        }
    }

    private void skipPrimitive(Primitive primitive) {
        switch (primitive) {
            case STRING -> in.readString();
            case BOOL -> in.readBool();
            default -> in.skip(primitive.size());
        }
    }

    private void skipArray(AlgebraicType element) {
        if (element == Primitive.U8) {
            in.readByteArray();
            return;
        }
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            skip(element);
        }
    }

    private void step() {
        if (++steps > STEPS_MAX) {
            throw new BsatnException(
                    BsatnException.Category.TOO_LONG, "the value has more than " + STEPS_MAX + " parts");
        }
    }
}
