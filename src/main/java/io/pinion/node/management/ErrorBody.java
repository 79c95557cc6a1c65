package io.pinion.node.management;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.node.http.Answers;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * The one shape of every answer that is no success:
 *
 * <pre>
 *   {"error": {"status": 403, "message": "…"}}
 * </pre>
 */
final class ErrorBody {
    private ErrorBody() {}

    /** The answer itself if it is a success or has that shape already. */
    static HttpResponse of(HttpResponse response) {
        boolean isRefusal = response.status().isFailure();
        return isRefusal && !isJson(response.entity())
                ? response.withEntity(HttpEntities.create(
                        ContentTypes.APPLICATION_JSON,
                        json(response.status().intValue(), message(response)).toString()))
                : response;
    }

    private static boolean isJson(HttpEntity entity) {
        return entity.getContentType().equals(ContentTypes.APPLICATION_JSON)
                && text(entity).filter(body -> body.startsWith("{\"error\":")).isPresent();
    }

    /** What an answer says that is no success; empty for one that is. */
    static String message(HttpResponse response) {
        if (response.status().isSuccess()) {
            return "";
        }
        return text(response.entity())
                .filter(text -> !text.isBlank())
                .map(ErrorBody::unpacked)
                .orElseGet(() -> ofStatus(response));
    }

    /** Pekko's routes wrap some of what they say in an object. */
    private static String unpacked(String text) {
        return text.startsWith("{\"message\":")
                ? Nodes.parse(text).path("message").asText()
                : text;
    }

    /** Refusals are short texts that are there as a whole. */
    private static Optional<String> text(HttpEntity entity) {
        return entity instanceof HttpEntity.Strict strict
                ? Optional.of(strict.getData().utf8String())
                : Optional.empty();
    }

    private static String ofStatus(HttpResponse response) {
        return switch (response.status().intValue()) {
            case 404 -> "there is no such route; /pinion/openapi.json lists all of them";
            case 405 ->
                "the route does not have this method, only "
                        + response.getHeader("Allow")
                                .map(header -> header.value())
                                .orElse("others");
            default -> response.status().reason();
        };
    }

    static ObjectNode json(int status, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error").put("status", status).put("message", message);
        return body;
    }

    static HttpResponse response(int status, String message) {
        return of(Answers.text(status, message));
    }
}
