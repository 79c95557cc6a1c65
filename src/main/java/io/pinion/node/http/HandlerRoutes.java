package io.pinion.node.http;

import io.pinion.actors.database.Database;
import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpVersion;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpProtocols;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.Materializer;

/**
 * {@code /v1/database/{db}/route…}: requests that modules answer. The module sees them as they came, whoever makes them:
 * nobody is authenticated. Its route is what follows {@code /route}, letter by letter.
 */
final class HandlerRoutes {
    private static final Pattern PATH = Pattern.compile("/v1/database/([^/]+)/route(/.*)?");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final String NO_HANDLER = "no handler is registered for this route";
    private static final String INVALID = "the module's response is not valid: ";
    private static final int STATUS_MIN = 200;
    private static final int STATUS_MAX = 999;

    private final Databases databases;
    private final Materializer materializer;

    HandlerRoutes(Databases databases, Materializer materializer) {
        this.databases = databases;
        this.materializer = materializer;
    }

    /** The answer, if the path is one of these. Blocks. */
    Optional<HttpResponse> answer(HttpRequest request) {
        Matcher path = PATH.matcher(request.getUri().path());
        if (!path.matches()) {
            return Optional.empty();
        }
        Exchange exchange = new Exchange(request, Map.of("db", path.group(1)), materializer);
        return Optional.of(answer(exchange, path.group(2) == null ? "" : path.group(2)));
    }

    private HttpResponse answer(Exchange exchange, String route) {
        Identity database = databases.resolve(exchange);
        var seen = new io.pinion.modules.HttpRequest(
                exchange.request().method().value(),
                externalUri(exchange),
                version(exchange.request()),
                headers(exchange.request()),
                null,
                exchange.body(databases.settings().bodyBytesMax()));
        long deadlineNanos =
                System.nanoTime() + databases.settings().callTimeout().toNanos();
        Database.HttpOutcome outcome = databases.<Database.HttpOutcome>ask(
                database,
                replyTo -> new Database.Command.HandleHttp(route, seen, deadlineNanos, replyTo),
                databases.settings().procedureTimeout());
        return switch (outcome) {
            case Database.Answered(var response) -> response(response);
            case Database.NoSuchRoute _ -> Answers.text(404, NO_HANDLER);
            case Database.Failed failed -> Answers.text(500, failed.reason());
            case Database.Stopped stopped ->
                Answers.text(500, "the handler was stopped by a limit: " + stopped.limit());
            case Database.Refusal refusal -> throw Databases.refused(refusal, database);
        };
    }

    /** As the client wrote it, as far as proxies tell. */
    private static String externalUri(Exchange exchange) {
        String scheme = first(exchange, "x-forwarded-proto").orElse("http");
        String authority = first(exchange, "x-forwarded-host")
                .or(() -> exchange.header("host"))
                .orElseGet(() -> exchange.request().getUri().host().address());
        String query = exchange.request()
                .getUri()
                .rawQueryString()
                .map(text -> "?" + text)
                .orElse("");
        return scheme + "://" + authority + exchange.request().getUri().path() + query;
    }

    private static Optional<String> first(Exchange exchange, String header) {
        return exchange.header(header).map(value -> value.split(",", 2)[0].strip());
    }

    private static HttpVersion version(HttpRequest request) {
        if (request.protocol().equals(HttpProtocols.HTTP_1_0)) {
            return HttpVersion.HTTP_1_0;
        }
        return request.protocol().value().startsWith("HTTP/2") ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1;
    }

    /** All of them; those that the server has taken into the entity are put back. */
    private static List<HttpHeader> headers(HttpRequest request) {
        List<HttpHeader> headers = new ArrayList<>();
        request.getHeaders().forEach(header -> {
            if (header.renderInRequests()) {
                headers.add(header(header.lowercaseName(), header.value()));
            }
        });
        ContentType type = request.entity().getContentType();
        if (!type.equals(ContentTypes.NO_CONTENT_TYPE)) {
            headers.add(header("content-type", type.toString()));
        }
        request.entity()
                .getContentLengthOption()
                .ifPresent(length -> headers.add(header("content-length", Long.toString(length))));
        return headers;
    }

    private static HttpHeader header(String name, String value) {
        return new HttpHeader(name, Bytes.wrap(value.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** As the module says, if it can be said in HTTP. */
    private static HttpResponse response(io.pinion.modules.HttpResponse answered) {
        if (answered.code() < STATUS_MIN || answered.code() > STATUS_MAX) {
            return Answers.text(500, INVALID + "its status is " + answered.code());
        }
        ContentType type = ContentTypes.NO_CONTENT_TYPE;
        List<org.apache.pekko.http.javadsl.model.HttpHeader> headers = new ArrayList<>();
        for (HttpHeader header : answered.headers()) {
            String value = new String(header.value().unsafeArray(), StandardCharsets.ISO_8859_1);
            if (!TOKEN.matcher(header.name()).matches() || !VALUE.matcher(value).matches()) {
                return Answers.text(500, INVALID + "one of its headers cannot be sent");
            }
            if (header.name().equalsIgnoreCase("content-type")) {
                try {
                    type = ContentTypes.parse(value);
                } catch (IllegalArgumentException | NoSuchElementException _) {
                    return Answers.text(500, INVALID + "its content type is none");
                }
            } else if (!isOfTransfer(header.name())) {
                headers.add(RawHeader.create(header.name(), value));
            }
        }
        return HttpResponse.create()
                .withStatus(status(answered.code()))
                .addHeaders(headers)
                .withEntity(HttpEntities.create(type, answered.body().unsafeArray()));
    }

    /** How the body is sent is the server's business. */
    private static boolean isOfTransfer(String header) {
        return header.equalsIgnoreCase("content-length")
                || header.equalsIgnoreCase("transfer-encoding")
                || header.equalsIgnoreCase("connection");
    }

    private static StatusCode status(int code) {
        return StatusCodes.lookup(code).orElseGet(() -> StatusCodes.custom(code, "", "", code < 400, true));
    }
}
