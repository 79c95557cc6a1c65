package io.pinion.store.schema;

import io.pinion.store.schema.RawModuleDef.CasePolicy;
import io.pinion.store.schema.RawModuleDef.NamedKind;
import io.pinion.store.schema.RawModuleDef.RawExplicitName;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.Typespace;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How one module's source names become canonical ones. */
final class Names {
    private final boolean isConverting;
    private final boolean isKeepingGiven;
    private final Map<NamedKind, Map<String, String>> explicit = new EnumMap<>(NamedKind.class);

    private Names(boolean isConverting, boolean isKeepingGiven, List<RawExplicitName> explicitNames) {
        this.isConverting = isConverting;
        this.isKeepingGiven = isKeepingGiven;
        for (RawExplicitName name : explicitNames) {
            explicit.computeIfAbsent(name.kind(), _ -> new HashMap<>()).put(name.sourceName(), name.canonicalName());
        }
    }

    /** Of V9 and earlier: source names are canonical and supplied names of indexes and the like are kept. */
    static Names kept() {
        return new Names(false, true, List.of());
    }

    static Names of(CasePolicy policy, List<RawExplicitName> explicitNames) {
        return new Names(policy == CasePolicy.SNAKE_CASE, false, explicitNames);
    }

    String table(String source) {
        return explicitOr(NamedKind.TABLE, source, converted(source, CaseConversion::snake));
    }

    /** For reducers, procedures, views and HTTP handlers. */
    String function(String source) {
        return explicitOr(NamedKind.FUNCTION, source, converted(source, CaseConversion::snake));
    }

    String column(String source) {
        return converted(source, CaseConversion::snake);
    }

    String variant(String source) {
        return converted(source, CaseConversion::camel);
    }

    /** For type names and each segment of their scopes. */
    String type(String source) {
        return converted(source, CaseConversion::pascal);
    }

    String index(@Nullable String source, String table, List<String> columns, ModuleDef.IndexAlgorithm algorithm) {
        if (isKeepingGiven && source != null) {
            return source;
        }
        String generated = table + "_" + String.join("_", columns) + "_idx_"
                + algorithm.name().toLowerCase(Locale.ROOT);
        return source == null ? generated : explicitOr(NamedKind.INDEX, source, generated);
    }

    String uniqueConstraint(@Nullable String given, String table, List<String> columns) {
        return isKeepingGiven && given != null ? given : table + "_" + String.join("_", columns) + "_key";
    }

    String sequence(@Nullable String given, String table, String column) {
        return given != null ? given : table + "_" + column + "_seq";
    }

    String schedule(@Nullable String given, String table) {
        return isKeepingGiven && given != null ? given : table + "_sched";
    }

    /** Fields in snake case, variants in camel case; special types stay as they are. */
    Typespace typespace(Typespace source) {
        return isConverting
                ? new Typespace(source.types().stream().map(this::definition).toList())
                : source;
    }

    private AlgebraicType definition(AlgebraicType type) {
        if (SpecialTypes.isSpecial(type)) {
            return type;
        }
        return switch (type) {
            case AlgebraicType.Product(List<Element> elements) ->
                new AlgebraicType.Product(rename(elements, this::column));
            case AlgebraicType.Sum(List<Element> variants) -> new AlgebraicType.Sum(rename(variants, this::variant));
            case AlgebraicType.Array _, AlgebraicType.Ref _, AlgebraicType.Primitive _ -> type;
        };
    }

    private static List<Element> rename(List<Element> elements, UnaryOperator<String> conversion) {
        return elements.stream()
                .map(element ->
                        new Element(element.name() == null ? null : conversion.apply(element.name()), element.type()))
                .toList();
    }

    private String converted(String source, UnaryOperator<String> conversion) {
        return isConverting ? conversion.apply(source) : source;
    }

    private String explicitOr(NamedKind kind, String source, String otherwise) {
        return explicit.getOrDefault(kind, Map.of()).getOrDefault(source, otherwise);
    }
}
