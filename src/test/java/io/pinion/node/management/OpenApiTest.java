package io.pinion.node.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The description by itself; that it names the routes that there are is checked where there are some. */
class OpenApiTest {
    private static final Pattern IN_BRACES = Pattern.compile("\\{([^}]*)}");

    @Test
    void everyReferenceLeadsSomewhere() {
        for (JsonNode reference : Description.document().findValues("$ref")) {
            String pointer = reference.asText().substring(1);
            assertFalse(Description.document().at(pointer).isMissingNode(), pointer);
        }
    }

    @Test
    void everyParameterOfAPathIsDescribed() {
        for (Map.Entry<String, JsonNode> path :
                Description.document().path("paths").properties()) {
            Set<String> inPath = new TreeSet<>();
            Matcher matcher = IN_BRACES.matcher(path.getKey());
            while (matcher.find()) {
                inPath.add(matcher.group(1));
            }
            for (JsonNode operation : path.getValue()) {
                Set<String> described = new TreeSet<>();
                for (JsonNode parameter : operation.path("parameters")) {
                    JsonNode resolved = parameter.has("$ref")
                            ? Description.document()
                                    .at(parameter.path("$ref").asText().substring(1))
                            : parameter;
                    if (resolved.path("in").asText().equals("path")) {
                        described.add(resolved.path("name").asText());
                    }
                }
                assertEquals(inPath, described, path.getKey());
            }
        }
    }

    @Test
    void everyOperationSaysWhatItDoesAndWhatItAnswers() {
        List<String> incomplete = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path :
                Description.document().path("paths").properties()) {
            for (JsonNode operation : path.getValue()) {
                if (operation.path("summary").asText().isEmpty()
                        || !operation.path("responses").has("200")) {
                    incomplete.add(path.getKey());
                }
            }
        }
        assertTrue(incomplete.isEmpty(), incomplete.toString());
        assertEquals("3.1.0", Description.document().path("openapi").asText());
    }
}
