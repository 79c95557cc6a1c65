package io.pinion.node.management;

import io.pinion.node.http.Answers;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The description of all routes of the management, as a resource of the same name has it. */
final class OpenApi {
    private static final String RESOURCE = "openapi.json";

    private final String text;

    OpenApi() {
        try (InputStream in = Objects.requireNonNull(OpenApi.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource " + RESOURCE + " cannot be read", e);
        }
    }

    String text() {
        return text;
    }

    List<Route> routes() {
        return List.of(Route.get("/pinion/openapi.json", Access.OPEN, _ -> Answers.json(text)));
    }
}
