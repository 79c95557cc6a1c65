package io.pinion.store.value;

import static io.pinion.store.value.AlgebraicType.element;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.SatsJson.Spelling;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SatsJsonTest {
    private static final Product ORDER = AlgebraicType.product(
            element("amount", Primitive.U64),
            element("tags", new Array(Primitive.STRING)),
            element(
                    "state",
                    AlgebraicType.sum(
                            element("Idle", AlgebraicType.UNIT),
                            element("Move", AlgebraicType.product(element("d", Primitive.U8))))));
    private static final Product PARAMETERS =
            AlgebraicType.product(element("name", Primitive.STRING), element("order", new Ref(0)));
    private static final Typespace TYPESPACE = new Typespace(List.of(ORDER));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                                     | expected a JSON value, got nothing",
                "[\"a\"]                                | invalid length 1, expected reducer args for buy with 2 elements",
                "[]                                     | invalid length 0, expected reducer args for buy with 2 elements",
                "[\"a\", [1, [], [0, []]], 3, [4]]      | invalid length 4, expected reducer args for buy with 2 elements",
                "5                                      | expected an object or an array of 2 elements, got an integer",
                "null                                   | expected an object or an array of 2 elements, got null",
                "[5, null]                              | [0]: expected String, got an integer",
                "[\"a\", null]                          | [1]: expected an object or an array of 3 elements, got null",
                "[\"a\", [1, []]]                       | [1]: invalid length 2, expected a product with 3 elements",
                "[\"a\", {\"amount\": \"5\"}]           | [1].amount: expected U64, got a string",
                "[\"a\", {\"amount\": -1}]              | [1].amount: -1 is out of range for U64",
                "[\"a\", {\"amount\": 1.0}]             | [1].amount: expected U64, got a number with a fraction or exponent",
                "[\"a\", {\"amount\": 1}]               | [1]: missing field \"tags\"",
                "[\"a\", {\"amount\": 1, \"amount\": 2}] | [1].amount: the field is given twice",
                "[\"a\", {\"price\": 1}]                | [1].price: there is no such field",
                "[\"a\", [1, [\"x\", 7], [0, []]]]      | [1][1][1]: expected String, got an integer",
                "[\"a\", [1, [], {\"Walk\": []}]]       | [1][2].Walk: there is no variant \"Walk\"",
                "[\"a\", [1, [], {\"Move\": {\"d\": 256}}]] | [1][2].Move.d: 256 is out of range for U8",
                "[\"a\", [1, [], [7, []]]]              | [1][2][0]: there is no variant \"7\"",
                "[\"a\", [1, [], [0, [], 1]]]           | [1][2][2]: expected one variant and its payload, got more",
                "{\"name\": \"a\", \"order\": true}     | order: expected an object or an array of 3 elements, got a bool",
                "{\"nome\": \"a\"}                      | nome: there is no such field",
                "[\"\\ud800\", []]                      | [0]: expected String, got half a surrogate pair"
            })
    void whatDoesNotFitIsNamedWithItsPlace(String json, String message) {
        SatsJsonException thrown = assertThrows(
                SatsJsonException.class,
                () -> SatsJson.readArguments("reducer args for buy", TYPESPACE, PARAMETERS, json));

        assertEquals(message, thrown.getMessage());
    }

    @Test
    void argumentsAreReadInOrderOrByName() {
        Bytes expected = new BsatnWriter()
                .writeString("a")
                .writeLong(7)
                .writeInt(1)
                .writeString("t")
                .writeByte(1)
                .writeByte(9)
                .toBytes();

        for (String json : List.of(
                "[\"a\", [7, [\"t\"], [1, [9]]]]",
                "{\"name\": \"a\", \"order\": {\"amount\": 7, \"tags\": [\"t\"], \"state\": {\"Move\": {\"d\": 9}}}}",
                "{\"order\": {\"state\": [\"Move\", [9]], \"tags\": [\"t\"], \"amount\": 7}, \"name\": \"a\"}",
                " {\"order\": {\"tags\": [\"t\"], \"state\": {\"1\": [9]}, \"amount\": 7}, \"name\": \"a\"} ")) {
            assertEquals(expected, SatsJson.readArguments("args", TYPESPACE, PARAMETERS, json), json);
        }
    }

    @Test
    void fieldsWithoutContentMayComeInAnyOrder() {
        Product type = AlgebraicType.product(
                element("a", AlgebraicType.UNIT), element("b", Primitive.U8), element("c", AlgebraicType.UNIT));

        assertEquals(Bytes.ofHex("05"), SatsJson.toBsatn(Typespace.EMPTY, type, "{\"c\":[],\"b\":5,\"a\":{}}"));
        assertThrows(
                SatsJsonException.class,
                () -> SatsJson.toBsatn(Typespace.EMPTY, type, "{\"a\":[],\"a\":[],\"b\":5,\"c\":[]}"));
    }

    @Test
    void brokenTextIsRefusedWithLineAndColumn() {
        for (String json : List.of("[1", "[1,]", "{\"a\" 1}", "[01]", "NaN", "'x'", "[1] x", "[1] [2]", "\"\\x\"")) {
            SatsJsonException thrown = assertThrows(
                    SatsJsonException.class,
                    () -> SatsJson.toBsatn(Typespace.EMPTY, new Array(Primitive.U32), json),
                    json);
            assertTrue(
                    Objects.requireNonNull(thrown.getMessage())
                            .matches("(?s)line 1, column \\d+: .*|unexpected text.*|expected an array.*"),
                    thrown.getMessage());
        }
    }

    @Test
    void nestingIsLimited() {
        // A list of itself: every level is an array of arrays.
        Typespace typespace = new Typespace(List.of(new Array(new Ref(0))));

        String deepest = "[".repeat(SatsJson.MAX_NESTING) + "]".repeat(SatsJson.MAX_NESTING);
        SatsJson.toBsatn(typespace, new Ref(0), deepest);

        assertThrows(SatsJsonException.class, () -> SatsJson.toBsatn(typespace, new Ref(0), "[" + deepest + "]"));
        assertThrows(SatsJsonException.class, () -> SatsJson.toBsatn(typespace, new Ref(0), "[".repeat(1_000_000)));
    }

    @Test
    void aNamelessFieldCanOnlyBeWrittenByPosition() {
        Product type = AlgebraicType.product(element(null, Primitive.U8));
        Bytes five = Bytes.ofHex("05");

        assertEquals("[5]", SatsJson.toJson(Spelling.POSITIONAL, Typespace.EMPTY, type, five));
        assertEquals(five, SatsJson.toBsatn(Typespace.EMPTY, type, "[5]"));
        for (Spelling spelling : List.of(Spelling.NATIVE, Spelling.ROW)) {
            assertThrows(SatsJsonException.class, () -> SatsJson.toJson(spelling, Typespace.EMPTY, type, five));
        }
        assertThrows(SatsJsonException.class, () -> SatsJson.toBsatn(Typespace.EMPTY, type, "{\"\":5}"));
    }

    @Test
    void emptinessDoesNotMultiply() {
        // Sixty doublings of unit: no bytes, but more text than there are atoms to write it with.
        List<AlgebraicType> types = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            types.add(AlgebraicType.product(element("a", new Ref(i + 1)), element("b", new Ref(i + 1))));
        }
        types.add(AlgebraicType.UNIT);
        Typespace typespace = new Typespace(types);

        assertEquals(0, BsatnLayout.of(typespace, new Ref(0)).check(new byte[0], 0, 0));
        BsatnException thrown = assertThrows(
                BsatnException.class, () -> SatsJson.toJson(Spelling.POSITIONAL, typespace, new Ref(0), Bytes.EMPTY));
        assertEquals(BsatnException.Category.TOO_LONG, thrown.category());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "-0.0, -0.0",
        "1, 1.0",
        "-1.5, -1.5",
        "0.1, 0.1",
        "100, 100.0",
        "1e15, 1000000000000000.0",
        "1e16, 1e16",
        "123456789012345680, 1.2345678901234568e17",
        "1e-5, 0.00001",
        "1e-6, 1e-6",
        "1.5e-6, 1.5e-6",
        "0.001234, 0.001234",
        "5e-324, 5e-324",
        "1.7976931348623157e308, 1.7976931348623157e308",
        "2e-323, 2e-323",
        "1e23, 1e23",
        "9007199254740993, 9007199254740992.0"
    })
    void doublesAreWrittenAsShortAsTheyCanBe(double value, String json) {
        assertEquals(json, JsonFloats.toJson(value));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "0.1, 0.1",
        "16777216, 16777216.0",
        "1e13, 1e13",
        "1e12, 1000000000000.0",
        "1e-6, 0.000001",
        "1e-7, 1e-7",
        "1e-5, 0.00001",
        "1.4e-45, 1e-45",
        "3.4028235e38, 3.4028235e38",
        "-0.5, -0.5"
    })
    void floatsAreWrittenAsShortAsTheyCanBe(float value, String json) {
        assertEquals(json, JsonFloats.toJson(value));
    }

    @Test
    void everyFiniteFloatReadsBackAsItself() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            double wide = Double.longBitsToDouble(random.nextLong());
            float narrow = Float.intBitsToFloat(random.nextInt());
            String wideJson = JsonFloats.toJson(wide);
            String narrowJson = JsonFloats.toJson(narrow);

            assertEquals(Double.isFinite(wide), wideJson != null);
            assertEquals(Float.isFinite(narrow), narrowJson != null);
            if (wideJson != null && narrowJson != null) {
                assertEquals(wide, Double.parseDouble(wideJson), "seed " + seed);
                assertEquals(narrow, Float.parseFloat(narrowJson), "seed " + seed);
                assertTrue(digits(wideJson) <= digits(Double.toString(wide)), wideJson);
            }
        }
    }

    private static int digits(String number) {
        return new BigDecimal(number).stripTrailingZeros().precision();
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        for (String json : List.of("1e400", "-1e400")) {
            assertThrows(SatsJsonException.class, () -> SatsJson.toBsatn(Typespace.EMPTY, Primitive.F64, json), json);
        }
        assertThrows(SatsJsonException.class, () -> SatsJson.toBsatn(Typespace.EMPTY, Primitive.F32, "1e39"));
        assertThrows(
                SatsJsonException.class,
                () -> SatsJson.toBsatn(Typespace.EMPTY, Primitive.U256, "\"0x1" + "0".repeat(64) + "\""));
        assertEquals(
                Bytes.ofHex("01" + "00".repeat(31)),
                SatsJson.toBsatn(Typespace.EMPTY, Primitive.U256, "\"0x" + "0".repeat(100_000) + "1\""));
    }
}
