package io.pinion.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.actors.database.Database;
import io.pinion.node.ws.Refusals;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** The few forms an answer has: empty, text, JSON. */
public final class Answers {
    /** A number outside the usual enumerations: the module refused or failed. */
    public static final int MODULE_ERROR = 530;

    private static final StatusCode MODULE_ERROR_STATUS =
            StatusCodes.custom(MODULE_ERROR, "Module Error", "Module Error", false, true);

    private Answers() {}

    public static HttpResponse empty(int status) {
        return HttpResponse.create().withStatus(status(status)).withEntity(HttpEntities.EMPTY);
    }

    public static HttpResponse text(int status, String message) {
        return HttpResponse.create()
                .withStatus(status(status))
                .withEntity(HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, message));
    }

    public static HttpResponse json(JsonNode body) {
        return json(body.toString());
    }

    static HttpResponse json(int status, JsonNode body) {
        return json(body.toString()).withStatus(status(status));
    }

    /** The owner has locked the database. */
    public static HttpResponse locked(String database) {
        return text(403, "the database " + database + " is locked; run `spacetime unlock " + database + "` first");
    }

    /** The content type is exactly {@code application/json}: clients compare it for equality. */
    public static HttpResponse json(String body) {
        return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, body));
    }

    /** How long the database worked for the request. */
    public static HttpResponse withDuration(HttpResponse response, long executionNanos) {
        return response.addHeader(RawHeader.create(
                "spacetime-execution-duration-micros", Long.toString(TimeUnit.NANOSECONDS.toMicros(executionNanos))));
    }

    /** A command that was not carried out, or of which nothing is known. */
    public static HttpResponse refusal(Database.Refusal refusal) {
        String reason = Refusals.text(refusal);
        return switch (refusal) {
            case Database.NoSuchModule _ -> text(404, reason);
            case Database.Overloaded(Duration retryAfter) ->
                text(503, reason).addHeader(RawHeader.create("Retry-After", Long.toString(wholeSeconds(retryAfter))));
            case Database.NotAdmitted _ -> text(403, reason);
            case Database.DeadlineExceeded _ -> text(504, reason);
            case Database.OutcomeUnknown _ -> text(500, reason);
            case Database.Moved _, Database.Unavailable _ -> text(503, reason).addHeader(retrySoon());
        };
    }

    private static RawHeader retrySoon() {
        return RawHeader.create("Retry-After", "1");
    }

    private static long wholeSeconds(Duration duration) {
        return Math.max(1, duration.plusMillis(999).toSeconds());
    }

    static StatusCode status(int status) {
        return status == MODULE_ERROR ? MODULE_ERROR_STATUS : StatusCodes.get(status);
    }
}
