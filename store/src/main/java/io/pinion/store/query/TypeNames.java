package io.pinion.store.query;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;

/** What types are called in messages. */
final class TypeNames {
    private TypeNames() {}

    static String of(AlgebraicType type) {
        if (type.equals(AlgebraicType.IDENTITY)) {
            return "Identity";
        }
        if (type.equals(AlgebraicType.CONNECTION_ID)) {
            return "ConnectionId";
        }
        if (type.equals(AlgebraicType.TIMESTAMP)) {
            return "Timestamp";
        }
        if (type.equals(AlgebraicType.TIME_DURATION)) {
            return "TimeDuration";
        }
        if (type.equals(AlgebraicType.UUID)) {
            return "Uuid";
        }
        if (AlgebraicType.isOption(type)) {
            return "Option";
        }
        return switch (type) {
            case Primitive primitive -> primitive.spelling();
            case AlgebraicType.Array(AlgebraicType element) -> "Array of " + of(element);
            case AlgebraicType.Product _ -> "Product";
            case AlgebraicType.Sum _ -> "Sum";
            case AlgebraicType.Ref ref -> "Ref " + ref.index();
        };
    }
}
