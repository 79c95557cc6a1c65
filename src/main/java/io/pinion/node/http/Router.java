package io.pinion.node.http;

import io.pinion.actors.cluster.HostingRefusedException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.Materializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a request to its route: exact matching of paths, 404 and 405 without a body, authentication, and the last word on
 * errors. Each request is handled on a virtual thread of its own. Threadsafe.
 */
public final class Router {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    private final List<Route> routes;
    private final Manner manner;
    private final Gate gate;
    private final Witness witness;
    private final Executor virtualThreads;
    private final Materializer materializer;

    /** What one server does with every request beside finding its route. Threadsafe. */
    public interface Manner {
        /** The answer to a request that is no route's, if it is one. May block. */
        Optional<HttpResponse> before(HttpRequest request);

        /** What every answer leaves as. */
        HttpResponse after(HttpResponse response);
    }

    /** Leaves the caller in the exchange, as far as the route asks for one, or refuses. Threadsafe. */
    @FunctionalInterface
    public interface Gate {
        void authenticate(Exchange exchange, Route.Access access);
    }

    /** Hears of every request that a route has answered, refused ones too, before the answer leaves. May block. */
    @FunctionalInterface
    public interface Witness {
        void answered(Route route, Exchange exchange, HttpResponse response);
    }

    public Router(
            List<Route> routes,
            Manner manner,
            Gate gate,
            Witness witness,
            Executor virtualThreads,
            Materializer materializer) {
        this.routes = List.copyOf(routes);
        this.manner = manner;
        this.gate = gate;
        this.witness = witness;
        this.virtualThreads = virtualThreads;
        this.materializer = materializer;
    }

    public CompletionStage<HttpResponse> handle(HttpRequest request) {
        return CompletableFuture.supplyAsync(() -> manner.after(answer(request)), virtualThreads);
    }

    private HttpResponse answer(HttpRequest request) {
        Optional<HttpResponse> answered = guarded(request, () -> manner.before(request));
        if (answered.isPresent()) {
            return answered.get();
        }
        Optional<List<String>> path = segments(request.getUri().path());
        List<Match> matches = path.map(segments -> matches(segments).toList()).orElse(List.of());
        Optional<Match> match = matches.stream()
                .filter(candidate -> candidate.route().answers(request.method()))
                .findFirst();
        if (match.isPresent()) {
            return run(match.get(), request);
        }
        discardBody(request, materializer);
        return matches.isEmpty()
                ? Answers.empty(404)
                : Answers.empty(405).addHeader(RawHeader.create("Allow", methods(matches)));
    }

    private record Match(Route route, Map<String, String> parameters) {}

    private Stream<Match> matches(List<String> path) {
        return routes.stream().flatMap(route -> route.match(path).map(found -> new Match(route, found)).stream());
    }

    private static String methods(List<Match> matches) {
        return matches.stream()
                .map(match -> match.route().method())
                .flatMap(
                        method -> method.equals(HttpMethods.GET) ? Stream.of("GET", "HEAD") : Stream.of(method.value()))
                .collect(Collectors.joining(","));
    }

    /** The decoded segments of a path; nothing if an escape in it is broken. */
    private static Optional<List<String>> segments(String path) {
        try {
            return Optional.of(
                    Arrays.stream(path.substring(path.startsWith("/") ? 1 : 0).split("/", -1))
                            .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
                            .toList());
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private HttpResponse run(Match match, HttpRequest request) {
        Exchange exchange = new Exchange(request, match.parameters(), materializer);
        HttpResponse response = attempt(match.route(), exchange);
        witness.answered(match.route(), exchange, response);
        return response;
    }

    private HttpResponse attempt(Route route, Exchange exchange) {
        try {
            exchange.requireWellFormed();
            gate.authenticate(exchange, route.access());
            HttpResponse response = handle(route, exchange);
            return route.access().showsIdentity()
                    ? Authenticator.withIdentity(response, exchange.credentials())
                    : response;
        } catch (HttpRefusal refusal) {
            discardBody(exchange.request(), materializer);
            return refusal.response();
        }
    }

    private HttpResponse handle(Route route, Exchange exchange) {
        return guarded(exchange.request(), () -> Optional.of(route.handler().handle(exchange)))
                .orElseThrow();
    }

    private static Optional<HttpResponse> guarded(HttpRequest request, Supplier<Optional<HttpResponse>> handler) {
        try {
            return handler.get();
        } catch (HttpRefusal refusal) {
            return Optional.of(refusal.response());
        } catch (CompletionException e) {
            return Optional.of(failure(request, e.getCause() == null ? e : e.getCause()));
        } catch (RuntimeException e) {
            return Optional.of(failure(request, e));
        }
    }

    private static HttpResponse failure(HttpRequest request, Throwable failure) {
        if (failure instanceof TimeoutException) {
            return Answers.text(504, "the database did not answer in time; whether it was carried out is not known");
        }
        if (failure instanceof HostingRefusedException) {
            return Answers.text(503, String.valueOf(failure.getMessage()));
        }
        LOG.error("{} {} failed", request.method().value(), request.getUri().path(), failure);
        return Answers.text(500, chain(failure));
    }

    private static String chain(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(10)
                .map(Throwable::toString)
                .collect(Collectors.joining(": "));
    }

    /** A client that is still uploading shall see the status and not a reset connection. */
    static void discardBody(HttpRequest request, Materializer materializer) {
        try {
            request.discardEntityBytes(materializer)
                    .completionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            LOG.debug(
                    "the rest of the body of {} could not be read",
                    request.getUri().path(),
                    e);
        }
    }
}
