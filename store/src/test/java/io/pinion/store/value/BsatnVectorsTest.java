package io.pinion.store.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.store.value.BsatnException.Category;
import io.pinion.store.value.SatsJson.Spelling;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class BsatnVectorsTest {
    @TestFactory
    Stream<DynamicTest> everyVectorIsAValueOfItsTypeToTheLastByte() {
        return each("bsatn.json", vector -> {
            Bytes bsatn = Vectors.bsatn(vector);
            BsatnLayout layout = layout(vector);

            assertEquals(bsatn.length(), layout.check(bsatn.unsafeArray(), 0, bsatn.length()));
            assertEquals(bsatn.length(), layout.skip(bsatn.unsafeArray(), 0, bsatn.length()));
            layout.fixedSize().ifPresent(size -> assertEquals(bsatn.length(), size));
        });
    }

    @TestFactory
    Stream<DynamicTest> everyVectorIsWhatItsNotationEncodesTo() {
        return each("bsatn.json", vector -> {
            BsatnWriter out = new BsatnWriter();
            Vectors.encode(Vectors.typespace(vector), Vectors.type(vector), vector.get("value"), out);

            assertEquals(vector.get("bsatn").asText(), out.toBytes().toHex());
        });
    }

    @TestFactory
    Stream<DynamicTest> everyVectorSurvivesEachJsonSpelling() {
        return each("bsatn.json", vector -> {
            Typespace typespace = Vectors.typespace(vector);
            AlgebraicType type = Vectors.type(vector);
            Bytes bsatn = Vectors.bsatn(vector);

            for (Spelling spelling : Spelling.values()) {
                String json = SatsJson.toJson(spelling, typespace, type, bsatn);
                if (!json.contains("null")) {
                    assertEquals(bsatn, SatsJson.toBsatn(typespace, type, json), json);
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> everyVectorCutShortIsTooShort() {
        return each("bsatn.json", vector -> {
            Bytes bsatn = Vectors.bsatn(vector);
            BsatnLayout layout = layout(vector);

            for (int length = 0; length < bsatn.length(); length++) {
                byte[] cut = Arrays.copyOf(bsatn.unsafeArray(), length);
                BsatnException thrown =
                        assertThrows(BsatnException.class, () -> layout.check(cut, 0, cut.length), "at " + length);
                assertEquals(Category.TOO_SHORT, thrown.category());
                assertThrows(BsatnException.class, () -> layout.skip(cut, 0, cut.length), "at " + length);
                assertThrows(
                        BsatnException.class,
                        () -> SatsJson.toJson(
                                Spelling.POSITIONAL, Vectors.typespace(vector), Vectors.type(vector), Bytes.wrap(cut)),
                        "at " + length);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> everyInvalidVectorIsRefusedForItsReason() {
        return Vectors.stream(Vectors.load("bsatn_invalid.json").get("must_reject"))
                .map(vector -> dynamicTest(Vectors.title(vector), () -> {
                    Bytes bsatn = Vectors.bsatn(vector);
                    BsatnLayout layout = layout(vector);
                    Category category = category(vector.get("error").asText());

                    BsatnException checked = assertThrows(
                            BsatnException.class, () -> layout.check(bsatn.unsafeArray(), 0, bsatn.length()));
                    BsatnException written = assertThrows(
                            BsatnException.class,
                            () -> SatsJson.toJson(Spelling.NATIVE, Typespace.EMPTY, Vectors.type(vector), bsatn));

                    assertEquals(category, checked.category());
                    assertEquals(category, written.category());
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyTolerableVectorIsToleratedSaveEndlessEmptiness() {
        return Vectors.stream(Vectors.load("bsatn_invalid.json").get("must_accept_or_tolerate"))
                .map(vector -> dynamicTest(Vectors.title(vector), () -> {
                    Bytes bsatn = Vectors.bsatn(vector);
                    BsatnLayout layout = layout(vector);

                    if (vector.get("note").asText().contains("impose your own cap")) {
                        BsatnException thrown = assertThrows(
                                BsatnException.class, () -> layout.check(bsatn.unsafeArray(), 0, bsatn.length()));
                        assertEquals(Category.TOO_LONG, thrown.category());
                    } else {
                        assertTrue(layout.check(bsatn.unsafeArray(), 0, bsatn.length()) <= bsatn.length());
                    }
                }));
    }

    private interface Check {
        void run(JsonNode vector);
    }

    private static Stream<DynamicTest> each(String file, Check check) {
        return Vectors.stream(Vectors.load(file))
                .map(vector -> dynamicTest(Vectors.title(vector), () -> check.run(vector)));
    }

    private static BsatnLayout layout(JsonNode vector) {
        return BsatnLayout.of(Vectors.typespace(vector), Vectors.type(vector));
    }

    private static Category category(String name) {
        return switch (name) {
            case "InvalidBool" -> Category.BAD_BOOL;
            case "BufferLength" -> Category.TOO_SHORT;
            case "InvalidUtf8" -> Category.BAD_UTF8;
            case "InvalidTag" -> Category.BAD_TAG;
            default -> throw new AssertionError(name);
        };
    }
}
