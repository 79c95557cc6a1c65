package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.NamedType;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.InvalidTypeException;
import io.pinion.store.value.Typespace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the types of one module: the named ones, and every use of a type in tables and functions. Used once. */
final class TypeChecker {
    private final Typespace source;
    private final Typespace converted;
    private final List<RawType> listed;
    private final Names names;
    private final Errors errors;
    private final Inliner inliner;
    private final Set<Integer> listedRefs = new HashSet<>();
    private final Set<Integer> reachedRefs = new HashSet<>();
    /** References known not to go round in circles. */
    private final Set<Integer> endingRefs = new HashSet<>();

    private final Deque<Reached> pending = new ArrayDeque<>();

    /** A typespace entry to look at, and the place that referred to it. */
    private record Reached(int ref, String where) {}

    TypeChecker(Typespace source, List<RawType> listed, Names names, Errors errors) {
        this.source = source;
        this.converted = names.typespace(source);
        this.listed = listed;
        this.names = names;
        this.errors = errors;
        this.inliner = new Inliner(converted);
        listed.forEach(type -> listedRefs.add(type.ref()));
    }

    /** The types after name conversion. */
    Typespace typespace() {
        return converted;
    }

    /** The product before name conversion that the reference leads to, or null if it leads to none. */
    AlgebraicType.@Nullable Product sourceProduct(int ref) {
        return product(source, ref);
    }

    AlgebraicType.@Nullable Product product(int ref) {
        return product(converted, ref);
    }

    private static AlgebraicType.@Nullable Product product(Typespace typespace, int ref) {
        try {
            return typespace.resolve(new AlgebraicType.Ref(ref)) instanceof AlgebraicType.Product product
                    ? product
                    : null;
        } catch (InvalidTypeException e) {
            return null; // the caller names the object whose reference leads nowhere
        }
    }

    List<NamedType> checkNamedTypes() {
        List<NamedType> namedTypes = new ArrayList<>();
        Set<List<String>> taken = new HashSet<>();
        for (RawType raw : listed) {
            NamedType type = new NamedType(
                    raw.scope().stream().map(names::type).toList(),
                    names.type(raw.sourceName()),
                    raw.ref(),
                    raw.customOrdering());
            Errors here = errors.within("type " + quote(raw.sourceName()));
            checkTypeNames(raw, type, here);
            List<String> path = new ArrayList<>(type.scope());
            path.add(type.name());
            if (!taken.add(path)) {
                here.add("the type name " + quote(String.join(".", path)) + " is used more than once");
            }
            checkDefinition(raw, here);
            namedTypes.add(type);
        }
        return namedTypes;
    }

    private static void checkTypeNames(RawType raw, NamedType type, Errors here) {
        Identifiers.check(raw.sourceName(), "name", here);
        Identifiers.check(type.name(), "name", here);
        raw.scope().forEach(segment -> Identifiers.check(segment, "scope", here));
        type.scope().forEach(segment -> Identifiers.check(segment, "scope", here));
    }

    private void checkDefinition(RawType raw, Errors here) {
        if (raw.ref() < 0 || raw.ref() >= converted.types().size()) {
            here.add(outOfRange(raw.ref()));
            return;
        }
        AlgebraicType type = converted.get(raw.ref());
        if (SpecialTypes.isSpecial(type)) {
            here.add("is a special type, which cannot be given a name");
            return;
        }
        AlgebraicType original = source.get(raw.ref());
        if (type instanceof AlgebraicType.Product(List<Element> fields)
                && original instanceof AlgebraicType.Product(List<Element> sourceFields)) {
            checkElements(sourceFields, fields, "field", raw, here);
        } else if (type instanceof AlgebraicType.Sum(List<Element> variants)
                && original instanceof AlgebraicType.Sum(List<Element> sourceVariants)) {
            checkElements(sourceVariants, variants, "variant", raw, here);
        } else {
            here.add("type reference " + raw.ref() + " leads to neither a product nor a sum");
        }
    }

    private void checkElements(
            List<Element> sourceElements, List<Element> elements, String what, RawType raw, Errors here) {
        for (int i = 0; i < elements.size(); i++) {
            Element element = elements.get(i);
            String label = what + " " + label(sourceElements.get(i), i);
            if (element.name() == null) {
                here.add(label + " has no name");
            } else {
                checkBothNames(sourceElements.get(i).name(), element.name(), what + " name", here);
            }
            checkUse(element.type(), "type " + quote(raw.sourceName()) + ": " + label);
        }
        if (!raw.customOrdering() && !isInDefaultOrder(elements)) {
            here.add("the " + what + "s are not in default order (by name) and it is not marked as custom ordered");
        }
    }

    static String label(Element element, int position) {
        return element.name() == null ? Integer.toString(position) : quote(element.name());
    }

    private static void checkBothNames(@Nullable String sourceName, String name, String what, Errors here) {
        if (sourceName != null) {
            Identifiers.check(sourceName, what, here);
        }
        Identifiers.check(name, what, here);
    }

    /** Unnamed elements first, then by name. */
    private static boolean isInDefaultOrder(List<Element> elements) {
        Comparator<@Nullable String> order = Comparator.nullsFirst(Utf8Order.INSTANCE);
        for (int i = 1; i < elements.size(); i++) {
            if (order.compare(elements.get(i - 1).name(), elements.get(i).name()) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Checks that a type may stand at a place; {@code where} names the place. */
    void checkUse(AlgebraicType type, String where) {
        switch (type) {
            case AlgebraicType.Primitive _ -> {}
            case AlgebraicType.Ref(int ref) -> reach(ref, where);
            case AlgebraicType.Array(AlgebraicType element) -> checkUse(element, where);
            case AlgebraicType.Product(List<Element> elements) ->
                checkInline(type, elements, where, "an inline product; it must be a reference to a named type");
            case AlgebraicType.Sum(List<Element> variants) ->
                checkInline(type, variants, where, "an inline sum; it must be a reference to a named type");
        }
    }

    private void checkInline(AlgebraicType type, List<Element> elements, String where, String otherwise) {
        if (elements.isEmpty() || SpecialTypes.SCHEDULE_AT.equals(type)) {
            return;
        }
        if (SpecialTypes.isSpecial(type)) {
            elements.forEach(element -> checkUse(element.type(), where));
        } else {
            errors.add(where + ": is " + otherwise);
        }
    }

    private void reach(int ref, String where) {
        if (ref < 0 || ref >= converted.types().size()) {
            errors.add(where + ": " + outOfRange(ref));
        } else if (reachedRefs.add(ref) && !listedRefs.contains(ref)) {
            pending.add(new Reached(ref, where));
        }
    }

    /** Follows the references found by {@link #checkUse}; to be called after the last of them. */
    void checkReached() {
        for (Reached next = pending.poll(); next != null; next = pending.poll()) {
            AlgebraicType type = converted.get(next.ref);
            boolean isDefinition = (type instanceof AlgebraicType.Product(List<Element> elements)
                            && !elements.isEmpty()
                            && !SpecialTypes.isSpecial(type))
                    || (type instanceof AlgebraicType.Sum(List<Element> variants)
                            && !variants.isEmpty()
                            && !SpecialTypes.isSpecial(type));
            if (isDefinition) {
                errors.add(next.where + ": refers to type " + next.ref + ", which has no entry in the list of types");
            } else if (isReferenceLoop(next.ref)) {
                errors.add(next.where + ": type reference " + next.ref + " refers only to itself");
            } else {
                checkUse(type, next.where);
            }
        }
    }

    private boolean isReferenceLoop(int ref) {
        Set<Integer> seen = new HashSet<>();
        int current = ref;
        while (!endingRefs.contains(current)
                && current >= 0
                && current < converted.types().size()
                && converted.get(current) instanceof AlgebraicType.Ref(int next)) {
            if (!seen.add(current)) {
                return true;
            }
            current = next;
        }
        endingRefs.addAll(seen);
        return false;
    }

    private String outOfRange(int ref) {
        return "type reference " + Integer.toUnsignedString(ref) + " is out of range: the typespace has "
                + converted.types().size() + " types";
    }

    /**
     * The columns of a row product. Every column gets an entry, so that positions stay right; a column whose type is
     * wrong keeps it as declared, and there is an error.
     */
    List<ColumnDef> columns(int productRef, AlgebraicType.Product product, String where) {
        AlgebraicType.Product sourceRow =
                Optional.ofNullable(sourceProduct(productRef)).orElse(product);
        List<ColumnDef> columns = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < product.elements().size(); i++) {
            Element element = product.elements().get(i);
            String label = where + ": column " + label(element, i);
            String name = element.name() == null ? generatedColumnName(i) : element.name();
            String sourceName =
                    Optional.ofNullable(sourceRow.elements().get(i).name()).orElse(name);
            if (element.name() == null) {
                errors.add(label + " has no name");
            } else {
                checkBothNames(sourceName, name, "column name", errors.within(where));
            }
            if (!taken.add(name)) {
                errors.add(where + ": the column name " + quote(name) + " is used more than once");
            }
            checkUse(element.type(), label);
            columns.add(new ColumnDef(name, sourceName, inline(element.type(), label)));
        }
        return columns;
    }

    /** What generated names say for a column that has no name or does not exist. */
    static String generatedColumnName(int position) {
        return "col_" + position;
    }

    private AlgebraicType inline(AlgebraicType type, String where) {
        try {
            return inliner.inline(type);
        } catch (InvalidTypeException e) {
            errors.add(where + ": " + e.getMessage());
            return type;
        }
    }
}
