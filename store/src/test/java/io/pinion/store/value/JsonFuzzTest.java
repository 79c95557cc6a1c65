package io.pinion.store.value;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.pinion.store.FuzzBounds;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.SatsJson.Spelling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever text comes as JSON of some type: it is a value of it, or refused. The first byte chooses the type. */
class JsonFuzzTest {
    private static final Typespace TYPES = new Typespace(List.of(AlgebraicType.product(
            AlgebraicType.element("value", Primitive.U8),
            AlgebraicType.element("rest", AlgebraicType.option(new AlgebraicType.Ref(0))))));

    private static final List<AlgebraicType> CHOICE = choice();

    private static List<AlgebraicType> choice() {
        List<AlgebraicType> all = new ArrayList<>(Arrays.asList(Primitive.values()));
        all.addAll(List.of(
                new AlgebraicType.Array(Primitive.U8),
                new AlgebraicType.Array(AlgebraicType.option(Primitive.STRING)),
                AlgebraicType.IDENTITY,
                AlgebraicType.SCHEDULE_AT,
                new AlgebraicType.Ref(0),
                TypeCodec.META_TYPE));
        return List.copyOf(all);
    }

    private static Typespace typespace(int choice) {
        return CHOICE.get(choice).equals(TypeCodec.META_TYPE) && choice == CHOICE.size() - 1
                ? TypeCodec.META_TYPESPACE
                : TYPES;
    }

    static Stream<Arguments> seeds() {
        List<String> texts = List.of(
                "\"a\\u0000\\ud83d\\ude00\"",
                "true",
                "-170141183460469231731687303715884105728",
                "1e400",
                "\"NaN\"",
                "[1, 2, 255]",
                "\"00ff\"",
                "[{\"some\": \"x\"}, {\"none\": []}, [0, \"y\"], null]",
                "{\"__identity__\": \"0x00\"}",
                "{\"Interval\": {\"__time_duration_micros__\": 5}}",
                "{\"value\": 1, \"rest\": {\"some\": [2, {\"none\": []}]}}",
                "{\"Product\": {\"elements\": [{\"name\": {\"some\": \"a\"}, \"algebraic_type\": {\"U8\": []}}]}}");
        return IntStream.range(0, CHOICE.size())
                .boxed()
                .flatMap(choice -> texts.stream().map(text -> seed(choice, text)));
    }

    private static Arguments seed(int choice, String text) {
        BsatnWriter input = new BsatnWriter().writeByte(choice);
        return Arguments.of(
                (Object) input.writeRaw(Bytes.ofUtf8(text)).toBytes().toArray());
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "3s")
    void textIsAValueOrRefused(byte[] input) {
        readCheaply(input);
    }

    @Tag("slow")
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "10m")
    void textIsAValueOrRefusedFor10Minutes(byte[] input) {
        readCheaply(input);
    }

    private static void readCheaply(byte[] input) {
        if (input.length > 0 && input.length <= FuzzBounds.INPUT_MAX) {
            FuzzBounds.assertCheap(input.length, () -> read(input));
        }
    }

    private static void read(byte[] input) {
        int choice = Math.floorMod(input[0], CHOICE.size());
        AlgebraicType type = CHOICE.get(choice);
        Typespace typespace = typespace(choice);
        String text = new String(input, 1, input.length - 1, StandardCharsets.UTF_8);
        Bytes value;
        try {
            value = SatsJson.toBsatn(typespace, type, text);
        } catch (SatsJsonException e) {
            if (e.getMessage() == null) {
                throw new AssertionError("refused without a reason", e);
            }
            return;
        }
        int length = BsatnLayout.of(typespace, type).check(value.unsafeArray(), 0, value.length());
        assertEquals(value.length(), length, "what was read is one value");
        String json = SatsJson.toJson(Spelling.NATIVE, typespace, type, value);
        Bytes again = SatsJson.toBsatn(typespace, type, json);
        assertEquals(json, SatsJson.toJson(Spelling.NATIVE, typespace, type, again), "there and back");
    }
}
