package io.pinion.store.value;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.store.FuzzBounds;
import io.pinion.store.table.RowLayout;
import io.pinion.store.value.SatsJson.Spelling;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever bytes come: a type, then a value of it, are read or refused, and all readers agree. Seeds are the vectors of
 * the specification.
 */
class ValueFuzzTest {
    static Stream<Arguments> seeds() {
        Stream<JsonNode> valid = Vectors.stream(Vectors.load("bsatn.json"));
        Stream<JsonNode> invalid =
                Vectors.stream(Vectors.load("bsatn_invalid.json").get("must_reject"));
        return Stream.concat(valid, invalid).filter(ValueFuzzTest::isWhole).map(ValueFuzzTest::seed);
    }

    private static boolean isWhole(JsonNode vector) {
        return vector.has("type") && vector.has("bsatn") && !vector.has("typespace");
    }

    private static Arguments seed(JsonNode vector) {
        Bytes value = Vectors.bsatn(vector);
        BsatnWriter input = new BsatnWriter();
        TypeCodec.write(input, Vectors.type(vector));
        return Arguments.of((Object) input.writeRaw(value).toBytes().toArray());
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "3s")
    void bytesAreATypeAndAValueOrRefused(byte[] input) {
        readCheaply(input);
    }

    @Tag("slow")
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "10m")
    void bytesAreATypeAndAValueOrRefusedFor10Minutes(byte[] input) {
        readCheaply(input);
    }

    private static void readCheaply(byte[] input) {
        if (input.length <= FuzzBounds.INPUT_MAX) {
            FuzzBounds.assertCheap(input.length, () -> read(input));
        }
    }

    private static void read(byte[] input) {
        BsatnReader reader = new BsatnReader(input);
        try {
            AlgebraicType type = TypeCodec.read(reader);
            assertEquals(Bytes.copyOf(input, 0, reader.position()), TypeCodec.toBsatn(type), "the type written again");
            readValue(type, input, reader.position());
        } catch (BsatnException | InvalidTypeException e) {
            requireMessage(e);
        }
    }

    private static void requireMessage(RuntimeException refusal) {
        if (refusal.getMessage() == null) {
            throw new AssertionError("refused without a reason", refusal);
        }
    }

    /** The type has no typespace, so that one with a reference is refused here. */
    private static void readValue(AlgebraicType type, byte[] input, int at) {
        BsatnLayout layout = BsatnLayout.of(type);
        int checked = checked(layout, input, at);
        RowLayout row = new RowLayout(AlgebraicType.product(AlgebraicType.element("value", type)));
        int rowLength = row.checkPrefix(input, at, input.length);
        assertEquals(checked < 0 ? -1 : checked - at, rowLength, () -> "a table disagrees about " + type);
        if (checked >= 0) {
            assertEquals(checked, layout.skip(input, at, input.length), "skipped");
            if (!hasEmptyElements(type)) {
                checkJson(type, Bytes.copyOf(input, at, checked - at));
            }
        }
    }

    private static int checked(BsatnLayout layout, byte[] input, int at) {
        try {
            return layout.check(input, at, input.length);
        } catch (BsatnException e) {
            requireMessage(e);
            return -1;
        }
    }

    /** Whether a few bytes of a value can stand for much text: arrays of what takes no bytes. */
    private static boolean hasEmptyElements(AlgebraicType type) {
        return switch (type) {
            case AlgebraicType.Array array ->
                BsatnLayout.fixedSize(array.element()).orElse(1) == 0 || hasEmptyElements(array.element());
            case AlgebraicType.Product product ->
                product.elements().stream().anyMatch(element -> hasEmptyElements(element.type()));
            case AlgebraicType.Sum sum -> sum.variants().stream().anyMatch(variant -> hasEmptyElements(variant.type()));
            case AlgebraicType.Primitive _, AlgebraicType.Ref _ -> false;
        };
    }

    /** The positional spelling needs no names, so that every value has one. NaN and infinities are null, one way. */
    private static void checkJson(AlgebraicType type, Bytes value) {
        String json = SatsJson.toJson(Spelling.POSITIONAL, Typespace.EMPTY, type, value);
        if (json.contains("null")) {
            return;
        }
        Bytes again = SatsJson.toBsatn(Typespace.EMPTY, type, json);
        String jsonAgain = SatsJson.toJson(Spelling.POSITIONAL, Typespace.EMPTY, type, again);
        assertEquals(json, jsonAgain, () -> "JSON there and back of " + type);
    }
}
