package io.pinion.store.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class RawModuleDefReaderTest {
    static final List<String> MODULES = Vectors.MODULES;
    private static final int FLIPS_PER_MODULE = 5_000;

    @ParameterizedTest
    @FieldSource("MODULES")
    void aRecordedModuleIsTheValueItsJsonSpells(String name) {
        JsonNode json =
                numbersForStrings(Vectors.json("moduledef/" + name + ".json").get("V10"));

        Bytes spelled = SatsJson.toBsatn(RawModuleDefTypes.TYPESPACE, RawModuleDefTypes.V10, json.toString());

        assertEquals(Vectors.module(name), tagged(2, spelled));
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void whatIsWrittenReadsBackTheSame(String name) {
        RawModuleDef.V10 recorded = (RawModuleDef.V10) RawModuleDefReader.read(Vectors.module(name));

        RawModuleDef again = RawModuleDefReader.read(tagged(2, RawModuleDefWriter.write(recorded)));

        assertEquals(recorded, again);
    }

    @Test
    void aV9DescriptionReadsBackTheSame() throws InvalidModuleDefException {
        for (String name : MODULES) {
            RawModuleDef.V9 description = DescriptionV9.of(ModuleDefValidator.tree(Vectors.module(name)));

            assertEquals(description, RawModuleDefReader.read(tagged(1, RawModuleDefWriter.write(description))));
        }
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void aDescriptionCutAnywhereIsRefused(String name) {
        byte[] whole = Vectors.module(name).toArray();
        for (int length = 0; length < whole.length; length++) {
            Bytes cut = Bytes.wrap(Arrays.copyOf(whole, length));
            InvalidModuleDefException refusal =
                    assertThrows(InvalidModuleDefException.class, () -> ModuleDef.of(cut), "cut at " + length);
            assertTrue(refusal.toString().contains("malformed"), refusal::toString);
        }
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void aDescriptionWithFlippedBitsIsReadOrRefused(String name) {
        long seed = System.nanoTime();
        System.out.println("seed of flipped bits in " + name + ": " + seed);
        Random random = new Random(seed);
        byte[] whole = Vectors.module(name).toArray();
        for (int i = 0; i < FLIPS_PER_MODULE; i++) {
            byte[] flipped = whole.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                ModuleDef.of(Bytes.wrap(flipped));
            } catch (InvalidModuleDefException e) {
                assertTrue(!e.reasons().isEmpty());
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + ", " + HexFormat.of().formatHex(flipped), e);
            }
        }
    }

    @Test
    void whatFollowsTheDescriptionIsIgnored() throws InvalidModuleDefException {
        Bytes description = RawModuleBuilder.aModule().reducer("greet").bytes();
        Bytes longer = new BsatnWriter().writeRaw(description).writeInt(7).toBytes();

        assertEquals(ModuleDef.of(description).reducers(), ModuleDef.of(longer).reducers());
    }

    @Test
    void ofASectionThatOccursTwiceTheFirstCounts() throws InvalidModuleDefException {
        BsatnWriter twice = new BsatnWriter().writeByte(2).writeInt(2);
        twice.writeByte(11).writeInt(1).writeString("a");
        twice.writeByte(11).writeInt(1).writeString("b");

        assertEquals(
                List.of("a"),
                ModuleDef.of(twice.toBytes()).httpHandlers().stream()
                        .map(ModuleDef.HttpHandlerDef::name)
                        .toList());
    }

    @Test
    void anUnknownVersionIsRefused() {
        assertMalformed(new BsatnWriter().writeByte(3).toBytes(), "tag 3");
        assertMalformed(Bytes.EMPTY, "0 bytes");
    }

    @Test
    void aDeclaredCountReservesNoMemory() {
        BsatnWriter huge =
                new BsatnWriter().writeByte(2).writeInt(1).writeByte(0).writeInt(-1);

        assertMalformed(huge.toBytes(), "only 0 bytes are left");
    }

    @Test
    void aTypeNestedTooDeepIsRefused() {
        BsatnWriter deep =
                new BsatnWriter().writeByte(2).writeInt(1).writeByte(0).writeInt(1);
        for (int i = 0; i < 1_000_000; i++) {
            deep.writeByte(AlgebraicType.ARRAY_TAG);
        }

        assertMalformed(deep.toBytes(), "nests deeper");
    }

    @Test
    void submodulesNestedTooDeepAreRefused() {
        BsatnWriter deep = new BsatnWriter().writeByte(2);
        for (int i = 0; i < 100_000; i++) {
            deep.writeInt(1).writeByte(14).writeInt(1).writeString("s");
        }

        assertMalformed(deep.toBytes(), "nests deeper");
    }

    @Test
    void aFewReferencesThatStandForAHugeTypeAreRefusedFast() {
        RawModuleBuilder module = RawModuleBuilder.aModule();
        for (int i = 0; i < 40; i++) {
            module.type(
                    "T" + (char) ('a' + i / 26) + (char) ('a' + i % 26),
                    AlgebraicType.product(
                            AlgebraicType.element("a", new AlgebraicType.Ref(i + 1)),
                            AlgebraicType.element("b", new AlgebraicType.Ref(i + 1))));
        }
        module.type("Last", AlgebraicType.product(AlgebraicType.element("a", Primitive.U8)));
        module.table("big", table -> table.column("a", new AlgebraicType.Ref(0)));

        InvalidModuleDefException refusal = assertThrows(InvalidModuleDefException.class, module::build);

        assertTrue(refusal.toString().contains("table `big`: column `a`"), refusal::toString);
        assertTrue(refusal.toString().contains("parts"), refusal::toString);
    }

    @Test
    void aLongChainOfReferencesIsFollowedOnce() {
        RawModuleBuilder module =
                RawModuleBuilder.aModule().reducer("r", AlgebraicType.element("x", new AlgebraicType.Ref(0)));
        for (int i = 1; i <= 100_000; i++) {
            module.type(new AlgebraicType.Ref(i));
        }
        module.type(Primitive.U8);

        ModuleDef def = assertTimeoutPreemptively(Duration.ofSeconds(30), module::build);

        assertEquals(1, def.reducers().size());
    }

    private static void assertMalformed(Bytes description, String why) {
        InvalidModuleDefException refusal =
                assertThrows(InvalidModuleDefException.class, () -> ModuleDef.of(description));
        assertTrue(refusal.toString().contains("malformed"), refusal::toString);
        assertTrue(refusal.toString().contains(why), refusal::toString);
    }

    static Bytes tagged(int version, Bytes description) {
        return new BsatnWriter().writeByte(version).writeRaw(description).toBytes();
    }

    /** The recorded JSON has 128-bit numbers as strings. */
    private static JsonNode numbersForStrings(JsonNode node) {
        for (JsonNode table : node.findValues("sequences")) {
            for (JsonNode sequence : table) {
                for (String field : List.of("start", "min_value", "max_value")) {
                    if (sequence.get(field).get("some") instanceof TextNode text) {
                        ((ObjectNode) sequence.get(field)).put("some", new BigInteger(text.textValue()));
                    }
                }
                ((ObjectNode) sequence)
                        .put(
                                "increment",
                                new BigInteger(sequence.get("increment").textValue()));
            }
        }
        return node;
    }
}
