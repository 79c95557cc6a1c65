package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.bindings.Definition.Member;
import io.pinion.node.bindings.Definition.TypeUse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Types as expressions of the client library's builders. A type with a name is declared before it is first used, and only
 * if it is; where types contain each other, the one that comes first refers to the other by a getter. Used once.
 */
final class TypeTexts {
    private final Set<String> takenNames;
    private final Map<Declared, String> names = new HashMap<>();
    private final Set<Declared> unfinished = new HashSet<>();
    private final List<String> declarations = new ArrayList<>();
    private final Set<Declared> recursive = new HashSet<>();
    private final ValueTexts values = new ValueTexts(this);
    private boolean refersToUnfinished;

    private record Declared(TypeScope scope, int ref) {}

    /** @param takenNames that no type may have */
    TypeTexts(Set<String> takenNames) {
        this.takenNames = new HashSet<>(takenNames);
    }

    /** Those of all types that were used so far. */
    List<String> declarations() {
        return declarations;
    }

    String expression(TypeUse use) {
        JsonNode type = use.type();
        String kind = type.fieldNames().next();
        return switch (kind) {
            case "Ref" -> reference(type.path(kind).asInt(), use.scope());
            case "Array" -> array(new TypeUse(type.path(kind), use.scope()));
            case "Product" ->
                SpecialShapes.wrapper(type)
                        .map(builder -> "__t." + builder + "()")
                        .orElseGet(() -> SpecialShapes.isUnit(type) ? "__t.unit()" : object("Anonymous", use));
            case "Sum" -> sum("Anonymous", use);
            default -> "__t." + kind.toLowerCase(Locale.ROOT) + "()";
        };
    }

    private String array(TypeUse element) {
        return element.type().has("U8") ? "__t.byteArray()" : "__t.array(" + expression(element) + ")";
    }

    private String reference(int ref, TypeScope scope) {
        JsonNode target = scope.get(ref);
        boolean isDeclared = target.has("Product") || target.has("Sum");
        if (!isDeclared || SpecialShapes.isSpecial(target) || scope.name(ref).isEmpty()) {
            return expression(new TypeUse(target, scope));
        }
        Declared key = new Declared(scope, ref);
        if (unfinished.contains(key)) {
            refersToUnfinished = true;
            recursive.add(key);
        }
        String known = names.get(key);
        return known == null ? declare(key, target) : known;
    }

    /** The declared name of what a reference refers to, if that has one. */
    Optional<String> nameOf(TypeUse reference) {
        Declared key =
                new Declared(reference.scope(), reference.type().path("Ref").asInt());
        return Optional.ofNullable(names.get(key));
    }

    private String declare(Declared key, JsonNode target) {
        String name = freeName(key.scope().name(key.ref()));
        names.put(key, name);
        unfinished.add(key);
        boolean outer = refersToUnfinished;
        refersToUnfinished = false;
        TypeUse use = new TypeUse(target, key.scope());
        String builder = target.has("Sum") ? sum(name, use) : object(name, use);
        boolean isRecursive = refersToUnfinished || recursive.contains(key);
        refersToUnfinished = outer;
        unfinished.remove(key);
        declarations.add("export const " + name + " = " + builder + ";\nexport type " + name + " = "
                + (isRecursive ? values.of(use) : "__Infer<typeof " + name + ">") + ";\n");
        return name;
    }

    /** The name of a type, made from words with dots between them, that nothing else will have. */
    String freeName(String fullName) {
        String pascal = Accessors.pascal(fullName);
        String name = Accessors.isTypeName(pascal) ? pascal : "Type" + pascal.replaceAll("[^A-Za-z0-9_$]", "_");
        while (!takenNames.add(name)) {
            name += "_";
        }
        return name;
    }

    private String object(String name, TypeUse use) {
        return "__t.object(" + SourceText.literal(name) + ", {\n" + members(fields(use)) + "\n})";
    }

    /** The fields of a product as clients write them. */
    List<Member> fields(TypeUse product) {
        List<Member> members = Definition.members(product.type().path("Product").path("elements"), product.scope());
        List<String> keys = MemberKeys.of(members);
        List<Member> fields = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            fields.add(new Member(keys.get(i), members.get(i).type()));
        }
        return fields;
    }

    private String sum(String name, TypeUse use) {
        JsonNode type = use.type();
        if (SpecialShapes.isScheduleAt(type)) {
            return "__t.scheduleAt()";
        }
        if (SpecialShapes.isOption(type)) {
            return "__t.option(" + expression(SpecialShapes.payload(use, 0)) + ")";
        }
        if (SpecialShapes.isResult(type)) {
            return "__t.result(" + expression(SpecialShapes.payload(use, 0)) + ", "
                    + expression(SpecialShapes.payload(use, 1)) + ")";
        }
        return "__t.enum(" + SourceText.literal(name) + ", " + variants(use) + ")";
    }

    /** The tags of enums are as in the module. */
    private String variants(TypeUse use) {
        List<Member> variants = Definition.members(use.type().path("Sum").path("variants"), use.scope());
        if (variants.stream()
                .allMatch(variant -> SpecialShapes.isUnit(variant.type().type()))) {
            return variants.stream()
                    .map(variant -> SourceText.literal(variant.name()))
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        return "{\n" + members(variants) + "\n}";
    }

    private String members(List<Member> members) {
        return SourceText.indented(members.stream().map(this::member).collect(Collectors.joining("\n")));
    }

    /** What comes later is looked up when it is needed; its type has to be told. */
    private String member(Member member) {
        String key = SourceText.key(member.name());
        boolean outer = refersToUnfinished;
        refersToUnfinished = false;
        String expression = expression(member.type());
        String line = refersToUnfinished
                ? "get " + key + "(): __TypeBuilder<" + values.of(member.type()) + ", __AlgebraicType> {\n"
                        + SourceText.indented("return " + expression + ";") + "\n},"
                : key + ": " + expression + ",";
        refersToUnfinished |= outer;
        return line;
    }
}
