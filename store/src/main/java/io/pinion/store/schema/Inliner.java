package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.InvalidTypeException;
import io.pinion.store.value.Typespace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replaces references by what they refer to. A few references can stand for a type of astronomical size, so results are
 * shared and measured before anyone walks through them. Used by one thread, for one module.
 */
final class Inliner {
    /** Nodes that all inlined types of a module may have together. */
    static final long NODES_MAX = 1_000_000;

    private final Typespace typespace;
    private final Map<Integer, Inlined> byRef = new HashMap<>();
    private final Set<Integer> onPath = new HashSet<>();
    private long nodes;

    Inliner(Typespace typespace) {
        this.typespace = typespace;
    }

    /** @param height levels of nesting, 0 for a primitive */
    private record Inlined(AlgebraicType type, int height, long nodes) {}

    /** @throws InvalidTypeException if a reference is out of range or recursive, or the type is too deep or too large */
    AlgebraicType inline(AlgebraicType type) {
        onPath.clear();
        Inlined inlined = inline(type, 0);
        nodes += inlined.nodes;
        if (nodes > NODES_MAX) {
            throw new InvalidTypeException(
                    "with its references resolved the module's column types have more than " + NODES_MAX + " parts");
        }
        return inlined.type;
    }

    private Inlined inline(AlgebraicType type, int depth) {
        return switch (type) {
            case AlgebraicType.Ref(int index) -> inlineRef(index, depth);
            case AlgebraicType.Sum(List<Element> variants) -> {
                Elements inlined = inlineAll(variants, depth);
                yield inlined.as(new AlgebraicType.Sum(inlined.list));
            }
            case AlgebraicType.Product(List<Element> elements) -> {
                Elements inlined = inlineAll(elements, depth);
                yield inlined.as(new AlgebraicType.Product(inlined.list));
            }
            case AlgebraicType.Array(AlgebraicType element) -> {
                Inlined inlined = inline(element, depth + 1);
                yield new Inlined(new AlgebraicType.Array(inlined.type), inlined.height + 1, inlined.nodes + 1);
            }
            case AlgebraicType.Primitive primitive -> new Inlined(primitive, 0, 1);
        };
    }

    private Inlined inlineRef(int index, int depth) {
        Inlined known = byRef.get(index);
        if (known == null) {
            checkDepth(depth);
            AlgebraicType target = typespace.get(index);
            if (!onPath.add(index)) {
                throw new InvalidTypeException("type reference " + index + " is recursive");
            }
            known = inline(target, depth + 1);
            onPath.remove(index);
            byRef.put(index, known);
        }
        checkDepth(depth + known.height);
        return known;
    }

    private record Elements(List<Element> list, int height, long nodes) {
        Inlined as(AlgebraicType type) {
            return new Inlined(type, height, nodes);
        }
    }

    private Elements inlineAll(List<Element> elements, int depth) {
        checkDepth(depth);
        List<Element> list = new ArrayList<>(elements.size());
        int height = 0;
        long count = 1;
        for (Element element : elements) {
            Inlined inlined = inline(element.type(), depth + 1);
            list.add(new Element(element.name(), inlined.type));
            height = Math.max(height, inlined.height + 1);
            count = Math.min(NODES_MAX + 1, count + inlined.nodes);
        }
        return new Elements(list, height, count);
    }

    private static void checkDepth(int depth) {
        if (depth > AlgebraicType.MAX_DEPTH) {
            throw new InvalidTypeException(
                    "with references resolved the type nests deeper than " + AlgebraicType.MAX_DEPTH + " levels");
        }
    }
}
