package io.pinion.node.pgwire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Sum;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Timestamps;
import java.math.BigInteger;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** Values as texts in the way of PostgreSQL, read from BSATN with references inlined. */
final class PgTexts {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int UUID_BYTES = 16;

    private PgTexts() {}

    static String of(AlgebraicType type, BsatnReader in) {
        if (type instanceof Array(AlgebraicType element) && PgTypes.isArrayOfSimple(type)) {
            return array(element, in);
        }
        return switch (PgTypes.of(type)) {
            case BOOL -> in.readBool() ? "t" : "f";
            case VARCHAR -> in.readString();
            case FLOAT4 -> Float.toString(in.readFloat());
            case FLOAT8 -> Double.toString(in.readDouble());
            case INT2, INT4, INT8, NUMERIC -> integer((Primitive) type, in).toString();
            case BYTEA -> "\\x" + bytes(type, in);
            case TIMESTAMP -> Timestamps.toText(in.readLong());
            case INTERVAL -> interval(in.readLong());
            case UUID -> uuid(in);
            case ANYENUM -> {
                List<Element> variants = ((Sum) type).variants();
                yield name(variants, in.readTag(variants.size(), "a column"));
            }
            case JSON -> json(type, in).toString();
        };
    }

    private static BigInteger integer(Primitive type, BsatnReader in) {
        return in.readBigInteger(type.size(), type.isSigned());
    }

    /** Bytes as they stand; identities and connections with the highest byte first. */
    private static String bytes(AlgebraicType type, BsatnReader in) {
        if (type instanceof Product product) {
            return PgTypes.onlyField(product).equals("__identity__")
                    ? in.readIdentity().toHex()
                    : String.format("%032x", in.readBigInteger(UUID_BYTES, false));
        }
        return HexFormat.of().formatHex(in.readByteArray().toArray());
    }

    private static String interval(long micros) {
        return micros == 0 ? "P0D" : Duration.of(micros, ChronoUnit.MICROS).toString();
    }

    private static String uuid(BsatnReader in) {
        BigInteger number = in.readBigInteger(UUID_BYTES, false);
        return new UUID(number.shiftRight(Long.SIZE).longValue(), number.longValue()).toString();
    }

    private static String array(AlgebraicType element, BsatnReader in) {
        long count = in.readCount();
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            String text = of(element, in);
            texts.add(element == Primitive.STRING ? quoted(text) : text);
        }
        return "{" + String.join(",", texts) + "}";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String name(List<Element> elements, int index) {
        String name = elements.get(index).name();
        return name == null ? "col_" + index : name;
    }

    private static JsonNode json(AlgebraicType type, BsatnReader in) {
        if (PgTypes.of(type) != PgTypes.JSON) {
            return simple(type, in);
        }
        return switch (type) {
            case Product(List<Element> elements) -> {
                ObjectNode object = JSON.objectNode();
                for (int i = 0; i < elements.size(); i++) {
                    object.set(name(elements, i), json(elements.get(i).type(), in));
                }
                yield object;
            }
            case Sum(List<Element> variants) -> {
                int tag = in.readTag(variants.size(), "a column");
                yield JSON.objectNode()
                        .set(name(variants, tag), json(variants.get(tag).type(), in));
            }
            case Array(AlgebraicType element) -> {
                ArrayNode array = JSON.arrayNode();
                long count = in.readCount();
                for (long i = 0; i < count; i++) {
                    array.add(json(element, in));
                }
                yield array;
            }
            case Primitive _, AlgebraicType.Ref _ ->
                throw new IllegalStateException("a row has the type " + type + ", which is not inlined");
        };
    }

    private static JsonNode simple(AlgebraicType type, BsatnReader in) {
        return switch (PgTypes.of(type)) {
            case BOOL -> JSON.booleanNode(in.readBool());
            case INT2, INT4, INT8, NUMERIC -> JSON.numberNode(integer((Primitive) type, in));
            case FLOAT4 -> number(in.readFloat());
            case FLOAT8 -> number(in.readDouble());
            default -> JSON.textNode(of(type, in));
        };
    }

    /** JSON has no infinities. */
    private static JsonNode number(double value) {
        return Double.isFinite(value) ? JSON.numberNode(value) : JSON.nullNode();
    }
}
