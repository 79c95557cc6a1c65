package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Types that are special by their shape and the exact names in it; order counts, references inside do not match. */
final class SpecialTypes {
    static final AlgebraicType TIME_DURATION = wrapper("__time_duration_micros__", Primitive.I64);
    static final AlgebraicType TIMESTAMP = wrapper("__timestamp_micros_since_unix_epoch__", Primitive.I64);
    static final AlgebraicType SCHEDULE_AT = AlgebraicType.sum(
            AlgebraicType.element("Interval", TIME_DURATION), AlgebraicType.element("Time", TIMESTAMP));

    private static final String QUERY_FIELD = "__query__";

    /** The only field of each special product, with its type. */
    private static final Map<String, Primitive> WRAPPERS = Map.of(
            "__identity__", Primitive.U256,
            "__connection_id__", Primitive.U128,
            "__timestamp_micros_since_unix_epoch__", Primitive.I64,
            "__time_duration_micros__", Primitive.I64,
            "__uuid__", Primitive.U128);

    private SpecialTypes() {}

    static boolean isSpecial(AlgebraicType type) {
        return isWrapper(type) || isQuery(type) || isOption(type) || isResult(type) || SCHEDULE_AT.equals(type);
    }

    static boolean isQuery(AlgebraicType type) {
        return type instanceof AlgebraicType.Product(List<Element> elements)
                && elements.size() == 1
                && QUERY_FIELD.equals(elements.getFirst().name())
                && elements.getFirst().type() instanceof AlgebraicType.Ref;
    }

    static boolean isOption(AlgebraicType type) {
        return hasTwoVariants(type, "some", "none")
                && ((AlgebraicType.Sum) type).variants().getLast().type().equals(AlgebraicType.UNIT);
    }

    static boolean isResult(AlgebraicType type) {
        return hasTwoVariants(type, "ok", "err");
    }

    /** A sum whose variants all carry nothing; the sum without variants qualifies. */
    static boolean isPlainEnum(AlgebraicType type) {
        return type instanceof AlgebraicType.Sum(List<Element> variants)
                && variants.stream().allMatch(variant -> variant.type().equals(AlgebraicType.UNIT));
    }

    private static boolean isWrapper(AlgebraicType type) {
        if (!(type instanceof AlgebraicType.Product(List<Element> elements)) || elements.size() != 1) {
            return false;
        }
        @Nullable String field = elements.getFirst().name();
        return field != null && elements.getFirst().type().equals(WRAPPERS.get(field));
    }

    private static boolean hasTwoVariants(AlgebraicType type, String first, String second) {
        return type instanceof AlgebraicType.Sum(List<Element> variants)
                && variants.size() == 2
                && first.equals(variants.getFirst().name())
                && second.equals(variants.getLast().name());
    }

    private static AlgebraicType wrapper(String field, Primitive primitive) {
        return AlgebraicType.product(AlgebraicType.element(field, primitive));
    }
}
