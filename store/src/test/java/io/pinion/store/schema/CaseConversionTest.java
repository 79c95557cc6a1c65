package io.pinion.store.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class CaseConversionTest {
    @TestFactory
    List<DynamicTest> convertsEveryRecordedName() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode vector : Vectors.json("names.json").get("vectors")) {
            String source = vector.get("source").textValue();
            tests.add(DynamicTest.dynamicTest("`" + source + "`", () -> {
                assertEquals(vector.get("snake").textValue(), CaseConversion.snake(source));
                assertEquals(vector.get("camel").textValue(), CaseConversion.camel(source));
                assertEquals(vector.get("pascal").textValue(), CaseConversion.pascal(source));
            }));
        }
        assertFalse(tests.isEmpty());
        return tests;
    }

    @Test
    void aCombiningMarkBelongsToItsLetter() {
        assertEquals("a\u0301_b", CaseConversion.snake("a\u0301B"));
        assertEquals("a_\u0301b", CaseConversion.snake("a_\u0301b"));
    }
}
