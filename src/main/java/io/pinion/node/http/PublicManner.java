package io.pinion.node.http;

import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.Materializer;

/** The server that clients talk to: any web page may, and modules answer some requests themselves. */
final class PublicManner implements Router.Manner {
    private static final List<HttpHeader> CORS = List.of(
            RawHeader.create("access-control-allow-origin", "*"),
            RawHeader.create("vary", "origin, access-control-request-method, access-control-request-headers"));
    private static final List<HttpHeader> PREFLIGHT = List.of(
            RawHeader.create("access-control-allow-methods", "*"),
            RawHeader.create("access-control-allow-headers", "authorization,accept,content-type"));

    private final HandlerRoutes handlers;
    private final Materializer materializer;

    PublicManner(HandlerRoutes handlers, Materializer materializer) {
        this.handlers = handlers;
        this.materializer = materializer;
    }

    @Override
    public Optional<HttpResponse> before(HttpRequest request) {
        if (request.method().equals(HttpMethods.OPTIONS)) {
            Router.discardBody(request, materializer);
            return Optional.of(Answers.empty(200).addHeaders(PREFLIGHT));
        }
        return handlers.answer(request);
    }

    @Override
    public HttpResponse after(HttpResponse response) {
        return response.addHeaders(CORS);
    }
}
