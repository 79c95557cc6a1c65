package io.pinion.node.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The OpenAPI description, as tests hold answers against it. */
final class Description {
    private static final JsonNode DOCUMENT = read();

    private Description() {}

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(new OpenApi().text());
        } catch (JsonProcessingException e) {
            throw new AssertionError("the description is no JSON", e);
        }
    }

    static JsonNode document() {
        return DOCUMENT;
    }

    /** Method and path of each operation. */
    static Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : DOCUMENT.path("paths").properties()) {
            path.getValue()
                    .fieldNames()
                    .forEachRemaining(method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
        }
        return operations;
    }

    /** Fails if a route is described, but not that it answers with that status. */
    static void check(String method, String pathAndQuery, int status) {
        String path = pathAndQuery.replaceFirst("\\?.*", "");
        for (Map.Entry<String, JsonNode> described : DOCUMENT.path("paths").properties()) {
            JsonNode operation =
                    described.getValue().path(method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT));
            if (!operation.isMissingNode()
                    && isLiteral(path, described.getKey())
                    && !operation.path("responses").has(Integer.toString(status))) {
                throw new AssertionError(
                        method + " " + path + " answers with " + status + ", which its description does not know");
            }
        }
    }

    private static boolean isLiteral(String path, String template) {
        return Pattern.matches(template.replaceAll("\\{[^}]*}", "[^/]+"), path);
    }
}
