package io.pinion.store.value;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The types that {@link AlgebraicType.Ref}s point at, by position. Immutable. */
public record Typespace(List<AlgebraicType> types) {
    public static final Typespace EMPTY = new Typespace(List.of());

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
     * @throws InvalidTypeException if a reference is out of range or recursive
     */
    public AlgebraicType inline(AlgebraicType type) {
        return inline(type, new BitSet());
    }

    private AlgebraicType inline(AlgebraicType type, BitSet onPath) {
        return switch (type) {
            case AlgebraicType.Ref(int index) -> inlineRef(index, onPath);
            case AlgebraicType.Sum(List<AlgebraicType.Element> variants) ->
                new AlgebraicType.Sum(inlineAll(variants, onPath));
            case AlgebraicType.Product(List<AlgebraicType.Element> elements) ->
                new AlgebraicType.Product(inlineAll(elements, onPath));
            case AlgebraicType.Array(AlgebraicType element) -> new AlgebraicType.Array(inline(element, onPath));
            case AlgebraicType.Primitive primitive -> primitive;
        };
    }

    private AlgebraicType inlineRef(int index, BitSet onPath) {
        AlgebraicType target = get(index);
        if (onPath.get(index)) {
            throw new InvalidTypeException("type reference " + index + " is recursive");
        }
        onPath.set(index);
        AlgebraicType inlined = inline(target, onPath);
        onPath.clear(index);
        return inlined;
    }

    private List<AlgebraicType.Element> inlineAll(List<AlgebraicType.Element> elements, BitSet onPath) {
        List<AlgebraicType.Element> inlined = new ArrayList<>(elements.size());
        for (AlgebraicType.Element element : elements) {
            inlined.add(new AlgebraicType.Element(element.name(), inline(element.type(), onPath)));
        }
        return inlined;
    }
}
