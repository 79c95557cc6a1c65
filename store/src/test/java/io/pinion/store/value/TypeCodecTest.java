package io.pinion.store.value;

import static io.pinion.store.value.AlgebraicType.element;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.BsatnException.Category;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TypeCodecTest {
    static Stream<Arguments> examples() {
        return Stream.of(
                Arguments.of(Primitive.U8, "07", "{\"U8\":[]}"),
                Arguments.of(Primitive.STRING, "04", "{\"String\":[]}"),
                Arguments.of(Primitive.F64, "13", "{\"F64\":[]}"),
                Arguments.of(new Array(Primitive.U8), "0307", "{\"Array\":{\"U8\":[]}}"),
                Arguments.of(new Ref(3), "0003000000", "{\"Ref\":3}"),
                Arguments.of(AlgebraicType.UNIT, "0200000000", "{\"Product\":{\"elements\":[]}}"),
                Arguments.of(AlgebraicType.NEVER, "0100000000", "{\"Sum\":{\"variants\":[]}}"),
                Arguments.of(
                        AlgebraicType.option(Primitive.STRING),
                        "01020000000004000000736f6d650400040000006e6f6e650200000000",
                        "{\"Sum\":{\"variants\":[{\"name\":{\"some\":\"some\"},\"algebraic_type\":{\"String\":[]}},"
                                + "{\"name\":{\"some\":\"none\"},\"algebraic_type\":{\"Product\":{\"elements\":[]}}}]}}"),
                Arguments.of(
                        AlgebraicType.product(element("a", Primitive.U8), element(null, new Array(new Ref(1)))),
                        "02020000000001000000610701030001000000",
                        "{\"Product\":{\"elements\":[{\"name\":{\"some\":\"a\"},\"algebraic_type\":{\"U8\":[]}},"
                                + "{\"name\":{\"none\":[]},\"algebraic_type\":{\"Array\":{\"Ref\":1}}}]}}"));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void aTypeIsReadAndWrittenInBothForms(AlgebraicType type, String bsatn, String json) throws IOException {
        assertEquals(bsatn, TypeCodec.toBsatn(type).toHex());
        assertEquals(type, TypeCodec.read(new BsatnReader(Bytes.ofHex(bsatn))));
        assertEquals(json, json(out -> TypeCodec.writeJson(out, type)));
        assertEquals(type, TypeCodec.readJson(json));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void aTypeCutShortIsTooShort(AlgebraicType type, String bsatn, String json) {
        Bytes whole = Bytes.ofHex(bsatn);
        for (int length = 0; length < whole.length(); length++) {
            BsatnReader reader = new BsatnReader(whole.unsafeArray(), 0, length);
            assertEquals(
                    Category.TOO_SHORT,
                    assertThrows(BsatnException.class, () -> TypeCodec.read(reader), json + type)
                            .category());
        }
    }

    @Test
    void everyPrimitiveHasItsTag() {
        int tag = AlgebraicType.ARRAY_TAG;
        for (Primitive primitive : Primitive.values()) {
            assertEquals(++tag, primitive.tag());
            assertEquals(primitive, Primitive.ofTag(tag));
        }
        assertEquals(19, tag);
        assertEquals(
                Category.BAD_TAG,
                assertThrows(BsatnException.class, () -> TypeCodec.read(new BsatnReader(new byte[] {20})))
                        .category());
    }

    @Test
    void aProductIsAlsoWrittenWithoutItsTag() throws IOException {
        Product product = AlgebraicType.product(element("id", Primitive.U32));
        BsatnWriter writer = new BsatnWriter();
        TypeCodec.writeProduct(writer, product);

        assertEquals("02" + writer.toBytes().toHex(), TypeCodec.toBsatn(product).toHex());
        assertEquals(product, TypeCodec.readProduct(new BsatnReader(writer.toBytes())));
        assertEquals(
                "{\"elements\":[{\"name\":{\"some\":\"id\"},\"algebraic_type\":{\"U32\":[]}}]}",
                json(out -> TypeCodec.writeProductJson(out, product)));
    }

    @Test
    void typesNestSoDeepAndNoDeeper() throws IOException {
        AlgebraicType deepest = nested(AlgebraicType.MAX_DEPTH);
        Bytes tooDeep = TypeCodec.toBsatn(nested(AlgebraicType.MAX_DEPTH + 1));

        assertEquals(deepest, TypeCodec.read(new BsatnReader(TypeCodec.toBsatn(deepest))));
        assertTrue(json(out -> TypeCodec.writeJson(out, deepest)).startsWith("{\"Product\""));
        assertEquals(
                Category.TOO_DEEP,
                assertThrows(BsatnException.class, () -> TypeCodec.read(new BsatnReader(tooDeep)))
                        .category());
        byte[] endless = new byte[1_000_000];
        Arrays.fill(endless, (byte) AlgebraicType.ARRAY_TAG);
        assertEquals(
                Category.TOO_DEEP,
                assertThrows(BsatnException.class, () -> TypeCodec.read(new BsatnReader(endless)))
                        .category());
    }

    private static AlgebraicType nested(int depth) {
        AlgebraicType type = Primitive.U8;
        for (int i = 0; i < depth; i++) {
            type = AlgebraicType.product(element("a", type));
        }
        return type;
    }

    @Test
    void inliningFollowsReferencesAndRefusesWhatHasNoEnd() {
        Typespace typespace = new Typespace(List.of(
                AlgebraicType.product(element("a", new Ref(1)), element("b", new Ref(1))),
                new Array(Primitive.U8),
                AlgebraicType.product(element("next", AlgebraicType.option(new Ref(2))))));

        assertEquals(
                AlgebraicType.product(element("a", new Array(Primitive.U8)), element("b", new Array(Primitive.U8))),
                typespace.inline(new Ref(0)));
        assertThrows(InvalidTypeException.class, () -> typespace.inline(new Ref(2)));
        assertThrows(InvalidTypeException.class, () -> typespace.inline(new Ref(3)));
    }

    @Test
    void inliningIsLimitedInDepthAndInParts() {
        List<AlgebraicType> doubling = new ArrayList<>();
        List<AlgebraicType> chain = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            doubling.add(AlgebraicType.product(element("a", new Ref(i + 1)), element("b", new Ref(i + 1))));
            chain.add(new Ref(i + 1));
        }
        List<AlgebraicType> thirty = new ArrayList<>(doubling.subList(0, 30));
        thirty.add(Primitive.U8);
        chain.add(Primitive.U8);

        assertThrows(InvalidTypeException.class, () -> new Typespace(thirty).inline(new Ref(0)));
        assertThrows(InvalidTypeException.class, () -> new Typespace(doubling).inline(new Ref(0)));
        assertThrows(InvalidTypeException.class, () -> new Typespace(chain).inline(new Ref(0)));
        assertThrows(InvalidTypeException.class, () -> BsatnLayout.of(new Typespace(doubling), new Ref(0)));
        assertEquals(Primitive.U8, new Typespace(chain).resolve(new Ref(0)));
    }

    private interface Writing {
        void to(JsonGenerator out) throws IOException;
    }

    private static String json(Writing writing) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = SatsJson.generator(text)) {
            writing.to(out);
        }
        return text.toString();
    }
}
