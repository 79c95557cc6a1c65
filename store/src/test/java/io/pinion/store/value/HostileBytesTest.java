package io.pinion.store.value;

import static io.pinion.store.value.AlgebraicType.element;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.AlgebraicType.Sum;
import io.pinion.store.value.BsatnException.Category;
import io.pinion.store.value.SatsJson.Spelling;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostileBytesTest {
    private static final List<Primitive> PRIMITIVES = List.of(Primitive.values());

    /** A list: a value and, perhaps, the rest of the list. */
    private static final Typespace LIST = new Typespace(List.of(
            AlgebraicType.product(element("value", Primitive.U8), element("rest", AlgebraicType.option(new Ref(0))))));

    @Test
    void randomBytesAreAValueOrARefusalAndAllReadersAgree() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 10_000; round++) {
            AlgebraicType type = randomType(random, 3);
            byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                // Small numbers make plausible counts and tags.
                bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(3));
            }
            String context = "seed " + seed + ", round " + round + ": " + type;

            int checked = outcome(() -> BsatnLayout.of(type).check(bytes, 0, bytes.length), context);
            int skipped = outcome(() -> BsatnLayout.of(type).skip(bytes, 0, bytes.length), context);
            int written = outcome(() -> write(type, bytes), context);

            assertEquals(checked, written, context);
            if (checked >= 0) {
                assertEquals(checked, skipped, context);
                OptionalInt fixed = BsatnLayout.fixedSize(type);
                assertTrue(fixed.isEmpty() || fixed.getAsInt() == checked, context);
            }
        }
    }

    private interface Walk {
        int run();
    }

    private static int outcome(Walk walk, String context) {
        try {
            return walk.run();
        } catch (BsatnException _) {
            return -1;
        } catch (RuntimeException e) {
            throw new AssertionError(context, e);
        }
    }

    private static int write(AlgebraicType type, byte[] bytes) {
        BsatnReader reader = new BsatnReader(bytes);
        StringWriter text = new StringWriter();
        try (JsonGenerator out = SatsJson.generator(text)) {
            SatsJson.write(out, Spelling.POSITIONAL, Typespace.EMPTY, type, reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reader.position();
    }

    private static AlgebraicType randomType(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 7 : 4);
        return switch (kind) {
            case 4 -> new Array(randomType(random, depth - 1));
            case 5 -> new Product(randomElements(random, depth - 1));
            case 6 -> new Sum(randomElements(random, depth - 1));
            default -> PRIMITIVES.get(random.nextInt(PRIMITIVES.size()));
        };
    }

    private static List<Element> randomElements(Random random, int depth) {
        List<Element> elements = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            elements.add(element("f" + i, randomType(random, depth)));
        }
        return elements;
    }

    @Test
    void aDeclaredCountReservesNothing() {
        byte[] bytes = Bytes.ofHex("ffffffff").toArray();
        for (AlgebraicType type : List.of(
                Primitive.STRING,
                new Array(Primitive.U8),
                new Array(Primitive.U256),
                new Array(Primitive.BOOL),
                new Array(new Array(Primitive.U8)))) {
            BsatnException thrown = assertThrows(
                    BsatnException.class, () -> BsatnLayout.of(type).check(bytes, 0, 4), type::toString);
            assertEquals(Category.TOO_SHORT, thrown.category());
        }
    }

    @Test
    void emptyElementsAreLimited() {
        BsatnLayout layout = BsatnLayout.of(new Array(AlgebraicType.product(element("a", AlgebraicType.UNIT))));
        byte[] most = count(BsatnLayout.MAX_ZERO_WIDTH_COUNT);
        byte[] tooMany = count(BsatnLayout.MAX_ZERO_WIDTH_COUNT + 1);

        assertEquals(4, layout.check(most, 0, 4));
        assertEquals(
                Category.TOO_LONG,
                assertThrows(BsatnException.class, () -> layout.check(tooMany, 0, 4))
                        .category());
        assertEquals(
                Category.TOO_LONG,
                assertThrows(BsatnException.class, () -> layout.skip(tooMany, 0, 4))
                        .category());
    }

    private static byte[] count(int count) {
        return new BsatnWriter().writeInt(count).toBytes().toArray();
    }

    @Test
    void recursionEndsAtALimit() {
        BsatnLayout layout = BsatnLayout.of(LIST, new Ref(0));
        byte[] endless = new byte[100_000];

        assertEquals(
                Category.TOO_DEEP,
                assertThrows(BsatnException.class, () -> layout.check(endless, 0, endless.length))
                        .category());
        assertEquals(
                Category.TOO_DEEP,
                assertThrows(
                                BsatnException.class,
                                () -> SatsJson.toJson(Spelling.NATIVE, LIST, new Ref(0), Bytes.wrap(endless)))
                        .category());
        assertEquals(4, layout.check(Bytes.ofHex("0700" + "0801").toArray(), 0, 4));
        assertFalse(layout.isFixedSize());
    }

    @Test
    void typesThatNoValueHasAreRefusedAtOnce() {
        Typespace typespace = new Typespace(List.of(
                new Ref(0), AlgebraicType.product(element("a", new Ref(1)), element("b", new Ref(1))), new Ref(9)));

        for (int index : new int[] {0, 1}) {
            BsatnLayout layout = BsatnLayout.of(typespace, new Ref(index));
            assertEquals(
                    Category.TOO_DEEP,
                    assertThrows(BsatnException.class, () -> layout.check(new byte[8], 0, 8))
                            .category());
        }
        assertThrows(InvalidTypeException.class, () -> BsatnLayout.of(typespace, new Ref(2)));
        assertThrows(InvalidTypeException.class, () -> BsatnLayout.of(typespace, new Ref(-1)));
        assertThrows(InvalidTypeException.class, () -> BsatnLayout.of(new Ref(0)));
    }

    @Test
    void aRowOfFixedSizeHasExactlyThatSize() {
        BsatnLayout fixed =
                BsatnLayout.of(AlgebraicType.product(element("a", Primitive.U32), element("b", Primitive.BOOL)));
        BsatnLayout variable = BsatnLayout.of(AlgebraicType.product(element("a", Primitive.STRING)));

        assertEquals(5, fixed.checkRow(new byte[5], 0, 5));
        assertEquals(4, variable.checkRow(new byte[6], 0, 6));
        for (int length : new int[] {0, 4, 6}) {
            assertEquals(
                    Category.WRONG_LENGTH,
                    assertThrows(BsatnException.class, () -> fixed.checkRow(new byte[8], 0, length))
                            .category());
        }
    }

    @Test
    void sizesAreFixedWhereEveryValueHasTheSame() {
        assertEquals(OptionalInt.of(0), BsatnLayout.fixedSize(AlgebraicType.UNIT));
        assertEquals(OptionalInt.of(9), BsatnLayout.fixedSize(AlgebraicType.SCHEDULE_AT));
        assertEquals(OptionalInt.of(32), BsatnLayout.fixedSize(AlgebraicType.IDENTITY));
        assertEquals(
                OptionalInt.of(1),
                BsatnLayout.fixedSize(
                        AlgebraicType.sum(element("A", AlgebraicType.UNIT), element("B", AlgebraicType.UNIT))));
        assertEquals(
                OptionalInt.of(14),
                BsatnLayout.fixedSize(AlgebraicType.product(
                        element("a", Primitive.BOOL),
                        element("b", Primitive.U32),
                        element("c", AlgebraicType.SCHEDULE_AT))));
        for (AlgebraicType type : List.of(
                Primitive.STRING,
                new Array(Primitive.U8),
                AlgebraicType.option(Primitive.U8),
                AlgebraicType.NEVER,
                AlgebraicType.product(element("a", Primitive.U8), element("b", Primitive.STRING)))) {
            assertEquals(OptionalInt.empty(), BsatnLayout.fixedSize(type), type::toString);
        }
    }

    @Test
    void utf8IsJudgedAsTheJdkJudgesIt() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] bytes = new byte[4];
        for (int lead = 0x80; lead <= 0xff; lead++) {
            for (int second = 0; second <= 0xff; second++) {
                for (int third : new int[] {0x7f, 0x80, 0xbf, 0xc0}) {
                    for (int fourth : new int[] {0x41, 0x80}) {
                        bytes[0] = (byte) lead;
                        bytes[1] = (byte) second;
                        bytes[2] = (byte) third;
                        bytes[3] = (byte) fourth;
                        assertSameAsJdk(bytes, "");
                    }
                }
            }
        }
        for (int round = 0; round < 20_000; round++) {
            byte[] text =
                    "añb日本c🦀 plain text".substring(0, 1 + random.nextInt(10)).getBytes(StandardCharsets.UTF_8);
            text[random.nextInt(text.length)] ^= (byte) (random.nextBoolean() ? 0 : random.nextInt());
            assertSameAsJdk(text, "seed " + seed);
        }
    }

    private static void assertSameAsJdk(byte[] bytes, String context) {
        boolean jdk = true;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException _) {
            jdk = false;
        }
        assertEquals(
                jdk,
                Utf8.isValid(bytes, 0, bytes.length),
                () -> Bytes.wrap(bytes).toHex() + " " + context);
    }
}
