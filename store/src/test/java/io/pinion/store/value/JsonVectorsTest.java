package io.pinion.store.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.store.value.SatsJson.Spelling;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class JsonVectorsTest {
    @TestFactory
    Stream<DynamicTest> everySpellingIsWritten() {
        return vectors(vector -> {
            assertEquals(vector.get("named").asText(), write(vector, Spelling.NATIVE));
            assertEquals(vector.get("positional").asText(), write(vector, Spelling.POSITIONAL));
            assertEquals(vector.get("row").asText(), write(vector, Spelling.ROW));
        });
    }

    @TestFactory
    Stream<DynamicTest> everySpellingAndItsAlternativesAreRead() {
        return vectors(vector -> {
            List<String> rejected = texts(vector.path("rejected"));
            Stream.of("named", "positional", "row")
                    .map(spelling -> vector.get(spelling).asText())
                    .filter(json -> !rejected.contains(json))
                    .forEach(json -> assertReads(vector, json));
            texts(vector.path("also_accepted")).forEach(json -> assertReads(vector, json));
        });
    }

    @TestFactory
    Stream<DynamicTest> whatIsNoSpellingIsRefused() {
        return vectors(vector -> texts(vector.path("rejected"))
                .forEach(json -> assertThrows(SatsJsonException.class, () -> read(vector, json), json)));
    }

    private interface Check {
        void run(JsonNode vector);
    }

    private static Stream<DynamicTest> vectors(Check check) {
        return Vectors.stream(Vectors.load("json.json").get("vectors"))
                .map(vector -> dynamicTest(Vectors.title(vector), () -> check.run(vector)));
    }

    private static List<String> texts(JsonNode array) {
        return Vectors.stream(array).map(JsonNode::asText).toList();
    }

    private static String write(JsonNode vector, Spelling spelling) {
        return SatsJson.toJson(spelling, Typespace.EMPTY, Vectors.type(vector), Vectors.bsatn(vector));
    }

    private static Bytes read(JsonNode vector, String json) {
        return SatsJson.toBsatn(Typespace.EMPTY, Vectors.type(vector), json);
    }

    private static void assertReads(JsonNode vector, String json) {
        assertEquals(Vectors.bsatn(vector), read(vector, json), json);
    }
}
