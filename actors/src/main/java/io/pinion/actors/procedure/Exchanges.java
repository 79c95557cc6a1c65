package io.pinion.actors.procedure;

import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.store.value.Bytes;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ClientTransport;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.OutgoingConnectionBuilder;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpMethod;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpProtocols;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RequestEntityAcceptances;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.settings.ClientConnectionSettings;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.StreamLimitReachedException;
import org.apache.pekko.stream.SystemMaterializer;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** One request and its response on a connection of its own, to the address that it is told. Threadsafe. */
final class Exchanges {
    private static final String CONTENT_TYPE = "content-type";

    private final Http http;
    private final Materializer materializer;
    private final ClientConnectionSettings connection;
    private final int bodyBytesMax;

    /** @param bodyBytesMax of a response */
    Exchanges(ActorSystem<?> system, int bodyBytesMax) {
        this.http = Http.get(system);
        this.materializer = SystemMaterializer.get(system).materializer();
        this.connection = ClientConnectionSettings.create(system.settings().config());
        this.bodyBytesMax = bodyBytesMax;
    }

    /** One that is on its way. */
    record Running(CompletableFuture<HttpResponse> response, UniqueKillSwitch killSwitch) {
        /** Closes the connection, if it is open. */
        void abort() {
            killSwitch.shutdown();
        }
    }

    /** The name in the request's URI is for the server alone, and for its certificate. */
    Running start(OutgoingRequest request, InetSocketAddress address) throws EgressException {
        ClientTransport toAddress =
                ClientTransport.withCustomResolver((_, _) -> CompletableFuture.completedFuture(address));
        OutgoingConnectionBuilder to = http.connectionTo(request.uri().getHost())
                .toPort(OutgoingRequest.port(request.uri()))
                .withClientConnectionSettings(connection.withTransport(toAddress));
        var flow = OutgoingRequest.isSecure(request.uri()) ? to.https() : to.http();
        // The body is read within the stream: the connection closes as soon as the stream has what it wants.
        var running = Source.single(rendered(request))
                .via(flow)
                .mapAsync(1, this::read)
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(Sink.head(), Keep.both())
                .run(materializer);
        // A body that is too large fails the connection as well, and sometimes that is heard of first.
        CompletionStage<HttpResponse> response =
                running.second().exceptionallyCompose(failure -> CompletableFuture.failedStage(explained(failure)));
        return new Running(response.toCompletableFuture(), running.first());
    }

    private static HttpRequest rendered(OutgoingRequest request) throws EgressException {
        ContentType contentType = ContentTypes.NO_CONTENT_TYPE;
        List<org.apache.pekko.http.javadsl.model.HttpHeader> headers = new ArrayList<>();
        for (HttpHeader header : request.headers()) {
            String value = new String(header.value().unsafeArray(), StandardCharsets.ISO_8859_1);
            if (header.name().toLowerCase(Locale.ROOT).equals(CONTENT_TYPE)) {
                contentType = contentType(value);
            } else {
                headers.add(RawHeader.create(header.name(), value));
            }
        }
        return HttpRequest.create(target(request.uri()))
                .withMethod(method(request.method()))
                .withProtocol(HttpProtocols.HTTP_1_1)
                .addHeaders(headers)
                .withEntity(HttpEntities.create(contentType, request.body().unsafeArray()));
    }

    /** The host is named in a header that the connection adds. */
    private static String target(URI uri) {
        URI ascii = URI.create(uri.toASCIIString());
        String path = ascii.getRawPath() == null || ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
    }

    private static ContentType contentType(String text) throws EgressException {
        try {
            return ContentTypes.parse(text);
        } catch (IllegalArgumentException | NoSuchElementException e) {
            throw new EgressException("the header content-type has a value that no media type can have");
        }
    }

    private static HttpMethod method(String name) {
        return HttpMethods.lookup(name)
                .orElseGet(() -> HttpMethods.custom(name, false, false, RequestEntityAcceptances.Expected));
    }

    private CompletionStage<HttpResponse> read(org.apache.pekko.http.javadsl.model.HttpResponse response) {
        return response.entity()
                .withoutSizeLimit()
                .getDataBytes()
                .limitWeighted(bodyBytesMax, chunk -> (long) chunk.size())
                .runWith(Sink.fold(ByteString.emptyByteString(), ByteString::concat), materializer)
                .thenApply(body -> understood(response, Bytes.wrap(body.toArray())));
    }

    private Throwable explained(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StreamLimitReachedException
                ? new EgressException("the body of the response is larger than the " + bodyBytesMax
                        + " bytes that are allowed (pinion.procedure.http.response-bytes-max)")
                : cause;
    }

    private static HttpResponse understood(org.apache.pekko.http.javadsl.model.HttpResponse response, Bytes body) {
        List<HttpHeader> headers = new ArrayList<>();
        ContentType contentType = response.entity().getContentType();
        if (!contentType.equals(ContentTypes.NO_CONTENT_TYPE)) {
            headers.add(header(CONTENT_TYPE, contentType.toString()));
        }
        response.entity()
                .getContentLengthOption()
                .ifPresent(bytes -> headers.add(header("content-length", Long.toString(bytes))));
        response.getHeaders().forEach(sent -> headers.add(header(sent.lowercaseName(), sent.value())));
        HttpVersion version =
                response.protocol().equals(HttpProtocols.HTTP_1_0) ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
        return new HttpResponse(version, response.status().intValue(), headers, body);
    }

    private static HttpHeader header(String name, String value) {
        return new HttpHeader(name, Bytes.wrap(value.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
