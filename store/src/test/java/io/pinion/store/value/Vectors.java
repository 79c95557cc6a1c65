package io.pinion.store.value;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The specification's test vectors, and an encoder of their value notation that is independent of the code under test. */
final class Vectors {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private Vectors() {}

    static JsonNode load(String name) {
        try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + name))) {
            return MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    static AlgebraicType type(JsonNode vector) {
        return TypeCodec.readJson(vector.get("type").toString());
    }

    static Typespace typespace(JsonNode vector) {
        List<AlgebraicType> types = new ArrayList<>();
        for (JsonNode type : vector.path("typespace")) {
            types.add(TypeCodec.readJson(type.toString()));
        }
        return new Typespace(types);
    }

    static Bytes bsatn(JsonNode vector) {
        return Bytes.ofHex(vector.get("bsatn").asText());
    }

    static String title(JsonNode vector) {
        String text = vector.get("type") + " = " + vector.get("bsatn").asText();
        return text.length() <= 120 ? text : text.substring(0, 120) + "…";
    }

    /** The value notation of bsatn.json as BSATN. */
    static void encode(Typespace typespace, AlgebraicType type, JsonNode value, BsatnWriter out) {
        switch (typespace.resolve(type)) {
            case AlgebraicType.Primitive primitive -> encode(primitive, value, out);
            case AlgebraicType.Array(AlgebraicType element)
            when element == AlgebraicType.Primitive.U8 -> out.writeByteArray(Bytes.ofHex(value.asText()));
            case AlgebraicType.Array(AlgebraicType element) -> {
                out.writeInt(value.size());
                value.forEach(item -> encode(typespace, element, item, out));
            }
            case AlgebraicType.Product(List<AlgebraicType.Element> elements) -> {
                for (AlgebraicType.Element element : elements) {
                    encode(typespace, element.type(), value.get(element.name()), out);
                }
            }
            case AlgebraicType.Sum(List<AlgebraicType.Element> variants) -> {
                String name = value.fieldNames().next();
                int tag = variants.stream()
                        .map(AlgebraicType.Element::name)
                        .toList()
                        .indexOf(name);
                out.writeByte(tag);
                encode(typespace, variants.get(tag).type(), value.get(name), out);
            }
            case AlgebraicType.Ref ref -> throw new AssertionError(ref);
        }
    }

    private static void encode(AlgebraicType.Primitive type, JsonNode value, BsatnWriter out) {
        switch (type) {
            case STRING -> out.writeString(value.asText());
            case BOOL -> out.writeBool(value.booleanValue());
            case F32 -> out.writeFloat(value.isTextual() ? Float.parseFloat(value.asText()) : value.floatValue());
            case F64 -> out.writeDouble(value.isTextual() ? Double.parseDouble(value.asText()) : value.doubleValue());
            default -> out.writeBigInteger(new BigInteger(value.asText()), type.size());
        }
    }
}
