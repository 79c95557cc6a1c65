package io.pinion.node.pgwire;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Sum;
import java.util.List;

/** The type that PostgreSQL's clients know for each of ours. */
enum PgTypes {
    BOOL(16, 1000),
    INT2(21, 1005),
    INT4(23, 1007),
    INT8(20, 1016),
    NUMERIC(1700, 1231),
    FLOAT4(700, 1021),
    FLOAT8(701, 1022),
    VARCHAR(1043, 1015),
    BYTEA(17, 1001),
    TIMESTAMP(1114, 1115),
    INTERVAL(1186, 1187),
    UUID(2950, 2951),
    ANYENUM(3500, 0),
    JSON(114, 199);

    private final int id;
    private final int arrayId;

    PgTypes(int id, int arrayId) {
        this.id = id;
        this.arrayId = arrayId;
    }

    /** The identifier that PostgreSQL gives the type of a column. */
    static int id(AlgebraicType type) {
        return type instanceof Array(AlgebraicType element) && isArrayOfSimple(type)
                ? of(element).arrayId
                : of(type).id;
    }

    /** Of what is no array of simple values. */
    static PgTypes of(AlgebraicType type) {
        return switch (type) {
            case Primitive primitive -> of(primitive);
            case Array(AlgebraicType element) -> element == Primitive.U8 ? BYTEA : JSON;
            case Product product -> wrapper(product);
            case Sum(List<Element> variants) -> isPlain(variants) ? ANYENUM : JSON;
            case AlgebraicType.Ref _ -> JSON;
        };
    }

    private static PgTypes of(Primitive primitive) {
        return switch (primitive) {
            case STRING -> VARCHAR;
            case BOOL -> BOOL;
            case I8, U8, I16 -> INT2;
            case U16, I32 -> INT4;
            case U32, I64 -> INT8;
            case U64, I128, U128, I256, U256 -> NUMERIC;
            case F32 -> FLOAT4;
            case F64 -> FLOAT8;
        };
    }

    private static PgTypes wrapper(Product product) {
        return switch (onlyField(product)) {
            case "__identity__", "__connection_id__" -> BYTEA;
            case "__timestamp_micros_since_unix_epoch__" -> TIMESTAMP;
            case "__time_duration_micros__" -> INTERVAL;
            case "__uuid__" -> UUID;
            default -> JSON;
        };
    }

    /** The name of the one field of a product; empty if there are none or more. */
    static String onlyField(Product product) {
        if (product.elements().size() != 1) {
            return "";
        }
        String name = product.elements().getFirst().name();
        return name == null ? "" : name;
    }

    static boolean isPlain(List<Element> variants) {
        return !variants.isEmpty()
                && variants.stream().allMatch(variant -> variant.type().equals(AlgebraicType.UNIT));
    }

    static boolean isArrayOfSimple(AlgebraicType type) {
        return type instanceof Array(AlgebraicType element) && element instanceof Primitive && element != Primitive.U8;
    }
}
