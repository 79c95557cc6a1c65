package io.pinion.store.value;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The types that {@link AlgebraicType.Ref}s point at, by position. Immutable. */
public record Typespace(List<AlgebraicType> types) {
    public static final Typespace EMPTY = new Typespace(List.of());
    /** More than any real row needs, and little enough that doubling references cannot exhaust the memory. */
    private static final int MAX_INLINED_TYPES = 65_536;

    public Typespace {
        types = List.copyOf(types);
    }

    /** @throws InvalidTypeException if the reference leads outside the typespace */
    public AlgebraicType get(int index) {
        if (index < 0 || index >= types.size()) {
            throw new InvalidTypeException("type reference " + Integer.toUnsignedString(index)
                    + " is out of range: the typespace has " + types.size() + " types");
        }
        return types.get(index);
    }

    /** Follows references until something else is found. */
    public AlgebraicType resolve(AlgebraicType type) {
        AlgebraicType current = type;
        for (int hops = 0; current instanceof AlgebraicType.Ref(int index); hops++) {
            if (hops > types.size()) {
                throw new InvalidTypeException("type reference " + index + " refers only to itself");
            }
            current = get(index);
        }
        return current;
    }

    /**
     * The type with every reference replaced by what it refers to.
     *
     * @throws InvalidTypeException if a reference is out of range or recursive, or if the result nests deeper than
     *     {@value AlgebraicType#MAX_DEPTH} or has more than {@value #MAX_INLINED_TYPES} parts
     */
    public AlgebraicType inline(AlgebraicType type) {
        return new Inlining().inline(type);
    }

    private final class Inlining {
        private final BitSet onPath = new BitSet();
        private int depth;
        private int parts;

        private AlgebraicType inline(AlgebraicType type) {
            return switch (type) {
                case AlgebraicType.Ref(int index) -> inlineRef(index);
                case AlgebraicType.Sum(List<AlgebraicType.Element> variants) ->
                    new AlgebraicType.Sum(inlineAll(variants));
                case AlgebraicType.Product(List<AlgebraicType.Element> elements) ->
                    new AlgebraicType.Product(inlineAll(elements));
                case AlgebraicType.Array(AlgebraicType element) -> new AlgebraicType.Array(inlinePart(element));
                case AlgebraicType.Primitive primitive -> primitive;
            };
        }

        private AlgebraicType inlineRef(int index) {
            AlgebraicType target = get(index);
            if (onPath.get(index)) {
                throw new InvalidTypeException("type reference " + index + " is recursive");
            }
            onPath.set(index);
            AlgebraicType inlined = inlinePart(target);
            onPath.clear(index);
            return inlined;
        }

        private List<AlgebraicType.Element> inlineAll(List<AlgebraicType.Element> elements) {
            List<AlgebraicType.Element> inlined = new ArrayList<>(elements.size());
            for (AlgebraicType.Element element : elements) {
                inlined.add(new AlgebraicType.Element(element.name(), inlinePart(element.type())));
            }
            return inlined;
        }

        private AlgebraicType inlinePart(AlgebraicType part) {
            if (++parts > MAX_INLINED_TYPES) {
                throw new InvalidTypeException("the type has more than " + MAX_INLINED_TYPES + " parts");
            }
            if (++depth > AlgebraicType.MAX_DEPTH) {
                throw new InvalidTypeException("the type nests deeper than " + AlgebraicType.MAX_DEPTH);
            }
            AlgebraicType inlined = inline(part);
            depth--;
            return inlined;
        }
    }
}
