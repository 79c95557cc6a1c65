package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Whether every value of one type is, byte by byte, a value of another that has more variants at the end of sums in it.
 * Products and arrays are looked into; anything else must be the same.
 */
final class TypeExtension {
    private final Consumer<String> problems;

    /** @param problems is told everything that stands against it, as the end of a sentence about the column */
    TypeExtension(Consumer<String> problems) {
        this.problems = problems;
    }

    /** @param where within the column, empty or ending in a space */
    void compare(String where, AlgebraicType before, AlgebraicType after) {
        if (before.equals(after)) {
            return;
        }
        switch (before) {
            case AlgebraicType.Sum(List<Element> old)
            when after instanceof AlgebraicType.Sum(List<Element> fresh) -> compareVariants(where, old, fresh);
            case AlgebraicType.Product(List<Element> old)
            when after instanceof AlgebraicType.Product(List<Element> fresh) -> compareFields(where, old, fresh);
            case AlgebraicType.Array(AlgebraicType old)
            when after instanceof AlgebraicType.Array(AlgebraicType fresh) ->
                compare(where + "array element ", old, fresh);
            default -> problems.accept(where + "cannot change its type");
        }
    }

    private void compareVariants(String where, List<Element> old, List<Element> fresh) {
        for (int i = 0; i < old.size(); i++) {
            Element variant = old.get(i);
            String name = name("variant ", variant, i);
            if (i >= fresh.size() || !isAmong(variant, fresh)) {
                problems.accept(where + "cannot lose " + name);
            } else if (!Objects.equals(variant.name(), fresh.get(i).name())) {
                problems.accept(where + "cannot move " + name + " to another place");
            } else {
                compare(where + name + " ", variant.type(), fresh.get(i).type());
            }
        }
    }

    private void compareFields(String where, List<Element> old, List<Element> fresh) {
        if (old.size() != fresh.size()) {
            problems.accept(where + "cannot have " + fresh.size() + " fields instead of " + old.size());
            return;
        }
        for (int i = 0; i < old.size(); i++) {
            String name = name("field ", old.get(i), i);
            if (Objects.equals(old.get(i).name(), fresh.get(i).name())) {
                compare(where + name + " ", old.get(i).type(), fresh.get(i).type());
            } else if (isAmong(old.get(i), fresh)) {
                problems.accept(where + "cannot move " + name + " to another place");
            } else {
                problems.accept(where + "cannot lose " + name);
            }
        }
    }

    private static boolean isAmong(Element element, List<Element> elements) {
        return elements.stream().anyMatch(other -> Objects.equals(other.name(), element.name()));
    }

    private static String name(String kind, Element element, int position) {
        return kind + (element.name() == null ? position : element.name());
    }
}
