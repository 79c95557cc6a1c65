package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.Typespace;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Whether types written for two typespaces are the same once references are followed. Recursive types are the same if no
 * path through them tells them apart.
 */
final class TypeEquality {
    private final Typespace leftSpace;
    private final Typespace rightSpace;
    /** Pairs of references that are being compared, or were found the same. */
    private final Set<Pair> assumed = new HashSet<>();

    private record Pair(AlgebraicType left, AlgebraicType right) {}

    TypeEquality(Typespace leftSpace, Typespace rightSpace) {
        this.leftSpace = leftSpace;
        this.rightSpace = rightSpace;
    }

    boolean isSame(AlgebraicType left, AlgebraicType right) {
        if (left instanceof AlgebraicType.Ref || right instanceof AlgebraicType.Ref) {
            return !assumed.add(new Pair(left, right)) || isSame(leftSpace.resolve(left), rightSpace.resolve(right));
        }
        return switch (left) {
            case AlgebraicType.Primitive primitive -> primitive == right;
            case AlgebraicType.Array(AlgebraicType element) ->
                right instanceof AlgebraicType.Array(AlgebraicType other) && isSame(element, other);
            case AlgebraicType.Product(List<Element> elements) ->
                right instanceof AlgebraicType.Product(List<Element> others) && areSame(elements, others);
            case AlgebraicType.Sum(List<Element> variants) ->
                right instanceof AlgebraicType.Sum(List<Element> others) && areSame(variants, others);
            case AlgebraicType.Ref _ -> throw new IllegalStateException("references have been resolved");
        };
    }

    private boolean areSame(List<Element> left, List<Element> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!Objects.equals(left.get(i).name(), right.get(i).name())
                    || !isSame(left.get(i).type(), right.get(i).type())) {
                return false;
            }
        }
        return true;
    }
}
